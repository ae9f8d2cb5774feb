#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/test_certificate.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_tls_client.h"
#include "doors/rest/test_upstream.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "wire/http/refusal.h"
#include "wire/proxy/test_proxy_header.h"

// Who the client is, for each way to learn it, each header that could say it and each transport.
namespace counterfoil::rest_test {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace)
using std::chrono::milliseconds;

enum class Transport : std::uint8_t { kPlain, kTls };
void PrintTo(Transport transport, std::ostream* out) {
  *out << (transport == Transport::kTls ? "Tls" : "Plain");
}

constexpr std::string_view kSocket = "127.0.0.1";  // where tests connect from
constexpr std::string_view kClosed = "closed";

// Headers that say who the client is, and are never believed.
const std::string kNeverBelieved =
    "Forwarded: for=198.51.100.66\r\nX-Real-IP: 198.51.100.66\r\nTrue-Client-IP: 198.51.100.66\r\n"
    "X-Client-IP: 198.51.100.66\r\nCF-Connecting-IP: 198.51.100.66\r\n"
    "X_Forwarded_For: 198.51.100.66\r\n";

class ClientAddressTest : public testing::TestWithParam<Transport> {
 protected:
  void start(ClientAddress method, std::string_view proxy = kSocket) {
    if (GetParam() == Transport::kTls) {
      gate_.options.tls_certificate = certificate_.certificate();
      gate_.options.tls_key = certificate_.key();
    }
    gate_.options.client_address = method;
    if (method != ClientAddress::kSocket) {
      gate_.options.trusted_proxies = {Cidr::parse(proxy).value()};
    }
    gate_.start();
  }
  // call gives the status of an answer; 0: there was none.
  int call(const std::string& before, std::string request) {
    if (GetParam() == Transport::kPlain) {
      TestClient client(gate_.port());
      return client.call(before + request).status;
    }
    TlsClient client(gate_.port(), TLS1_3_VERSION, "", before);
    request.insert(request.find("\r\n") + 2, "Connection: close\r\n");
    const std::string answer = client.is_connected() ? client.call(request, 100'000) : "";
    return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
  }
  // outcome of a request on a connection of its own: what the upstream is told the client's
  // address is, the status of a refusal, or "closed".
  std::string outcome(const std::string& before, const std::string& fields) {
    const std::size_t seen = gate_.upstream.seen().size();
    const int status = call(before, "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    if (status != 200) {
      EXPECT_EQ(gate_.upstream.seen().size(), seen) << before << fields;
      return status == 0 ? std::string(kClosed) : std::to_string(status);
    }
    const std::string head = gate_.upstream.seen().at(seen).head;
    std::string small = head;
    std::ranges::transform(small, small.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::size_t told = small.find("x-forwarded-for");
    EXPECT_EQ(small.find("x-forwarded-for", told + 1), std::string::npos) << head;
    EXPECT_FALSE(small.contains("x-real-ip") || small.contains("forwarded: ") ||
                 small.contains("true-client-ip"))
        << head;
    return gate_.upstream.seen().at(seen).field("x-forwarded-for");
  }

  TestCertificate certificate_;
  Gate gate_;
};

INSTANTIATE_TEST_SUITE_P(Over, ClientAddressTest,
                         testing::Values(Transport::kPlain, Transport::kTls),
                         testing::PrintToStringParamName());

struct GreetingCase {
  std::string before;
  std::string_view outcome;
};
const std::vector<GreetingCase>& greetings() {
  static const std::vector<GreetingCase> cases = {
      {"PROXY TCP4 203.0.113.7 198.51.100.2 1 443\r\n", "203.0.113.7"},
      {"PROXY TCP6 2001:db8::7 2001:db8::2 1 443\r\n", "2001:db8::7"},
      {"PROXY TCP6 ::ffff:203.0.113.7 ::1 1 443\r\n", "203.0.113.7"},
      {"PROXY UNKNOWN\r\n", kSocket},
      {"PROXY UNKNOWN 203.0.113.7 198.51.100.2 1 443\r\n", kSocket},
      {proxy::v2(0x21, 0x11, proxy::kV4Block), "192.0.2.1"},
      {proxy::v2(0x21, 0x21, proxy::kV6Block), "2001:db8::1"},
      {proxy::v2(
           0x21, 0x11,
           proxy::kV4Block + proxy::tlv(2, "gw.test") + proxy::tlv(4, std::string(1000, 'x'))),
       "192.0.2.1"},
      {proxy::v2(0x20, 0x00, ""), kSocket},
      {proxy::v2(0x20, 0x11, proxy::kV4Block), kSocket},
      {"", kClosed},
      {"\r\n", kClosed},
      {"PROXY TCP4 203.0.113.7 198.51.100.2 1 443\n", kClosed},
      {"PROXY TCP4 203.0.113.7:1 198.51.100.2 1 443\r\n", kClosed},
      {"PROXY  TCP4 203.0.113.7 198.51.100.2 1 443\r\n", kClosed},
      {" PROXY TCP4 203.0.113.7 198.51.100.2 1 443\r\n", kClosed},
      {"X-Forwarded-For: 203.0.113.7\r\n", kClosed},
      {proxy::v2(0x22, 0x11, proxy::kV4Block), kClosed},
      {proxy::v2(0x31, 0x11, proxy::kV4Block), kClosed},
      {proxy::v2(0x21, 0x00, proxy::kV4Block), kClosed},
      {proxy::v2(0x21, 0x12, proxy::kV4Block), kClosed},
      {proxy::v2(0x21, 0x31, std::string(216, 'u')), kClosed},
      {proxy::v2(0x21, 0x11, proxy::kV4Block + "\x04\xff\xff"s), kClosed},
      {proxy::v2(0x21, 0x11, proxy::kV4Block + proxy::tlv(4, std::string(2048, 'x'))), kClosed},
  };
  return cases;
}

const std::string kForged = kNeverBelieved + "X-Forwarded-For: 198.51.100.66\r\n";

TEST_P(ClientAddressTest, IsThatOfThePROXYHeaderAndOfNoOther) {
  start(ClientAddress::kProxyProtocol);
  std::uint64_t refused = 0;
  for (const GreetingCase& greeting : greetings()) {
    EXPECT_EQ(outcome(greeting.before, kForged), greeting.outcome) << greeting.before;
    refused += greeting.outcome == kClosed ? 1U : 0U;
  }
  wait_until([&] { return gate_.door->stats().proxy_headers_failed == refused; });
}

TEST_P(ClientAddressTest, OfAStrangerCannotBeSaidByAPROXYHeader) {
  start(ClientAddress::kProxyProtocol, "127.0.0.2");
  for (const GreetingCase& greeting : greetings()) {
    EXPECT_EQ(outcome(greeting.before, kForged), kClosed) << greeting.before;
  }
}

TEST_P(ClientAddressTest, IsSaidOnce) {
  start(ClientAddress::kProxyProtocol);
  const std::string line = "PROXY TCP4 203.0.113.7 198.51.100.2 1 443\r\n";
  // To what comes behind, the second is no beginning of anything.
  EXPECT_EQ(outcome(line + line, ""), GetParam() == Transport::kTls ? kClosed : "400");
}

TEST_P(ClientAddressTest, IsTheSocketsWhereNoProxyIsExpected) {
  start(ClientAddress::kSocket);
  EXPECT_EQ(outcome("", kForged), kSocket);
  EXPECT_EQ(outcome("", "X-Forwarded-For: nonsense\r\n"), kSocket);
  for (const GreetingCase& greeting : greetings()) {
    if (greeting.outcome != kClosed) {
      EXPECT_EQ(outcome(greeting.before, ""), GetParam() == Transport::kTls ? kClosed : "400")
          << greeting.before;
    }
  }
}

struct HeaderCase {
  std::string fields;
  std::string_view outcome;
};
const std::vector<HeaderCase>& headers() {
  static const std::vector<HeaderCase> cases = {
      {"", kSocket},
      {kNeverBelieved, kSocket},
      {"X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
      {kNeverBelieved + "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
      {"x-forwarded-for: 198.51.100.66, 203.0.113.7\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 198.51.100.66, 203.0.113.7, 127.0.0.1\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 198.51.100.66\r\nX-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 127.0.0.1\r\n", "203.0.113.7"},
      {"X-Forwarded-For: nonsense, 2001:db8::7\r\n", "2001:db8::7"},
      {"X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 127.0.0.1\r\n", kSocket},
      {"X-Forwarded-For: 203.0.113.7\r\nConnection: X-Forwarded-For\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 203.0.113.7:1234\r\n", "400"},
      {"X-Forwarded-For: [2001:db8::7]\r\n", "400"},
      {"X-Forwarded-For: unknown\r\n", "400"},
      {"X-Forwarded-For: 203.0.113.7, nonsense\r\n", "400"},
      {"X-Forwarded-For: 203.0.113.7,\r\n", "400"},
      {"X-Forwarded-For:\r\n", "400"},
      {"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: \r\n", "400"},
      {"X-Forwarded-For: 1.1.1.1,127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1,"
       "127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1\r\n",
       "400"},
  };
  return cases;
}

TEST_P(ClientAddressTest, IsThatOfXForwardedForAndOfNoOther) {
  start(ClientAddress::kForwardedFor);
  for (const HeaderCase& header : headers()) {
    EXPECT_EQ(outcome("", header.fields), header.outcome) << header.fields;
  }
  EXPECT_EQ(outcome("PROXY TCP4 203.0.113.7 198.51.100.2 1 443\r\n", ""),
            GetParam() == Transport::kTls ? kClosed : "400");
}

TEST_P(ClientAddressTest, OfAStrangerCannotBeSaidByXForwardedFor) {
  start(ClientAddress::kForwardedFor, "127.0.0.2");
  for (const HeaderCase& header : headers()) {
    EXPECT_EQ(outcome("", header.fields), kSocket) << header.fields;
  }
}

TEST_P(ClientAddressTest, IsWhatAllowListsJudge) {
  const TestKey key = gate_.hmac_key("USER_DATA", "203.0.113.7");
  start(ClientAddress::kProxyProtocol);
  const auto ask = [&](const std::string& address, const std::string& more) {
    std::string request = gate_.get(key, "/api/v3/account", more);
    request.insert(request.size() - 2, "X-Forwarded-For: 203.0.113.7\r\n");
    return call("PROXY TCP4 " + address + " 198.51.100.2 1 443\r\n", request);
  };
  EXPECT_EQ(ask("203.0.113.7", "a=1"), 200);
  EXPECT_EQ(ask("203.0.113.8", "a=2"), 401);
}

// --- What follows from it, on one transport -----------------------------------------------------

class ProxiedClients : public testing::Test {
 protected:
  void start(ClientAddress method, std::string_view proxy = kSocket) {
    gate_.options.client_address = method;
    gate_.options.trusted_proxies = {Cidr::parse(proxy).value()};
    gate_.start();
  }
  static std::string line_of(const std::string& client) {
    return "PROXY TCP4 " + client + " 198.51.100.2 1 443\r\n";
  }
  static std::string get(const std::string& path, const std::string& client) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + client + "\r\n\r\n";
  }
  void wait_for_connections(std::uint64_t count) {
    wait_until([&] { return gate_.door->stats().connections_open == count; });
  }
  Gate gate_;
};

TEST_F(ProxiedClients, ShareAConnectionButNothingElse) {
  const TestKey key = gate_.hmac_key("USER_DATA", "203.0.113.7");
  start(ClientAddress::kForwardedFor);
  TestClient proxy(gate_.port());
  const auto status_of = [&](const std::string& client) {
    std::string request = gate_.get(key, "/api/v3/account");
    request.insert(request.size() - 2, "X-Forwarded-For: " + client + "\r\n");
    return proxy.call(request).status;
  };

  EXPECT_EQ(status_of("203.0.113.7"), 200);
  EXPECT_EQ(status_of("203.0.113.8"), 401);
  EXPECT_EQ(proxy.call("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  EXPECT_EQ(gate_.upstream.seen().back().field("x-forwarded-for"), kSocket)
      << "nothing is left of the request before";
  EXPECT_EQ(status_of("203.0.113.7, 127.0.0.1"), 200);
}

TEST_F(ProxiedClients, HaveABudgetEach) {
  start(ClientAddress::kForwardedFor);
  TestClient proxy(gate_.port());

  EXPECT_EQ(proxy.call(get("/api/v3/heavy", "203.0.113.7")).status, 200);
  EXPECT_EQ(proxy.call(get("/api/v3/heavy", "203.0.113.8")).status, 200);
  EXPECT_EQ(proxy.call(get("/api/v3/heavy", "203.0.113.7")).status, 429);
}

TEST_F(ProxiedClients, StandInTheJournal) {
  const TestKey key = gate_.hmac_key("USER_DATA", "192.0.2.99");
  start(ClientAddress::kForwardedFor);
  TestClient proxy(gate_.port());
  std::string request = gate_.get(key, "/api/v3/account");
  request.insert(request.size() - 2, "X-Forwarded-For: 203.0.113.7\r\n");

  const ClientAnswer answer = proxy.call(request);

  EXPECT_EQ(answer.status, 401);
  const auto journal = make_memory_journal();
  ASSERT_TRUE(gate_.recorder.drain(*journal).has_value());
  const auto refusal = journal->refusal(answer.field("x-counterfoil-request-id"));
  ASSERT_TRUE(refusal.has_value() && refusal->has_value());
  EXPECT_EQ((*refusal)->address.to_string(), "203.0.113.7");
}

TEST_F(ProxiedClients, AreToldWhatIsWrongWithTheirProxysHeader) {
  start(ClientAddress::kForwardedFor);
  TestClient proxy(gate_.port());

  const ClientAnswer answer = proxy.call(get("/api/v3/ping", "203.0.113.7:80"));

  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.body.contains("X-Forwarded-For is not a list of plain addresses."));
  EXPECT_TRUE(proxy.is_closed());
  constexpr auto kKind = static_cast<std::size_t>(http::RefusalKind::kForwardedForMalformed);
  EXPECT_EQ(gate_.door->stats().http_refusals[kKind], 1U);
}

TEST_F(ProxiedClients, AreLimitedEachByItsOwnAddress) {
  gate_.options.connections_per_address_max = 1;
  start(ClientAddress::kProxyProtocol);
  const std::string ping = "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n";
  auto one = std::make_unique<TestClient>(gate_.port());
  TestClient two(gate_.port());
  TestClient check(gate_.port());
  EXPECT_EQ(one->call(line_of("203.0.113.7") + ping).status, 200);
  EXPECT_EQ(two.call(line_of("203.0.113.8") + ping).status, 200);
  EXPECT_EQ(check.call("PROXY UNKNOWN\r\n" + ping).status, 200);
  TestClient another_check(gate_.port());
  EXPECT_EQ(another_check.call(proxy::v2(0x20, 0x00, "") + ping).status, 200);

  TestClient again(gate_.port());
  EXPECT_EQ(again.call(line_of("203.0.113.7") + ping).status, 0);
  EXPECT_EQ(gate_.door->stats().connections_refused, 1U);

  one.reset();
  wait_for_connections(3);
  TestClient at_last(gate_.port());
  EXPECT_EQ(at_last.call(line_of("203.0.113.7") + ping).status, 200);
}

TEST_F(ProxiedClients, ShareAsManyConnectionsAsTheirProxyNeeds) {
  gate_.options.connections_per_address_max = 1;
  start(ClientAddress::kForwardedFor);
  TestClient one(gate_.port());
  TestClient two(gate_.port());

  EXPECT_EQ(one.call(get("/api/v3/ping", "203.0.113.7")).status, 200);
  EXPECT_EQ(two.call(get("/api/v3/ping", "203.0.113.7")).status, 200);
}

TEST_F(ProxiedClients, DoNotLoosenTheLimitOfStrangers) {
  gate_.options.connections_per_address_max = 1;
  start(ClientAddress::kForwardedFor, "127.0.0.2");
  TestClient one(gate_.port());
  EXPECT_EQ(one.call(get("/api/v3/ping", "203.0.113.7")).status, 200);

  TestClient two(gate_.port());

  EXPECT_EQ(two.call(get("/api/v3/ping", "203.0.113.8")).status, 0);
}

TEST_F(ProxiedClients, CountInAllBeforeTheyAreKnown) {
  gate_.options.connections_max = 1;
  start(ClientAddress::kProxyProtocol);
  const TestClient silent(gate_.port());
  wait_for_connections(1);

  TestClient refused(gate_.port());

  EXPECT_TRUE(refused.is_closed());
  EXPECT_EQ(gate_.door->stats().connections_refused, 1U);
}

TEST_F(ProxiedClients, HaveASecondToBeNamed) {
  start(ClientAddress::kProxyProtocol);
  TestClient silent(gate_.port());
  TestClient slow(gate_.port());
  slow.send(line_of("203.0.113.7").substr(0, 20));
  wait_for_connections(2);

  gate_.clock.advance(milliseconds(1'100));

  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(slow.is_closed());
  wait_for_connections(0);
  EXPECT_EQ(gate_.door->stats().proxy_headers_failed, 2U);
  EXPECT_EQ(gate_.door->stats().connections_accepted, 0U);
}

TEST_F(ProxiedClients, ThatAreNotNamedYetDoNotHoldUpTheEnd) {
  start(ClientAddress::kProxyProtocol);
  TestClient silent(gate_.port());
  wait_for_connections(1);

  EXPECT_TRUE(gate_.door->drain(std::chrono::seconds(20)));
  EXPECT_TRUE(silent.is_closed());
  gate_.door->stop();
}

TEST_F(ProxiedClients, ThatAreNotNamedYetEndWithTheDoor) {
  start(ClientAddress::kProxyProtocol);
  TestClient silent(gate_.port());
  wait_for_connections(1);

  gate_.door->stop();

  EXPECT_TRUE(silent.is_closed());
  EXPECT_EQ(gate_.door->stats().connections_open, 0U);
}

}  // namespace
}  // namespace counterfoil::rest_test
