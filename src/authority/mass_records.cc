#include "authority/mass_records.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/mass_action.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(BatchKey::Outcome outcome) {
  switch (outcome) {
    case BatchKey::Outcome::kChanged:
      return "changed";
    case BatchKey::Outcome::kAlready:
      return "already";
    case BatchKey::Outcome::kRefused:
      return "refused";
  }
  std::unreachable();
}

}  // namespace

std::string mass_list_id(const std::string& action, std::uint64_t number) {
  return fmt::format("{}/list/{:06}", action, number);
}

std::string mass_results_id(const std::string& action, std::uint64_t number) {
  return fmt::format("{}/results/{:06}", action, number);
}

Write mass_action_write(const MassAction& action, std::uint64_t expected_modified) {
  return {.kind = RecordKind::kMassAction,
          .id = action.id,
          .bytes = encode(action),
          .expected_modified = expected_modified};
}

Write mass_part_write(std::string id, std::string bytes) {
  return {.kind = RecordKind::kMassPart, .id = std::move(id), .bytes = std::move(bytes)};
}

AuditFact mass_action_fact(const MassAction& action, std::string what, const Actor& actor) {
  return {.actor = actor.name,
          .source = actor.source,
          .action = "mass_action." + std::move(what),
          .object = action.id,
          .detail = {{"verb", std::string(name_of(action.verb))},
                     {"changed", std::to_string(action.changed)},
                     {"already", std::to_string(action.already)},
                     {"refused", std::to_string(action.refused)},
                     {"selected", std::to_string(action.at_start.selected)}}};
}

std::string mass_result_line(const BatchKey& key) {
  Json line{{"api_key", key.api_key},
            {"account", key.account},
            {"label", key.label},
            {"outcome", name_of(key.outcome)}};
  if (key.problem) {
    line["reason"] = key.problem->reason;
    line["detail"] = key.problem->detail;
  }
  if (!key.receipt.empty()) {
    line["receipt"] = key.receipt;
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<BatchKey> read_changed(std::string_view lines) {
  constexpr bool kAllowExceptions = false;
  std::vector<BatchKey> keys;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const Json line = Json::parse(lines.substr(0, end), nullptr, kAllowExceptions);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.is_object() && line.value("outcome", "") == name_of(BatchKey::Outcome::kChanged)) {
      keys.push_back({.api_key = line.value("api_key", ""),
                      .account = line.value("account", ""),
                      .outcome = BatchKey::Outcome::kChanged,
                      .receipt = line.value("receipt", "")});
    }
  }
  return keys;
}

}  // namespace counterfoil
