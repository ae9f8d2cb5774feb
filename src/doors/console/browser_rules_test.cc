#include "doors/console/browser_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "wire/http/limits.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

const ConsoleOrigin kTls{.origins = {"https://console.example.com"}, .is_tls = true};
const ConsoleOrigin kPlain{.origins = {"http://localhost:8443", "http://127.0.0.1:8443"}};

// Head is a request head with the text that its views need.
struct Head {
  explicit Head(std::string text) : bytes(std::move(text)) {
    const auto parsed = http::parse_request_head(bytes, http::Limits{}, head);
    EXPECT_TRUE(parsed.has_value() && parsed->has_value()) << bytes;
  }
  std::string bytes;
  http::RequestHead head;
};

std::string request(std::string_view method, std::string_view lines,
                    std::string_view host = "console.example.com") {
  std::string text(method);
  text.append(" /api/v1/keys HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  return text.append(lines).append("\r\n");
}

struct OriginRow {
  std::string_view name;
  std::string_view method;
  std::string_view lines;
  int status;  // 0: passes
};

class OriginTest : public testing::TestWithParam<OriginRow> {};

TEST_P(OriginTest, IsJudged) {
  const Head sent(request(GetParam().method, GetParam().lines));
  const auto refusal = check_origin(sent.head, kTls);
  EXPECT_EQ(refusal ? refusal->status : 0, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OriginTest,
    testing::Values(
        OriginRow{"read_typed_by_hand", "GET", "Sec-Fetch-Site: none\r\n", 0},
        OriginRow{"read_of_the_page", "GET", "Sec-Fetch-Site: same-origin\r\n", 0},
        OriginRow{"read_of_an_old_browser", "GET", "", 0},
        OriginRow{"read_from_another_site", "GET", "Sec-Fetch-Site: cross-site\r\n", 403},
        OriginRow{"read_from_a_sister_site", "GET", "Sec-Fetch-Site: same-site\r\n", 403},
        OriginRow{"read_with_a_foreign_origin", "GET", "Origin: https://evil.example\r\n", 403},
        OriginRow{"change_of_the_page", "POST",
                  "Sec-Fetch-Site: same-origin\r\nOrigin: https://console.example.com\r\n", 0},
        OriginRow{"change_of_an_old_browser", "POST", "Origin: https://console.example.com\r\n", 0},
        OriginRow{"change_without_either", "POST", "", 403},
        OriginRow{"change_typed_by_hand", "POST", "Sec-Fetch-Site: none\r\n", 403},
        OriginRow{"change_from_another_site", "DELETE", "Sec-Fetch-Site: cross-site\r\n", 403},
        OriginRow{"change_with_a_foreign_origin", "PATCH",
                  "Sec-Fetch-Site: same-origin\r\nOrigin: https://evil.example\r\n", 403},
        OriginRow{"change_of_nobody", "POST", "Origin: null\r\n", 403},
        OriginRow{"change_over_plain_http", "POST", "Origin: http://console.example.com\r\n", 403},
        OriginRow{"change_of_another_port", "POST", "Origin: https://console.example.com:8443\r\n",
                  403},
        OriginRow{"two_sites", "POST",
                  "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: same-origin\r\n", 403},
        OriginRow{"two_origins", "POST",
                  "Origin: https://console.example.com\r\nOrigin: https://console.example.com\r\n",
                  403}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ConsoleHostTest, OnlyNamesOfOursAreServed) {
  for (const std::string_view host :
       {"evil.example", "console.example.com:443", "console.example.com.", "127.0.0.1"}) {
    const auto refusal = check_origin(Head(request("GET", "", host)).head, kTls);
    ASSERT_TRUE(refusal.has_value()) << host;
    EXPECT_EQ(refusal->status, 421);
    EXPECT_EQ(refusal->reason, "host_unknown");
  }
  EXPECT_FALSE(check_origin(Head(request("GET", "", "localhost:8443")).head, kPlain).has_value());
  EXPECT_FALSE(check_origin(Head(request("GET", "", "127.0.0.1:8443")).head, kPlain).has_value());
}

TEST(ConsoleCookieTest, ReadsTheSessionAmongOthers) {
  const Head sent(request(
      "GET",
      "Cookie: a=b; __Host-counterfoil=abc-DEF_123; __Host-counterfoil-device=d.e~f; c\r\n"));
  const auto cookies = read_cookies(sent.head, kTls);
  ASSERT_TRUE(cookies.has_value());
  EXPECT_EQ(cookies->session, "abc-DEF_123");
  EXPECT_EQ(cookies->device, "d.e~f");
}

TEST(ConsoleCookieTest, ACookieWithoutTheHostPrefixIsNotOurs) {
  const Head sent(request("GET", "Cookie: counterfoil-session=abc\r\n"));
  EXPECT_EQ(read_cookies(sent.head, kTls)->session, "");
  EXPECT_EQ(read_cookies(sent.head, kPlain)->session, "abc");
}

TEST(ConsoleCookieTest, RefusesWhatCannotBeOne) {
  const std::string longest(128, 'a');
  for (const std::string& line :
       {std::string("__Host-counterfoil=a; __Host-counterfoil=a"),
        std::string("__Host-counterfoil=a; x=y; __Host-counterfoil=b"),
        std::string("__Host-counterfoil="), std::string("__Host-counterfoil=a b"),
        std::string("__Host-counterfoil=\"a\""), "__Host-counterfoil=" + longest + "a"}) {
    const Head sent(request("GET", "Cookie: " + line + "\r\n"));
    const auto cookies = read_cookies(sent.head, kTls);
    ASSERT_FALSE(cookies.has_value()) << line;
    EXPECT_EQ(cookies.error().status, 401);
  }
  const Head two(
      request("GET", "Cookie: __Host-counterfoil=a\r\nCookie: __Host-counterfoil=a\r\n"));
  EXPECT_FALSE(read_cookies(two.head, kTls).has_value());
  const Head whole(request("GET", "Cookie: __Host-counterfoil=" + longest + "\r\n"));
  EXPECT_EQ(read_cookies(whole.head, kTls)->session, longest);
}

TEST(ConsoleCookieTest, SetsCookiesThatScriptsAndOtherSitesDoNotGet) {
  const auto lines = cookie_lines({.session = WipedText("tok"), .device = "dev"}, kTls);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].second, "__Host-counterfoil=tok; Path=/; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(lines[1].second,
            "__Host-counterfoil-device=dev; Path=/; HttpOnly; SameSite=Strict; Secure; "
            "Max-Age=31536000");
  const auto gone = cookie_lines({}, kPlain);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].second, "counterfoil-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

// Only the way back from the identity provider comes from another site, and only as a page that is
// opened.
TEST(ConsoleReturnTest, IsANavigationToOneScreen) {
  const auto status = [](std::string_view start, std::string_view lines) {
    std::string text(start);
    text.append(" HTTP/1.1\r\nHost: console.example.com\r\nSec-Fetch-Site: cross-site\r\n");
    const Head sent(text.append(lines).append("\r\n"));
    const auto refusal = check_origin(sent.head, kTls);
    return refusal ? refusal->status : 0;
  };
  constexpr std::string_view kOpened = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
  EXPECT_EQ(status("GET /login/oidc?code=a&state=b", kOpened), 0);
  EXPECT_EQ(status("GET /login?code=a&state=b", kOpened), 403);
  EXPECT_EQ(status("GET /login/oidc/", kOpened), 403);
  EXPECT_EQ(status("GET /api/v1/session", kOpened), 403);
  EXPECT_EQ(status("POST /login/oidc", kOpened), 403);
  EXPECT_EQ(status("GET /login/oidc", ""), 403);
  EXPECT_EQ(status("GET /login/oidc", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"),
            403);
  EXPECT_EQ(status("GET /login/oidc", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"), 403);
  EXPECT_EQ(status("GET /login/oidc",
                   "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
                   "Origin: https://evil.example\r\n"),
            403);
}

TEST(ConsoleTicketTest, IsReadOnceUpToItsLimitAndNotPast) {
  const auto ticket = [](const std::string& line) {
    const Head sent(request("GET", "Cookie: " + line + "\r\n"));
    return std::string(read_cookies(sent.head, kTls)->ticket);
  };
  const std::string longest(512, 'a');
  EXPECT_EQ(ticket("__Host-counterfoil-oidc=a.b-c_d"), "a.b-c_d");
  EXPECT_EQ(ticket("__Host-counterfoil-oidc=" + longest), longest);
  EXPECT_EQ(ticket("__Host-counterfoil-oidc=" + longest + "a"), "");
  EXPECT_EQ(ticket("__Host-counterfoil-oidc=a; __Host-counterfoil-oidc=b"), "");
  EXPECT_EQ(ticket("__Host-counterfoil-oidc=\"a\""), "");
  EXPECT_EQ(ticket("counterfoil-oidc=a"), "");
}

TEST(ConsoleTicketTest, IsTheOneCookieThatIsLax) {
  EXPECT_EQ(ticket_line("abc", kTls).second,
            "__Host-counterfoil-oidc=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600");
  EXPECT_EQ(ticket_line("", kTls).second,
            "__Host-counterfoil-oidc=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
  EXPECT_EQ(ticket_line("abc", kPlain).second,
            "counterfoil-oidc=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
}

TEST(ConsoleHeadersTest, StandInEveryAnswerOnce) {
  ApiAnswer answer;
  answer.headers.emplace_back("Cache-Control", "public");
  add_security_headers(answer, kTls, "n0nce");
  const auto value = [&](std::string_view name) {
    std::string all;
    for (const auto& [key, text] : answer.headers) {
      if (key == name) {
        all.append(all.empty() ? "" : " | ").append(text);
      }
    }
    return all;
  };
  EXPECT_EQ(value("Cache-Control"), "public");
  EXPECT_TRUE(
      value("Content-Security-Policy").starts_with("default-src 'none'; script-src 'self'"));
  EXPECT_TRUE(value("Content-Security-Policy").contains("'nonce-n0nce'"));
  EXPECT_EQ(value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(value("X-Frame-Options"), "DENY");
  EXPECT_EQ(value("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(value("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(value("Cross-Origin-Embedder-Policy"), "require-corp");
  EXPECT_EQ(value("Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_TRUE(value("Permissions-Policy").contains("camera=()"));
  EXPECT_EQ(value("Strict-Transport-Security"), "max-age=31536000; includeSubDomains");
  EXPECT_EQ(value("Access-Control-Allow-Origin"), "");
  ApiAnswer plain;
  add_security_headers(plain, kPlain, "n");
  EXPECT_TRUE(std::ranges::none_of(plain.headers, [](const auto& header) {
    return header.first == "Strict-Transport-Security";
  }));
}

}  // namespace
}  // namespace counterfoil
