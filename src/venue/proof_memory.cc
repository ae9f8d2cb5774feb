#include "venue/proof_memory.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/proof.h"

namespace counterfoil::venue {

ProofMemory::Answer ProofMemory::remember(std::string_view gateway, std::string_view request_id,
                                          Timestamp proven_at, Timestamp now) {
  // Proofs may come a little out of order: one that could go waits for those before it.
  while (!entries_.empty() && entries_.front().forget_at < now) {
    names_.erase(entries_.front().name);
    entries_.pop_front();
  }
  std::string name(gateway);
  name.append("\n").append(request_id);  // Neither holds a line end: check_proof() saw to it.
  if (names_.contains(name)) {
    return Answer::kSeen;
  }
  if (entries_.size() >= kRememberedMax) {
    return Answer::kFull;
  }
  names_.insert(name);
  entries_.push_back({.forget_at = proven_at + kProofAgeMax, .name = std::move(name)});
  return Answer::kNew;
}

}  // namespace counterfoil::venue
