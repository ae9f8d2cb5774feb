#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace counterfoil {

// Notice tells a person of something that was done in their name or to what is theirs (control
// S-66). It says what the audit record says: no secret, and nothing that acts.
struct Notice {
  std::string what;  // the action of the audit record, such as "passkey.add"
  Timestamp time{};
  std::string actor = {};
  std::string source = {};
  std::string object = {};  // the first, when there were several
  std::uint64_t count = 1;  // how often that was done in one change: to so many API keys, say
  std::map<std::string, std::string> detail = {};
  bool operator==(const Notice&) const = default;
};

inline constexpr std::size_t kNoticesMax = 500;  // of one person; older ones go
inline constexpr std::chrono::days kNoticeLife{90};

}  // namespace counterfoil
