#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/management/api_call.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// What a browser may send to the console and what it is told with every answer, as functions on
// values (controls S-58, S-69, S-70).

// ConsoleOrigin is where browsers find the console.
struct ConsoleOrigin {
  // origins are exact: "https://console.example.com". The first is the one that is shown.
  std::vector<std::string> origins;
  bool is_tls = false;

  [[nodiscard]] bool has_host(std::string_view host) const;
  [[nodiscard]] bool has(std::string_view origin) const;
  [[nodiscard]] std::string_view session_cookie() const;
  [[nodiscard]] std::string_view device_cookie() const;
  [[nodiscard]] std::string_view ticket_cookie() const;
};

// BrowserRefusal is why a request is not even looked at.
struct BrowserRefusal {
  int status = 403;
  std::string_view reason;
  std::string_view detail;
};

// check_host: host_unknown (421), for a name that is not ours.
[[nodiscard]] std::optional<BrowserRefusal> check_host(const http::RequestHead& head,
                                                       const ConsoleOrigin& origin);

// check_origin: host_unknown as above; cross_site for what another site's
// page has a browser do: a change without `Sec-Fetch-Site: same-origin` (without that header: one
// whose Origin is not exactly ours), any call from another site. One navigation is let through: the
// one with which an identity provider sends a browser back to the page.
[[nodiscard]] std::optional<BrowserRefusal> check_origin(const http::RequestHead& head,
                                                         const ConsoleOrigin& origin);

// BrowserCookies are the three that we set. Views into the head.
struct BrowserCookies {
  std::string_view session;
  std::string_view device;
  std::string_view ticket;  // empty also when there are two
};
// read_cookies: cookie_malformed (401), for a session cookie that is there twice or cannot be one
// of ours.
[[nodiscard]] std::expected<BrowserCookies, BrowserRefusal> read_cookies(
    const http::RequestHead& head, const ConsoleOrigin& origin);
// cookie_lines gives the Set-Cookie fields that say what `cookies` wants.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> cookie_lines(
    const SessionCookies& cookies, const ConsoleOrigin& origin);

// ticket_line gives the Set-Cookie field of the ticket of a sign-in at the identity provider;
// empty: it is to go. It is the one cookie that is SameSite=Lax, as is usual for what binds a
// browser to such a sign-in.
[[nodiscard]] std::pair<std::string, std::string> ticket_line(std::string_view ticket,
                                                              const ConsoleOrigin& origin);

// add_security_headers adds what stands in every answer. `nonce` is new for each; it is worth
// something in the page alone.
void add_security_headers(ApiAnswer& answer, const ConsoleOrigin& origin, std::string_view nonce);

}  // namespace counterfoil
