#include "doors/management/management_api.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "doors/management/query.h"
#include "doors/management/rights.h"
#include "doors/management/route_table.h"
#include "doors/management/signed_call.h"
#include "doors/management/step_up.h"
#include "policy/profile.h"
#include "wire/http/media_type.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

ApiAnswer problem_document(const ApiFault& fault, std::string_view request_id) {
  Json json{{"title", http::reason_phrase(fault.status)},
            {"status", fault.status},
            {"reason", fault.reason},
            {"detail", fault.detail}};
  if (!fault.member.empty()) {
    json["member"] = fault.member;
  }
  if (const std::string_view action = action_for(fault.reason); !action.empty()) {
    json["action"] = action;
  }
  json["request_id"] = request_id;
  if (fault.step_up) {
    json["step_up"] = {{"change", fault.step_up->change}, {"hash", fault.step_up->hash}};
  }
  const auto retry_after = fault.retry_after.count();
  if (retry_after > 0) {
    json["retry_after_s"] = retry_after;
  }
  ApiAnswer answer = reply(json, fault.status);
  answer.content_type = "application/problem+json";
  if (retry_after > 0) {
    answer.headers.emplace_back("Retry-After", std::to_string(retry_after));
  }
  return answer;
}

struct BodyRule {
  std::string_view type;
  std::size_t bytes_max;
  std::string_view too_large;
  std::string_view wrong_type;
};

BodyRule rule_of(BodyForm form) {
  switch (form) {
    case BodyForm::kObject:
      return {.type = "application/json",
              .bytes_max = ManagementApi::kBodyBytesMax,
              .too_large = "the body has more than 64 KiB",
              .wrong_type = "send the body as application/json"};
    case BodyForm::kSmallObject:
      return {.type = "application/json",
              .bytes_max = ManagementApi::kSmallBodyBytesMax,
              .too_large = "the body has more than 4 KiB",
              .wrong_type = "send the body as application/json"};
    case BodyForm::kTextObject:
      return {.type = "application/json",
              .bytes_max = ManagementApi::kTextBytesMax,
              .too_large = "the body has more than 1 MiB; paste fewer requests",
              .wrong_type = "send the body as application/json"};
    case BodyForm::kRows:
      return {.type = "application/x-ndjson",
              .bytes_max = ManagementApi::kRowsBytesMax,
              .too_large = "the body has more than 1 MiB; send fewer rows at once",
              .wrong_type = "send the rows as application/x-ndjson"};
  }
  std::unreachable();
}

// read_body gives an object in any case: no body means that nothing was chosen.
std::expected<JsonValue, ApiFault> read_body(const ApiRequest& request, BodyForm form) {
  if (request.body.empty()) {
    return JsonValue(JsonObject{});
  }
  if (request.method == http::Method::kGet || request.method == http::Method::kHead) {
    return std::unexpected(bad_input("body_unexpected", "a GET takes no body"));
  }
  const BodyRule rule = rule_of(form);
  if (request.body.size() > rule.bytes_max) {
    return std::unexpected(ApiFault{.status = 413,
                                    .reason = "body_too_large",
                                    .detail = std::string(rule.too_large),
                                    .member = {}});
  }
  if (!http::is_utf8_type(request.content_type, rule.type)) {
    return std::unexpected(ApiFault{.status = 415,
                                    .reason = "content_type",
                                    .detail = std::string(rule.wrong_type),
                                    .member = {}});
  }
  return form == BodyForm::kRows ? JsonValue(JsonObject{}) : parse_json(request.body);
}

bool changes(const http::Method method) {
  return method != http::Method::kGet && method != http::Method::kHead;
}

// admit: whoever calls may call this route at all. What is sent along is not looked at before.
std::expected<void, ApiFault> admit(const ApiRequest& request, const Asker& asker,
                                    const RouteRow& row) {
  if (auto fine = check_who(row.rights, asker); !fine) {
    return fine;
  }
  // Sign-in, set-up and registration come without a session, so without its token.
  if (asker.kind == Asker::Kind::kPerson && row.rights.who != Who::kAnybody &&
      changes(request.method)) {
    return check_csrf(*request.browser);
  }
  return {};
}

Outcome carry_out(const ManagementApi::Parts& parts, const ApiRequest& request,
                  const FoundRoute& found) {
  auto asker = asker_of(parts, request, found.row->route);
  if (!asker) {
    return std::unexpected(std::move(asker.error()));
  }
  if (auto fine = admit(request, *asker, *found.row); !fine) {
    return std::unexpected(std::move(fine.error()));
  }
  Query query(request.query);
  if (asker->kind == Asker::Kind::kKey) {
    take_out_signature(parts, query);
  }
  auto body = read_body(request, found.row->body);
  if (!body) {
    return std::unexpected(std::move(body.error()));
  }
  Call call{.parts = parts,
            .request = request,
            .id = std::string(found.id),
            .query = query,
            .body = *body,
            .asker = *asker};
  if (changes(found.row->route.method)) {  // what changes something takes everything from its body
    if (auto fine = query.finish(); !fine) {
      return std::unexpected(std::move(fine.error()));
    }
  }
  if (auto fine = check_object(call, found.row->rights.object, found.row->rights.who); !fine) {
    return std::unexpected(std::move(fine.error()));
  }
  if (auto fine = step_up(call, *asker, found.row->rights); !fine) {
    return std::unexpected(std::move(fine.error()));
  }
  return found.row->handler(call);
}

ApiAnswer not_found(const ApiRequest& request) {
  const std::string allowed = methods_for(request.path);
  if (allowed.empty()) {
    return problem_answer(404, "no_such_resource",
                          "there is nothing at this path; docs/management-api.md lists what is",
                          request.request_id);
  }
  ApiAnswer answer = problem_answer(405, "method_not_allowed",
                                    "this path does not take that method; it takes " + allowed,
                                    request.request_id);
  answer.headers.emplace_back("Allow", allowed);
  return answer;
}

}  // namespace

std::size_t ManagementApi::body_bytes_max(http::Method method, std::string_view path) {
  const FoundRoute found = find_route(method, path);
  return rule_of(found.row == nullptr ? BodyForm::kObject : found.row->body).bytes_max;
}

std::optional<SigningRules> ManagementApi::signing() const {
  return parts_.keys == nullptr ? std::nullopt : std::optional(parts_.keys->signing());
}

ApiAnswer ManagementApi::answer(const ApiRequest& request) const {
  const FoundRoute found = find_route(request.method, request.path);
  if (found.row == nullptr) {
    return not_found(request);
  }
  Outcome outcome = carry_out(parts_, request, found);
  ApiAnswer answer =
      outcome ? std::move(*outcome) : problem_document(outcome.error(), request.request_id);
  if (!outcome && outcome.error().reason == "not_signed_in" && request.browser &&
      !request.browser->session_token.empty()) {
    answer.cookies = SessionCookies{.session = {}};  // of a session that has ended
  }
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

}  // namespace counterfoil
