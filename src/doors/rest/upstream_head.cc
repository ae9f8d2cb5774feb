#include "doors/rest/upstream_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "authority/gatekeeper.h"
#include "authority/identity_prover.h"
#include "base/time.h"
#include "doors/rest/exchange.h"
#include "doors/rest/upstream_target.h"
#include "keys/live_key.h"
#include "keys/permission.h"
#include "policy/profile.h"
#include "wire/http/field_rules.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

using http::equals_ignoring_case;

constexpr std::string_view kConsoleCookie = "__Host-counterfoil";

void line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// is_ours: lines that the gateway writes itself, has acted on, or whose word only a trusted proxy
// could be taken at.
bool is_ours(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"host", "content-length", "expect", "forwarded", "x-real-ip", "true-client-ip"});
  return std::ranges::any_of(
             kNames, [&](std::string_view ours) { return equals_ignoring_case(ours, name); }) ||
         starts_with_ignoring_case(name, "x-forwarded-");
}

bool has_body_line(const Exchange& exchange) {
  // An empty body is told of where one is usual (RFC 9110 section 8.6).
  switch (exchange.method()) {
    case http::Method::kPost:
    case http::Method::kPut:
    case http::Method::kPatch:
      return true;
    case http::Method::kGet:
    case http::Method::kHead:
    case http::Method::kDelete:
    case http::Method::kOptions:
      return !exchange.body.empty();
  }
  return true;
}

void append_cookies(std::string& out, const http::Field& field) {
  if (!field.value.contains(kConsoleCookie)) {
    line(out, field.name, field.value);
    return;
  }
  const std::string passed = cookies_to_pass(field.value);
  if (!passed.empty()) {
    line(out, field.name, passed);
  }
}

}  // namespace

std::string cookies_to_pass(std::string_view value) {
  std::string passed;
  while (!value.empty()) {
    const std::size_t end = value.find(';');
    std::string_view pair = value.substr(0, end);
    value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (!pair.empty() && !pair.starts_with(kConsoleCookie)) {
      passed.append(passed.empty() ? "" : "; ").append(pair);
    }
  }
  return passed;
}

void UpstreamHead::append(std::string& out, const Exchange& exchange, const UpstreamTarget& target,
                          Timestamp now) {
  const http::RequestHead& head = exchange.head;
  http::append_request_line(out, head.method(), head.target());
  line(out, "Host", target.authority);
  const bool names_more = head.find("connection").has_value();
  for (const http::Field& field : head.fields()) {
    if (is_ours(field.name) || http::is_hop_by_hop(field.name) ||
        equals_ignoring_case(field.name, shared_.api_key_name()) ||
        (names_more && head.has_connection_option(field.name))) {
      continue;
    }
    if (equals_ignoring_case(field.name, "cookie")) {
      append_cookies(out, field);
    } else {
      line(out, field.name, field.value);
    }
  }
  line(out, "X-Forwarded-For", exchange.source_text);
  if (has_body_line(exchange)) {
    const fmt::format_int size(exchange.body.size());
    line(out, "Content-Length", std::string_view(size.data(), size.size()));
  }
  if (exchange.admission) {
    identity(out, exchange, now);
  } else {
    line(out, "X-Counterfoil-Request-Id", exchange.id.text());
  }
  http::append_end_of_head(out);
}

void UpstreamHead::identity(std::string& out, const Exchange& exchange, Timestamp now) {
  const Admission& admission = *exchange.admission;
  shared_.parts.prover.append_headers(
      {.method = http::method_name(exchange.method()),
       .target = exchange.head.target(),
       .body = exchange.body,
       .account = admission.key->account.text(),
       .api_key = admission.claims.api_key.text(),
       .permissions =
           permissions_text(exchange.profile().permissions(), admission.key->permissions),
       .request_id = exchange.id.text()},
      now, out);
}

const std::string& UpstreamHead::permissions_text(const PermissionTable& table, PermissionSet set) {
  constexpr std::size_t kTextsMax = 1024;  // keys of one installation are of few kinds
  const auto found = permissions_texts_.find(set.bits());
  if (found != permissions_texts_.end()) {
    return found->second;
  }
  if (permissions_texts_.size() >= kTextsMax) {
    permissions_texts_.clear();
  }
  return permissions_texts_.emplace(set.bits(), table.to_text(set)).first->second;
}

}  // namespace counterfoil
