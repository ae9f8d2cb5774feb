// Requests that somebody pasted, explained.
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "authority/doctor.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/findings_json.h"
#include "doors/management/json.h"
#include "doors/management/management_api.h"
#include "doors/management/member_reader.h"

namespace counterfoil {
namespace {

using Accounts = std::set<std::string, std::less<>>;

// seen_accounts gives the accounts that the asker sees; nullopt: all.
std::expected<std::optional<Accounts>, ApiFault> seen_accounts(const Call& call) {
  const auto bound = bound_account(call.asker);
  if (!bound) {
    return std::optional<Accounts>();
  }
  const auto within = accounts_within(call.parts, *bound);
  if (!within) {
    return std::unexpected(within.error());
  }
  Accounts accounts;
  for (const Account& account : *within) {
    accounts.emplace(account.id.text());
  }
  return std::optional(std::move(accounts));
}

Json texts_json(const auto& texts) {
  Json list = Json::array();
  for (const std::string_view text : texts) {
    list.push_back(text);
  }
  return list;
}

Json request_json(const ExaminedRequest& request) {
  Json json{
      {"form", request.form},
      {"line", request.line},
      {"method", request.method},
      {"host", request.host},
      {"path", request.path},
      {"api_key", request.api_key},
      {"key", request.key ? Json{{"api_key", request.key->api_key}, {"label", request.key->label}}
                          : Json(nullptr)},
      {"yours", request.key.has_value()}};
  add_findings(request.findings, json);
  json["doubts"] = texts_json(request.doubts);
  json["not_checked"] = texts_json(request.not_checked);
  return json;
}

// Too much is told as bodies that are too large are.
ApiFault fault_of_doctor(const Problem& problem) {
  constexpr int kTooLarge = 413;
  ApiFault fault = fault_of(problem);
  if (fault.reason == "text_too_large") {
    fault.status = kTooLarge;
  }
  if (fault.reason != "doctor_busy") {
    fault.member = "text";
  }
  return fault;
}

}  // namespace

Outcome examine_text(const Call& call) {
  MemberReader members(call.body);
  const auto text = members.secret("text", ManagementApi::kTextBytesMax);
  const auto at = members.time_or_null("at");
  if (!text) {
    members.refuse("member_missing", "\"text\" must be there: the requests to explain", "text");
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto accounts = seen_accounts(call);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  const auto examined = call.parts.doctor->examine({.asker = call.caller().person.value.id.text(),
                                                    .text = *text,
                                                    .at = at.value_or(std::nullopt),
                                                    .accounts = std::move(*accounts)},
                                                   call.parts.profile());
  if (!examined) {
    return std::unexpected(fault_of_doctor(examined.error()));
  }
  Json requests = Json::array();
  for (const ExaminedRequest& request : examined->requests) {
    requests.push_back(request_json(request));
  }
  return reply({{"requests", std::move(requests)}, {"more", examined->more}});
}

}  // namespace counterfoil
