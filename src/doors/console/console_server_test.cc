#include "doors/console/console_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/calls/descriptor.h"
#include "doors/console/browser_rules.h"
#include "doors/console/console_calls.h"
#include "doors/console/page_file.h"
#include "doors/management/test_management.h"
#include "doors/net/listener.h"
#include "wire/http/limits.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ManagementTest;

constexpr std::array<PageFile, 3> kPage{PageFile{.path = "/assets/a-1.js",
                                                 .content_type = "text/javascript; charset=utf-8",
                                                 .plain = "plain",
                                                 .gzip = "gzipped",
                                                 .brotli = "brotlied"},
                                        PageFile{.path = "/icon.svg",
                                                 .content_type = "image/svg+xml",
                                                 .plain = "<svg/>",
                                                 .gzip = {},
                                                 .brotli = {}},
                                        PageFile{.path = "/index.html",
                                                 .content_type = "text/html; charset=utf-8",
                                                 .plain = R"(<meta name="csp-nonce" content="" />)",
                                                 .gzip = {},
                                                 .brotli = {}}};

class ConsoleServerTest : public ManagementTest {
 protected:
  void start(ConsoleServer::Options options = {}) {
    options.listen = *net::ListenAddress::parse("127.0.0.1:0");
    auto started = ConsoleServer::start(
        options,
        {.api = *api_,
         .page = kPage,
         .random = random_,
         .is_set_up = [this] { return is_set_up_; },
         .reported = [this](std::string_view text) { reports_.emplace_back(text); }},
        clock_);
    ASSERT_TRUE(started.has_value()) << started.error();
    server_ = std::move(*started);
    const std::string& origin = server_->origin();
    port_ = static_cast<std::uint16_t>(std::stoi(origin.substr(origin.rfind(':') + 1)));
  }
  [[nodiscard]] std::string host() const { return "localhost:" + std::to_string(port_); }

