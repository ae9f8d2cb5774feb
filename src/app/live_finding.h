#pragma once

#include <cstdint>
#include <string>

namespace counterfoil {

// LiveFinding is one conclusion for people. `id` is its stable name for scripts.
struct LiveFinding {
  enum class Kind : std::uint8_t {
    kWarning,     // works today
    kProblem,     // requests are refused
    kCannotTell,  // the server did not answer what was asked
  };
  Kind kind = Kind::kWarning;
  std::string id;
  std::string text;
  std::string next;  // what to do
  bool operator==(const LiveFinding&) const = default;
};

}  // namespace counterfoil
