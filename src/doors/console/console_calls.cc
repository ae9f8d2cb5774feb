#include "doors/console/console_calls.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "base/ip_address.h"
#include "base/loopback.h"
#include "doors/calls/call_connection.h"
#include "doors/console/browser_rules.h"
#include "doors/console/page_file.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "policy/profile.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

constexpr std::string_view kApi = "/api/";
constexpr std::string_view kReports = "/csp";
constexpr std::string_view kIndex = "/index.html";
constexpr std::string_view kNonceHole = R"(name="csp-nonce" content=")";

bool is_read(http::Method method) {
  return method == http::Method::kGet || method == http::Method::kHead;
}

// is_screen: a path of the page's own router, which the page itself makes sense of.
bool is_screen(const http::RequestHead& head) {
  const std::string_view path = head.path();
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return !last.contains('.') && head.find("accept").value_or("").contains("text/html");
}

// is_signed: the call names an API key, or carries a signature.
bool is_signed(const http::RequestHead& head, const SigningRules& signing) {
  if (head.count(signing.api_key_header) > 0) {
    return true;
  }
  const std::string wanted = signing.signature_parameter + "=";
  return std::ranges::any_of(head.query() | std::views::split('&'), [&](const auto pair) {
    return std::string_view(pair).starts_with(wanted);
  });
}

// accepts looks for one coding of Accept-Encoding that is not refused by a weight of nought.
bool accepts(const http::RequestHead& head, std::string_view coding) {
  for (const auto part : head.find("accept-encoding").value_or("") | std::views::split(',')) {
    std::string_view item(part);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    const std::string_view name = item.substr(0, item.find_first_of("; "));
    if (name == coding) {
      return !item.contains("q=0,") && !item.ends_with("q=0") && !item.ends_with("q=0.0");
    }
  }
  return false;
}

ApiAnswer refusal_answer(const BrowserRefusal& refusal, std::string_view request_id) {
  return problem_answer(refusal.status, refusal.reason, refusal.detail, request_id);
}

ApiAnswer only_read(std::string_view request_id) {
  ApiAnswer answer =
      problem_answer(405, "method_not_allowed", "the page's files are only read", request_id);
  answer.headers.emplace_back("Allow", "GET, HEAD");
  return answer;
}

}  // namespace

std::size_t ConsoleCalls::body_bytes_max(const http::RequestHead& head) const {
  return head.path().starts_with(kApi) ? ManagementApi::body_bytes_max(head.method(), head.path())
                                       : (head.path() == kReports ? kReportBytesMax : 0);
}

const PageFile* ConsoleCalls::find_file(std::string_view path) const {
  const auto found = std::ranges::lower_bound(parts_.page, path, {}, &PageFile::path);
  return found != parts_.page.end() && found->path == path ? &*found : nullptr;
}

void ConsoleCalls::renew_nonce() {
  std::array<std::uint8_t, 16> bytes{};
  // Without randomness the nonce is empty, which no style element can have: the page looks plain.
  nonce_ = parts_.random.fill(bytes) ? to_hex(bytes) : std::string();
}

ApiAnswer ConsoleCalls::answer(const http::RequestHead& head, std::string_view body,
                               std::string_view request_id) {
  renew_nonce();
  const auto signing =
      head.path().starts_with(kApi) ? parts_.api.signing() : std::optional<SigningRules>();
  const bool is_of_key = signing && is_signed(head, *signing);
  if (const auto refusal = is_of_key ? check_host(head, origin_) : check_origin(head, origin_)) {
    return refusal_answer(*refusal, request_id);
  }
  if (!is_loopback(address_) && !parts_.is_set_up()) {
    return problem_answer(403, "set_up_first",
                          "the console has no owner yet: open its set-up link on the machine that "
                          "the node runs on",
                          request_id);
  }
  if (is_of_key) {
    return signed_api(head, signing->api_key_header, body, request_id);
  }
  if (head.path().starts_with(kApi)) {
    return call_api(head, body, request_id);
  }
  return head.path() == kReports ? take_report(head, body, request_id) : page(head, request_id);
}

ApiAnswer ConsoleCalls::signed_api(const http::RequestHead& head, std::string_view api_key_header,
                                   std::string_view body, std::string_view request_id) const {
  if (head.count("cookie") > 0) {
    return problem_answer(400, "cookie_and_signature",
                          "a call is made either in a session or with the signature of an API key; "
                          "send no cookie with a signature",
                          request_id);
  }
  return parts_.api.answer(
      {.method = head.method(),
       .path = head.path(),
       .query = head.query(),
       .content_type = single_content_type(head),
       .if_match = head.find("if-match").value_or(""),
       .body = body,
       .request_id = request_id,
       .actor = {.name = "key", .source = address_.to_string()},
       .signature = CallSignature{.api_key = head.find(api_key_header).value_or(""),
                                  .api_key_repeated = head.count(api_key_header) > 1,
                                  .headers = head.fields(),
                                  .client = head.find("user-agent").value_or(""),
                                  .address = address_,
                                  .last_event_id = head.find("last-event-id").value_or("")}});
}

