#include "doors/console/browser_rules.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/trim.h"
#include "doors/management/api_call.h"
#include "wire/http/field_rules.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTokenBytesMax = 128;  // ours are 43
constexpr std::size_t kDeviceCookieBytesMax = 512;
constexpr std::string_view kDeviceLife = "; Max-Age=31536000";
constexpr std::size_t kTicketBytesMax = 512;
constexpr std::string_view kTicketLife = "; Max-Age=600";
constexpr std::string_view kReturnPath = "/login/oidc";

std::string_view host_of(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

bool is_cookie_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '=' || c == '~';
  });
}

bool is_change(http::Method method) {
  return method != http::Method::kGet && method != http::Method::kHead;
}

// single is a field's value when it is there once; nullopt when it is not there. Twice is as bad as
// a wrong one: "".
std::optional<std::string_view> single(const http::RequestHead& head, std::string_view name) {
  const std::size_t count = head.count(name);
  return count == 0   ? std::nullopt
         : count == 1 ? head.find(name)
                      : std::optional<std::string_view>("");
}

// is_return: a browser comes back from the identity provider. It is given the page's own file, and
// nothing is done; what it brought, the page posts.
bool is_return(const http::RequestHead& head) {
  return head.method() == http::Method::kGet && head.path() == kReturnPath &&
         single(head, "sec-fetch-mode") == "navigate" &&
         single(head, "sec-fetch-dest") == "document";
}

// take_once keeps a cookie that may be there once; of two, none.
void take_once(std::string_view value, std::size_t bytes_max, bool& is_seen,
               std::string_view& taken) {
  const bool fits = !is_seen && value.size() <= bytes_max && is_cookie_text(value);
  taken = fits ? value : std::string_view();
  is_seen = true;
}

}  // namespace

bool ConsoleOrigin::has_host(std::string_view host) const {
  return std::ranges::any_of(origins,
                             [&](const std::string& ours) { return host_of(ours) == host; });
}

bool ConsoleOrigin::has(std::string_view origin) const {
  return std::ranges::find(origins, origin) != origins.end();
}

std::string_view ConsoleOrigin::session_cookie() const {
  return is_tls ? "__Host-counterfoil" : "counterfoil-session";
}

std::string_view ConsoleOrigin::device_cookie() const {
  return is_tls ? "__Host-counterfoil-device" : "counterfoil-device";
}

std::optional<BrowserRefusal> check_host(const http::RequestHead& head,
                                         const ConsoleOrigin& origin) {
  if (origin.has_host(head.host())) {
    return std::nullopt;
  }
  return BrowserRefusal{.status = 421,
                        .reason = "host_unknown",
                        .detail =
                            "the console is not served under this name; console.origins "
                            "names those it is served under"};
}

std::string_view ConsoleOrigin::ticket_cookie() const {
  return is_tls ? "__Host-counterfoil-oidc" : "counterfoil-oidc";
}

std::optional<BrowserRefusal> check_origin(const http::RequestHead& head,
                                           const ConsoleOrigin& origin) {
  if (const auto foreign = check_host(head, origin)) {
    return foreign;
  }
  const auto said = single(head, "origin");
  const auto site = single(head, "sec-fetch-site");
  const bool is_foreign = (said && !origin.has(*said)) ||
                          (site && *site != "same-origin" && *site != "none" && !is_return(head)) ||
                          (is_change(head.method()) && (site ? *site != "same-origin" : !said));
  if (is_foreign) {
    return BrowserRefusal{.status = 403,
                          .reason = "cross_site",
                          .detail =
                              "only the console's own page may ask for this; open the "
                              "console in a tab of its own"};
  }
  return std::nullopt;
}

std::expected<BrowserCookies, BrowserRefusal> read_cookies(const http::RequestHead& head,
                                                           const ConsoleOrigin& origin) {
  BrowserCookies cookies;
  bool is_seen = false;
  bool is_bad = false;
  bool is_ticket_seen = false;
  for (const auto& field : head.fields()) {
    if (!http::equals_ignoring_case(field.name, "cookie")) {
      continue;
    }
    for (const auto part : field.value | std::views::split(';')) {
      const std::string_view pair = trim(std::string_view(part), " ");
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos) {
        continue;
      }
      const std::string_view name = pair.substr(0, equals);
      const std::string_view value = pair.substr(equals + 1);
      if (name == origin.session_cookie()) {
        is_bad = is_bad || is_seen || value.empty() || value.size() > kTokenBytesMax ||
                 !is_cookie_text(value);
        is_seen = true;
        cookies.session = value;
      } else if (name == origin.device_cookie() && value.size() <= kDeviceCookieBytesMax &&
                 is_cookie_text(value)) {
        cookies.device = value;
      } else if (name == origin.ticket_cookie()) {
        take_once(value, kTicketBytesMax, is_ticket_seen, cookies.ticket);
      }
    }
  }
  if (is_bad) {
    return std::unexpected(BrowserRefusal{.status = 401,
                                          .reason = "cookie_malformed",
                                          .detail = "the session's cookie is not one of ours, or "
                                                    "there are two; sign in again"});
  }
  return cookies;
}

std::vector<std::pair<std::string, std::string>> cookie_lines(const SessionCookies& cookies,
                                                              const ConsoleOrigin& origin) {
  const std::string rest =
      std::string("; Path=/; HttpOnly; SameSite=Strict") + (origin.is_tls ? "; Secure" : "");
  std::vector<std::pair<std::string, std::string>> lines;
  std::string session(origin.session_cookie());
  session.append("=").append(cookies.session).append(rest);
  lines.emplace_back("Set-Cookie", cookies.session.empty() ? session + "; Max-Age=0" : session);
  if (!cookies.device.empty()) {
    std::string device(origin.device_cookie());
    device.append("=").append(cookies.device).append(rest).append(kDeviceLife);
    lines.emplace_back("Set-Cookie", std::move(device));
  }
  return lines;
}

std::pair<std::string, std::string> ticket_line(std::string_view ticket,
                                                const ConsoleOrigin& origin) {
  std::string line(origin.ticket_cookie());
  line.append("=").append(ticket).append("; Path=/; HttpOnly; SameSite=Lax");
  line.append(origin.is_tls ? "; Secure" : "").append(ticket.empty() ? "; Max-Age=0" : kTicketLife);
  return {"Set-Cookie", std::move(line)};
}

void add_security_headers(ApiAnswer& answer, const ConsoleOrigin& origin, std::string_view nonce) {
  const auto add = [&](std::string_view name, std::string value) {
    const bool is_there = std::ranges::any_of(
        answer.headers, [&](const auto& header) { return header.first == name; });
    if (!is_there) {
      answer.headers.emplace_back(name, std::move(value));
    }
  };
  std::string policy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-";
  policy.append(nonce).append(
      "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
      "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
      "require-trusted-types-for 'script'; trusted-types default; report-uri /csp");
  add("Content-Security-Policy", std::move(policy));
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cross-Origin-Embedder-Policy", "require-corp");
  add("Permissions-Policy",
      "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
      "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
      "payment=(), picture-in-picture=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=(), "
      "publickey-credentials-create=(self), publickey-credentials-get=(self), "
      "clipboard-write=(self)");
  add("X-Frame-Options", "DENY");
  add("Cache-Control", "no-store");
  if (origin.is_tls) {
    add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  }
}

}  // namespace counterfoil
