#pragma once

#include <cstdint>
#include <string>

namespace counterfoil {

// SetupCheck is one thing that a node needs before people use it.
struct SetupCheck {
  enum class State : std::uint8_t { kOk, kWarn, kBad };
  std::string id;  // stable name, such as "tls"
  State state = State::kOk;
  std::string text;      // what is so
  std::string fix = {};  // what to do; empty: nothing
};

}  // namespace counterfoil