// Browsers send Origin with every change; whether it is one of ours was looked at before.
std::string_view ConsoleCalls::own_origin(const http::RequestHead& head) const {
  return head.find("origin").value_or(origin_.origins.front());
}

ApiAnswer ConsoleCalls::call_api(const http::RequestHead& head, std::string_view body,
                                 std::string_view request_id) const {
  const auto cookies = read_cookies(head, origin_);
  if (!cookies) {
    ApiAnswer answer = refusal_answer(cookies.error(), request_id);
    answer.headers = cookie_lines({}, origin_);
    return answer;
  }
  const auto value = [&](std::string_view name) { return head.find(name).value_or(""); };
  ApiAnswer answer =
      parts_.api.answer({.method = head.method(),
                         .path = head.path(),
                         .query = head.query(),
                         .content_type = single_content_type(head),
                         .if_match = value("if-match"),
                         .body = body,
                         .request_id = request_id,
                         .actor = {.name = "console", .source = address_.to_string()},
                         .browser = BrowserCall{.address = address_,
                                                .user_agent = value("user-agent"),
                                                .session_token = cookies->session,
                                                .device_cookie = cookies->device,
                                                .csrf = value("x-counterfoil-csrf"),
                                                .step_up = value("x-counterfoil-step-up"),
                                                .setup_token = value("x-counterfoil-setup-token"),
                                                .last_event_id = value("last-event-id"),
                                                .ticket = cookies->ticket,
                                                .origin = own_origin(head)}});
  if (answer.ticket) {
    answer.headers.push_back(ticket_line(*answer.ticket, origin_));
  }
  if (answer.cookies) {
    std::ranges::move(cookie_lines(*answer.cookies, origin_), std::back_inserter(answer.headers));
    if (answer.cookies->session.empty() && answer.status < 300) {
      answer.headers.emplace_back("Clear-Site-Data", R"("cache", "cookies", "storage")");
    }
  }
  return answer;
}

ApiAnswer ConsoleCalls::take_report(const http::RequestHead& head, std::string_view body,
                                    std::string_view request_id) const {
  if (head.method() != http::Method::kPost) {
    return problem_answer(405, "method_not_allowed", "browsers post reports here", request_id);
  }
  parts_.reported(body);
  return {.status = 204, .content_type = "", .headers = {}, .body = {}, .stream = {}};
}

ApiAnswer ConsoleCalls::page(const http::RequestHead& head, std::string_view request_id) const {
  if (!is_read(head.method())) {
    return only_read(request_id);
  }
  const PageFile* file = find_file(head.path() == "/" ? kIndex : head.path());
  if (file == nullptr && is_screen(head)) {
    file = find_file(kIndex);
  }
  if (file == nullptr) {
    return parts_.page.empty()
               ? problem_answer(404, "no_console",
                                "this program was built without the console's page "
                                "(-DCONSOLE=OFF); the management API is at /api/v1/",
                                request_id)
               : problem_answer(404, "not_found", "there is no such file", request_id);
  }
  ApiAnswer answer{.status = 200,
                   .content_type = std::string(file->content_type),
                   .headers = {},
                   .body = {},
                   .stream = {}};
  if (file->path == kIndex) {
    // The nonce differs from answer to answer, so there is no packed form of it.
    const auto hole = file->plain.find(kNonceHole);
    const std::size_t cut =
        hole == std::string_view::npos ? file->plain.size() : hole + kNonceHole.size();
    answer.body.append(file->plain.substr(0, cut)).append(nonce_).append(file->plain.substr(cut));
    return answer;
  }
  if (file->path.starts_with("/assets/")) {
    // Their names hold a hash of what is in them.
    answer.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
  }
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  std::string_view bytes = file->plain;
  if (!file->brotli.empty() && accepts(head, "br")) {
    bytes = file->brotli;
    answer.headers.emplace_back("Content-Encoding", "br");
  } else if (!file->gzip.empty() && accepts(head, "gzip")) {
    bytes = file->gzip;
    answer.headers.emplace_back("Content-Encoding", "gzip");
  }
  answer.body.assign(bytes);
  return answer;
}

void ConsoleCalls::finish(ApiAnswer& answer) const {
  add_security_headers(answer, origin_, nonce_);
}

}  // namespace counterfoil
