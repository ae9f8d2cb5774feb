#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "authority/activity.h"
#include "authority/issuer.h"
#include "authority/people_desk.h"
#include "authority/secret_job.h"
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/last_used.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"
#include "doors/management/time_text.h"
#include "doors/management/views.h"
#include "keys/api_key.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

// text_of writes invalid UTF-8, which only a damaged record could hold, as replacement characters.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// last_use_json says from where the API key was used last; null: it never was.
Json last_use_json(const KeyActivity& uses) {
  const auto latest = std::ranges::max_element(uses.clients, {}, &ActivityClient::last);
  if (latest == uses.clients.end()) {
    return nullptr;
  }
  return {{"at", time_text(latest->last)},
          {"number", latest->pair},
          {"address", latest->address.to_string()},
          {"client", latest->client},
          {"route", latest->route}};
}

}  // namespace

ApiAnswer reply(const Json& json, int status) {
  ApiAnswer answer{.status = status, .body = {}};
  answer.body = std::string_view(text_of(json));
  return answer;
}

ApiAnswer reply_list(const Call& call, Json items, const std::optional<std::string>& next) {
  return reply({{"items", std::move(items)},
                {"next", next ? Json(*next) : Json(nullptr)},
                {"as_of", time_text(call.parts.clock.now())}});
}

ApiAnswer reply_once(const Json& json, const SecretBytes& secret, int status) {
  WipedText text;
  SecretJob::append_shown_text(secret, text);
  ApiAnswer answer = reply(json, status);
  append_once("secret", text, answer);
  return answer;
}

void append_once(std::string_view name, std::string_view text, ApiAnswer& answer) {
  constexpr std::string_view kBetween = "\":\"";
  constexpr std::string_view kEnd = "\"}";
  // It is put in behind the library's back, so that no buffer of it ever holds one.
  answer.body.pop_back();
  answer.body.reserve(answer.body.size() + 2 + name.size() + kBetween.size() + text.size() +
                      kEnd.size());
  answer.body += answer.body.size() > 1 ? ",\"" : "\"";
  answer.body += name;
  answer.body += kBetween;
  answer.body += text;
  answer.body += kEnd;
}

ApiAnswer no_content() { return {.status = 204, .content_type = {}, .body = {}}; }

ApiAnswer with_session(ApiAnswer answer, WipedText token, std::string device) {
  answer.headers.emplace_back("X-Counterfoil-CSRF", csrf_token(token));
  answer.cookies = SessionCookies{.session = std::move(token), .device = std::move(device)};
  return answer;
}

Json key_json(const Call& call, const ApiKey& key) {
  Json json = to_json(key, call.parts.issuer.permissions(), call.parts.clock.now());
  if (const auto uses = call.parts.activity.of_key(key.id.text())) {
    json["last_used_at"] = last_used_json(*uses);
    json["last_use"] = last_use_json(*uses);
  }
  return json;
}

ApiAnswer reply_key(const Call& call, const VersionedKey& stored, int status) {
  ApiAnswer answer = reply(key_json(call, stored.key), status);
  answer.headers.emplace_back("ETag", etag_of(stored.version));
  return answer;
}

void tag(const Call& call, const ApiKey& key, ApiAnswer& answer) {
  const auto stored = call.parts.issuer.stored_key(std::string(key.id.text()));
  if (stored && stored->key == key) {
    answer.headers.emplace_back("ETag", etag_of(stored->version));
  }
}

void add_receipt(const std::optional<std::string>& receipt, Json& json) {
  if (receipt) {
    json.update(Json::parse(*receipt));
  }
}

ApiAnswer reply_changed(const Call& call, const ApiKey& key,
                        const std::optional<std::string>& receipt, int status) {
  Json json = key_json(call, key);
  add_receipt(receipt, json);
  ApiAnswer answer = reply(json, status);
  tag(call, key, answer);
  return answer;
}

std::string etag_of(std::uint64_t version) { return "\"" + std::to_string(version) + "\""; }

std::expected<OnlyIf, ApiFault> only_if(const Call& call) {
  std::string_view tag = call.request.if_match;
  if (tag.empty() || tag == "*") {
    return call.compared_with;
  }
  std::uint64_t version = 0;
  if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') {
    tag = tag.substr(1, tag.size() - 2);
    const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
    if (error == std::errc{} && end == tag.data() + tag.size()) {
      if (call.compared_with && *call.compared_with != version) {
        return std::unexpected(ApiFault{.status = 412,
                                        .reason = "changed_meanwhile",
                                        .detail = "the API key was changed since you looked at it; "
                                                  "look again and decide anew",
                                        .member = {}});
      }
      return OnlyIf{version};
    }
  }
  return std::unexpected(
      bad_input("if_match_malformed", "If-Match takes one ETag, exactly as an answer carried it"));
}

std::expected<void, ApiFault> no_parameters(const Call& call) { return call.query.finish(); }

std::size_t page_size(Query& query) {
  return query.number("limit", 1, ManagementApi::kPageMax).value_or(ManagementApi::kPageDefault);
}

ApiAnswer problem_answer(int status, std::string_view reason, std::string_view detail,
                         std::string_view request_id) {
  ApiAnswer answer = reply({{"title", http::reason_phrase(status)},
                            {"status", status},
                            {"reason", reason},
                            {"detail", detail},
                            {"request_id", request_id}},
                           status);
  answer.content_type = "application/problem+json";
  return answer;
}

}  // namespace counterfoil
