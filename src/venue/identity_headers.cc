#include "venue/identity_headers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/trim.h"
#include "venue/proof.h"
#include "wire/http/field_rules.h"

namespace counterfoil::venue {
namespace {

struct Row {
  std::string_view name;
  std::optional<std::string> IdentityHeaders::* slot;
};
constexpr auto kRows = std::to_array<Row>({
    {"X-Counterfoil-Account", &IdentityHeaders::account},
    {"X-Counterfoil-Key", &IdentityHeaders::api_key},
    {"X-Counterfoil-Permissions", &IdentityHeaders::permissions},
    {"X-Counterfoil-Request-Id", &IdentityHeaders::request_id},
    {"X-Counterfoil-Timestamp", &IdentityHeaders::timestamp},
    {"X-Counterfoil-Gateway", &IdentityHeaders::gateway},
    {"X-Counterfoil-Proof", &IdentityHeaders::proof},
});

void read_line(std::string_view line, IdentityHeaders& headers) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return;  // The request line.
  }
  const auto* const row = std::ranges::find_if(kRows, [&](const Row& candidate) {
    return http::equals_ignoring_case(candidate.name, line.substr(0, colon));
  });
  if (row == kRows.end()) {
    return;
  }
  std::optional<std::string>& slot = headers.*(row->slot);
  headers.repeated = headers.repeated || slot.has_value();
  slot = trim(line.substr(colon + 1), " \t");
}

}  // namespace

bool IdentityHeaders::any() const {
  return std::ranges::any_of(kRows,
                             [&](const Row& row) { return (this->*(row.slot)).has_value(); });
}

std::optional<IdentityClaims> IdentityHeaders::claims() const {
  if (!account || !api_key || !permissions || !request_id || !timestamp || !gateway || !proof ||
      repeated) {
    return std::nullopt;
  }
  return IdentityClaims{.account = *account,
                        .api_key = *api_key,
                        .permissions = *permissions,
                        .request_id = *request_id,
                        .timestamp = *timestamp,
                        .gateway = *gateway};
}

IdentityHeaders read_identity_headers(std::string_view head) {
  IdentityHeaders headers;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    read_line(head.substr(0, end), headers);
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return headers;
}

}  // namespace counterfoil::venue
