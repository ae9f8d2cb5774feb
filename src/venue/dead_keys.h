#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "venue/proof.h"

namespace counterfoil::venue {

// DeadKeys refuses what was on its way when its API key died. A gateway lets a request go a moment
// before the key is revoked; the event overtakes it on another connection; and the order that
// arrives after its key's orders were cancelled would rest for ever. So a key that was reported
// dead is remembered for as long as an older proof would still be believed. One thread at a time.
class DeadKeys {
 public:
  // Twice the age of a proof: proofs may come from clocks that are ahead.
  static constexpr std::chrono::seconds kRemembered{2 * kProofAgeMax};
  static constexpr std::size_t kRememberedMax = 100'000;  // then the oldest is forgotten

  // refuse makes requests of `api_key` refused that were proved at or before `proved_until`.
  void refuse(std::string_view api_key, Timestamp proved_until, Timestamp now);
  [[nodiscard]] bool refuses(std::string_view api_key, Timestamp proved_at, Timestamp now) const;

 private:
  struct Entry {
    Timestamp proved_until;
    Timestamp forget_at;
  };
  struct Place {
    Timestamp forget_at;
    std::string api_key;
  };
  void forget_old(Timestamp now);

  std::unordered_map<std::string, Entry> entries_;
  std::deque<Place> places_;  // in the order of arrival
};

}  // namespace counterfoil::venue
