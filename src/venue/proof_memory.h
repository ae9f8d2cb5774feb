#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/time.h"

namespace counterfoil::venue {

// ProofMemory remembers the ids of requests whose proof was right, for as long as that proof would
// be believed again. One thread at a time.
class ProofMemory {
 public:
  static constexpr std::size_t kRememberedMax = 262'144;

  enum class Answer : std::uint8_t {
    kNew,
    kSeen,
    kFull,  // better to refuse than to forget
  };
  // remember takes note of a request. Ids are the gateway's own, so two gateways may use one id.
  [[nodiscard]] Answer remember(std::string_view gateway, std::string_view request_id,
                                Timestamp proven_at, Timestamp now);

 private:
  struct Entry {
    Timestamp forget_at;
    std::string name;
  };
  std::deque<Entry> entries_;  // in the order of arrival
  std::unordered_set<std::string> names_;
};

}  // namespace counterfoil::venue
