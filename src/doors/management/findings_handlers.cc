// What autopsies of refused requests found. For the owner of the API key and for operators alone.
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/autopsy_reports.h"
#include "authority/refusal_findings.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/findings_json.h"
#include "doors/management/json.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

// cause_json tells of one cause of a sum; "unknown-signature" and "none" are no rows of the table.
Json cause_json(const std::string& id) {
  const auto cause = shown_cause(id);
  return cause ? Json{{"id", id},
                      {"class", cause->confidence},
                      {"title", cause->title},
                      {"fix", cause->fix}}
               : Json{{"id", id}};
}

}  // namespace

std::expected<void, ApiFault> add_findings(const Call& call, Json& json) {
  const auto report = call.parts.autopsies.of_refusal(call.id);
  if (!report) {
    return std::unexpected(fault_of(report.error()));
  }
  if (!*report) {
    json["verdict"] = nullptr;
    json["findings"] = nullptr;
    return {};
  }
  add_findings((*report)->findings, json);
  return {};
}

Outcome show_causes(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto known = call.parts.issuer.stored_key(call.id); !known) {
    return std::unexpected(fault_of(known.error()));
  }
  const auto reports = call.parts.autopsies.of_key(call.id);
  if (!reports) {
    return std::unexpected(fault_of(reports.error()));
  }
  Json items = Json::array();
  for (const CauseReport& report : *reports) {
    Json causes = Json::array();
    for (const std::string& cause : report.causes) {
      causes.push_back(cause_json(cause));
    }
    items.push_back({{"causes", std::move(causes)},
                     {"first_at", time_text(report.first)},
                     {"last_at", time_text(report.last)},
                     {"count", report.count},
                     {"last_request_id", report.last_request_id}});
  }
  return reply_list(call, std::move(items), std::nullopt);
}

}  // namespace counterfoil
