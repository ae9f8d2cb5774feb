#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "autopsy/evidence.h"
#include "autopsy/finding.h"
#include "base/time.h"
#include "base/wiped_text.h"

namespace counterfoil {

// DoctorCase is one refused request with all that an autopsy may look at, as a file gives it. It
// owns the secrets that the estate borrows.
struct DoctorCase {
  std::string id;
  autopsy::RefusedRequest request;
  autopsy::Estate estate;
  autopsy::Rules rules;
  Timestamp now{};
  std::vector<WipedText> secrets;
};

// read_cases reads a file of cases: a JSON object {"format": "apikey-autopsy-cases/1", "cases":
// [...]}. Members that say what the answer should be are not looked at. Failure: a sentence that
// names the case and the member.
[[nodiscard]] std::expected<std::vector<DoctorCase>, std::string> read_cases(
    const std::string& text);

// causes_of gives the answer to a case: the ids of its causes, "none", or "unknown-signature".
[[nodiscard]] std::vector<std::string> causes_of(const autopsy::Findings& findings);

}  // namespace counterfoil
