#pragma once

#include <cstdint>
#include <string>

namespace counterfoil {

// Problem is why a change was not made, for people and programs alike: the command line, the admin
// socket and the management API say the same words. `detail` holds nothing secret.
struct Problem {
  enum class Kind : std::uint8_t {
    kInvalid,  // the input is wrong: nothing was tried
    kNotFound,
    kConflict,  // someone else changed it first, or its state forbids it
    kChanged,   // it is no longer as the caller, who made that a condition, saw it
    kNotAllowed,
    kUnavailable,  // a fault: whether the change happened is not known unless the text says so
  };
  Kind kind = Kind::kInvalid;
  std::string reason;  // stable name, such as "allow_list_required"
  std::string detail;  // a sentence: what is wrong and what to do
};

}  // namespace counterfoil
