#include "autopsy/cause.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace counterfoil::autopsy {

std::string_view to_string(Confidence confidence) {
  switch (confidence) {
    case Confidence::kProved:
      return "proved";
    case Confidence::kStrong:
      return "strong";
    case Confidence::kPossible:
      return "possible";
  }
  std::unreachable();
}

std::span<const CauseGroup> cause_groups() {
  static const auto kGroups = std::to_array<CauseGroup>({
      {"How the API key is named", naming_causes()},
      {"Where the parameters stand", transport_causes()},
      {"Endpoint", endpoint_causes()},
      {"Frames of FIX, and what a Logon signs", fix_causes()},
      {"WebSocket", websocket_causes()},
      {"How the signature is written", value_causes()},
      {"Whose key material", key_causes()},
      {"Algorithm", algorithm_causes()},
      {"How the text is put together", assembly_causes()},
      {"Percent-encoding", encoding_causes()},
      {"Order and choice of the parameters", order_causes()},
      {"Spelling of values", spelling_causes()},
      {"Time", clock_causes()},
      {"State, address, rights", access_causes()},
  });
  return kGroups;
}

const CauseRow* find_cause(std::string_view id) {
  for (const CauseGroup& group : cause_groups()) {
    for (const CauseRow& row : group.rows) {
      if (row.id == id) {
        return &row;
      }
    }
  }
  return nullptr;
}

}  // namespace counterfoil::autopsy
