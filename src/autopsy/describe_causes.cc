#include "autopsy/describe_causes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "autopsy/cause.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::string_view kIntroduction = R"(# Causes

*This file is generated from the tables in `src/autopsy`. Do not edit it: change the row and run
`cmake --build build/dev --target generate_causes_doc`.*

An autopsy says which mistake made a refused request. Each mistake has an **id** that never changes; it is told to the
API key's owner alone, never to the caller. A finding is

* **proved**: a signature that was computed anew fits under exactly this mistake, or the fact stands in the request or in our own records;
* **strong**: there is good evidence, and what would settle it is said;
* **possible**: it cannot be seen from here; it stands on the list of what to check when a signature fits nothing.

`none` is said of a request with nothing wrong, `unknown-signature` of a signature that fits nothing that was tried. It is an
honest answer: no cause is ever picked because it is likely.

)";

std::string transports_of(std::uint8_t on) {
  std::string text;
  for (const auto& [bit, name] :
       {std::pair{kOnRest, "REST"}, {kOnWebSocket, "WebSocket"}, {kOnFix, "FIX"}}) {
    if ((on & bit) != 0) {
      text += (text.empty() ? "" : ", ") + std::string(name);
    }
  }
  return text;
}

std::string row_of(const CauseRow& row) {
  std::string text = "### " + std::string(row.id) + "\n\n";
  text += std::string(row.mistake) + "\n\n";
  text += "* *Seen by*: " + std::string(row.evidence) + "\n";
  text +=
      "* *Class*: " + std::string(to_string(row.confidence)) + "; " + transports_of(row.on) + "\n";
  text += "* *Fix*: " + std::string(row.fix) + "\n\n";
  return text;
}

}  // namespace

std::string describe_causes() {
  std::string text(kIntroduction);
  for (const CauseGroup& group : cause_groups()) {
    text += "## " + std::string(group.title) + "\n\n";
    for (const CauseRow& row : group.rows) {
      if (find_cause(row.id) == &row) {  // A cause with several proofs is told once.
        text += row_of(row);
      }
    }
  }
  text.pop_back();
  return text;
}

}  // namespace counterfoil::autopsy
