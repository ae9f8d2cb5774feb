#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "base/wiped_text.h"
#include "verify/reason.h"

namespace counterfoil {

// CallRefusal is why the authority does not answer a call that it was asked to answer itself.
struct CallRefusal {
  // Tried says whether the call was acted on. If it was, it keeps its fingerprint whatever came of
  // it: the same signed bytes must not be tried again by whoever saw them pass.
  enum class Tried : std::uint8_t { kNo, kYes };

  Reason reason = Reason::kInternal;
  std::string_view parameter;  // the one that is wrong, in our words, not the caller's; or empty
  Tried tried = Tried::kNo;
};

// OwnAnswer is the whole JSON body of an answer with status 200. It may hold a secret (control
// S-03), so it wipes itself.
using OwnAnswer = std::expected<WipedText, CallRefusal>;

}  // namespace counterfoil
