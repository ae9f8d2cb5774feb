#pragma once

#include <chrono>
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
    kNotSignedIn,  // nobody is signed in, or the sign-in failed: one answer for every cause
    kBusy,         // too many at this moment, or too often: come back later
    kUnavailable,  // a fault: whether the change happened is not known unless the text says so
  };
  Kind kind = Kind::kInvalid;
  std::string reason;                  // stable name, such as "allow_list_required"
  std::string detail;                  // a sentence: what is wrong and what to do
  std::chrono::seconds retry_after{};  // above 0: nothing that comes sooner is looked at
};

}  // namespace counterfoil