  [[nodiscard]] Descriptor connected() const {
    Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(made.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the kernel's own interface
    EXPECT_EQ(::connect(made.number(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    return made;
  }
  // ask sends one request, told to close, and reads until the end.
  [[nodiscard]] std::string ask(const std::string& line, const std::string& fields = {},
                                const std::string& body = {}) const {
    const Descriptor to = connected();
    const std::string text = line + " HTTP/1.1\r\nHost: " + host() + "\r\nConnection: close\r\n" +
                             fields + "\r\n" + body;
    EXPECT_EQ(::send(to.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    std::string all;
    std::array<char, 4096> piece{};
    ssize_t got = 0;
    while ((got = ::recv(to.number(), piece.data(), piece.size(), 0)) > 0) {
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  static std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
  static std::string field_of(const std::string& answer, const std::string& name) {
    const auto at = answer.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
      return "";
    }
    const auto from = at + name.size() + 4;
    return answer.substr(from, answer.find("\r\n", from) - from);
  }

  std::unique_ptr<ConsoleServer> server_;
  std::uint16_t port_ = 0;
  bool is_set_up_ = true;
  std::vector<std::string> reports_;
};

TEST_F(ConsoleServerTest, ServesThePageWithANonceOfItsOwnEachTime) {
  start();
  const std::string first = ask("GET /", "Accept: text/html\r\n");
  const std::string second = ask("GET /keys/abc", "Accept: text/html\r\n");
  ASSERT_TRUE(first.starts_with("HTTP/1.1 200")) << first;
  ASSERT_TRUE(second.starts_with("HTTP/1.1 200")) << second;
  const auto nonce_of = [](const std::string& answer) {
    const std::string body = body_of(answer);
    const auto from = body.find("content=\"") + 9;
    return body.substr(from, body.find('"', from) - from);
  };
  EXPECT_EQ(nonce_of(first).size(), 32U);
  EXPECT_NE(nonce_of(first), nonce_of(second));
  EXPECT_TRUE(
      field_of(first, "Content-Security-Policy").contains("'nonce-" + nonce_of(first) + "'"));
  EXPECT_EQ(field_of(first, "Cache-Control"), "no-store");
}

TEST_F(ConsoleServerTest, ServesAssetsPackedAndForGood) {
  start();
  const std::string brotli = ask("GET /assets/a-1.js", "Accept-Encoding: gzip, br\r\n");
  EXPECT_EQ(body_of(brotli), "brotlied");
  EXPECT_EQ(field_of(brotli, "Content-Encoding"), "br");
  EXPECT_EQ(field_of(brotli, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(field_of(brotli, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(body_of(ask("GET /assets/a-1.js", "Accept-Encoding: gzip;q=1.0, br;q=0\r\n")),
            "gzipped");
  EXPECT_EQ(body_of(ask("GET /assets/a-1.js", "Accept-Encoding: brx\r\n")), "plain");
  EXPECT_EQ(body_of(ask("HEAD /assets/a-1.js")), "");
}

TEST_F(ConsoleServerTest, AnswersNotFoundForWhatIsNeitherFileNorScreen) {
  start();
  EXPECT_TRUE(ask("GET /assets/b.js", "Accept: text/html\r\n").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask("GET /keys", "Accept: */*\r\n").starts_with("HTTP/1.1 404"));
  const std::string api = ask("GET /api/v1/nothing", "Accept: text/html\r\n");
  EXPECT_TRUE(api.starts_with("HTTP/1.1 404")) << api;
  EXPECT_TRUE(body_of(api).starts_with("{")) << api;
}

TEST_F(ConsoleServerTest, OnlyReadsThePage) {
  start();
  const std::string origin = "Origin: " + server_->origin() + "\r\n";
  const std::string answer = ask("DELETE /index.html", origin);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 405")) << answer;
  EXPECT_EQ(field_of(answer, "Allow"), "GET, HEAD");
}

TEST_F(ConsoleServerTest, SaysTheSecurityHeadersInEveryAnswer) {
  start();
  for (const std::string& answer :
       {ask("GET /"), ask("GET /none"), ask("GET /api/v1/session"), ask("POST /api/v1/session"),
        ask("BREW /"), ask("GET /\x01"), ask("POST /x", "Transfer-Encoding: chunked\r\n")}) {
    EXPECT_TRUE(field_of(answer, "Content-Security-Policy").starts_with("default-src 'none'"))
        << answer;
    EXPECT_EQ(field_of(answer, "X-Content-Type-Options"), "nosniff") << answer;
    EXPECT_EQ(field_of(answer, "Cache-Control"), "no-store") << answer;
    EXPECT_EQ(field_of(answer, "Server"), "") << answer;
  }
}

TEST_F(ConsoleServerTest, ServesOnlyThisMachineUntilItIsSetUp) {
  // From loopback it is served before and after.
  is_set_up_ = false;
  start();
  EXPECT_TRUE(ask("GET /", "Accept: text/html\r\n").starts_with("HTTP/1.1 200"));
  // From elsewhere it is not: told by the calls themselves, for a test has no other machine.
  const ConsoleParts parts{.api = *api_,
                           .page = kPage,
                           .random = random_,
                           .is_set_up = [this] { return is_set_up_; },
                           .reported = {}};
  const ConsoleOrigin origin{.origins = {"http://localhost:1"}};
  ConsoleCalls calls(parts, origin, *IpAddress::parse("203.0.113.5"));
  const std::string text = "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
  http::RequestHead head;
  ASSERT_TRUE(http::parse_request_head(text, http::Limits{}, head).has_value());
  EXPECT_EQ(calls.answer(head, "", "id").status, 403);
  is_set_up_ = true;
  EXPECT_EQ(calls.answer(head, "", "id").status, 200);
}

TEST_F(ConsoleServerTest, ClearsACookieThatCannotBeOurs) {
  start();
  const std::string answer =
      ask("GET /api/v1/session", "Cookie: counterfoil-session=a; counterfoil-session=b\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401")) << answer;
  EXPECT_EQ(field_of(answer, "Set-Cookie"),
            "counterfoil-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

TEST_F(ConsoleServerTest, TakesReportsOfTheContentSecurityPolicy) {
  start();
  const std::string fields = "Origin: " + server_->origin() +
                             "\r\nContent-Type: application/csp-report\r\nContent-Length: 2\r\n";
  EXPECT_TRUE(ask("POST /csp", fields, "{}").starts_with("HTTP/1.1 204"));
  server_.reset();
  EXPECT_EQ(reports_, std::vector<std::string>{"{}"});
}

TEST_F(ConsoleServerTest, RefusesReportsPastTheirLimit) {
  start();
  const auto report = [&](std::size_t size) {
    return ask(
        "POST /csp",
        "Origin: " + server_->origin() + "\r\nContent-Length: " + std::to_string(size) + "\r\n",
        std::string(size, 'x'));
  };
  EXPECT_TRUE(report(ConsoleCalls::kReportBytesMax).starts_with("HTTP/1.1 204"));
  EXPECT_TRUE(report(ConsoleCalls::kReportBytesMax + 1).starts_with("HTTP/1.1 413"));
}

TEST_F(ConsoleServerTest, ClosesConnectionsPastTheirLimit) {
  start({.connections = {.per_source_max = 2, .total_max = 8}});
  const Descriptor first = connected();
  const Descriptor second = connected();
  const Descriptor third = connected();
  char byte = 0;
  EXPECT_LE(::recv(third.number(), &byte, 1, 0), 0);
  const std::string text = "GET /icon.svg HTTP/1.1\r\nHost: " + host() + "\r\n\r\n";
  ASSERT_GT(::send(first.number(), text.data(), text.size(), MSG_NOSIGNAL), 0);
  EXPECT_GT(::recv(first.number(), &byte, 1, 0), 0);
}

TEST_F(ConsoleServerTest, EndsWhileBrowsersHoldConnections) {
  start();
  const Descriptor idle = connected();
  server_.reset();
  char byte = 0;
  EXPECT_LE(::recv(idle.number(), &byte, 1, 0), 0);
}

}  // namespace
}  // namespace counterfoil
