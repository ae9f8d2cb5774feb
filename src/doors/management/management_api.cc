#include "doors/management/management_api.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "doors/management/query.h"
#include "doors/management/route_table.h"
#include "wire/http/media_type.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

constexpr std::string_view kJsonType = "application/json";

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
  ApiAnswer answer = reply(json, fault.status);
  answer.content_type = "application/problem+json";
  return answer;
}

// read_body gives an object in any case: no body means that nothing was chosen.
std::expected<JsonValue, ApiFault> read_body(const ApiRequest& request) {
  if (request.body.empty()) {
    return JsonValue(JsonObject{});
  }
  if (request.method == http::Method::kGet || request.method == http::Method::kHead) {
    return std::unexpected(bad_input("body_unexpected", "a GET takes no body"));
  }
  if (request.body.size() > ManagementApi::kBodyBytesMax) {
    return std::unexpected(ApiFault{.status = 413,
                                    .reason = "body_too_large",
                                    .detail = "the body has more than 64 KiB",
                                    .member = {}});
  }
  if (!http::is_utf8_type(request.content_type, kJsonType)) {
    return std::unexpected(ApiFault{.status = 415,
                                    .reason = "content_type",
                                    .detail = "send the body as application/json",
                                    .member = {}});
  }
  return parse_json(request.body);
}

Outcome carry_out(const ManagementApi::Parts& parts, const ApiRequest& request,
                  const FoundRoute& found) {
  Query query(request.query);
  auto body = read_body(request);
  if (!body) {
    return std::unexpected(std::move(body.error()));
  }
  const Call call{.parts = parts,
                  .request = request,
                  .id = std::string(found.id),
                  .query = query,
                  .body = *body};
  const bool reads = found.row->route.method == http::Method::kGet;
  if (!reads) {  // what changes something takes everything from its body
    if (auto fine = query.finish(); !fine) {
      return std::unexpected(std::move(fine.error()));
    }
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

ApiAnswer ManagementApi::answer(const ApiRequest& request) const {
  const FoundRoute found = find_route(request.method, request.path);
  if (found.row == nullptr) {
    return not_found(request);
  }
  Outcome outcome = carry_out(parts_, request, found);
  ApiAnswer answer =
      outcome ? std::move(*outcome) : problem_document(outcome.error(), request.request_id);
  if (std::ranges::find(answer.headers, "Cache-Control",
                        &std::pair<std::string, std::string>::first) == answer.headers.end()) {
    answer.headers.emplace_back("Cache-Control", "no-store");
  }
  return answer;
}

}  // namespace counterfoil
