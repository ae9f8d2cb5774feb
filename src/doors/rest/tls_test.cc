#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/error.hpp>
#include <chrono>
#include <fstream>
#include <string>

#include "doors/rest/rest_door.h"
#include "doors/rest/test_certificate.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_tls_client.h"
#include "doors/rest/test_upstream.h"

namespace counterfoil::rest_test {
namespace {

using testing::HasSubstr;
namespace asio = boost::asio;

constexpr std::chrono::seconds kPatience{10};
constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

class Tls : public testing::Test {
 protected:
  Tls() {
    gate_.options.tls_certificate = certificate_.certificate();
    gate_.options.tls_key = certificate_.key();
  }
  std::string start_fails() {
    const auto started = RestDoor::start(gate_.options, gate_.shared_gatekeeper(), gate_.parts());
    return started ? "" : started.error();
  }
  TestCertificate certificate_;
  Gate gate_;
};

TEST_F(Tls, ServesBothVersionsInUse) {
  gate_.start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(gate_.port(), version, "http/1.1");
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.protocol(), "http/1.1");
    EXPECT_THAT(client.call(kPing, 15), testing::StartsWith("HTTP/1.1 200 OK"));
  }
}

TEST_F(Tls, EndsWithAGoodbye) {
  gate_.start();
  TlsClient client(gate_.port(), TLS1_3_VERSION, "");

  const std::string answer =
      client.call("GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 100'000);

  EXPECT_THAT(answer, testing::EndsWith("{}"));
  EXPECT_EQ(client.fault(), asio::error::eof) << "not cut: " << client.fault().message();
}

TEST_F(Tls, SendsALargeAnswerWhole) {
  gate_.start();
  const std::string body(3UL * 1024 * 1024, 'q');
  gate_.upstream.set_script([&](const SeenRequest&) {
    return Action{.answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\n\r\n" + body};
  });
  TlsClient client(gate_.port(), TLS1_3_VERSION, "");

  const std::string answer = client.call(
      "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", body.size() + 10'000);

  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + body));
}

TEST_F(Tls, TurnsAwayOldVersionsOtherProtocolsAndPlainText) {
  gate_.start();
  EXPECT_FALSE(TlsClient(gate_.port(), TLS1_1_VERSION, "").is_connected());
  EXPECT_FALSE(TlsClient(gate_.port(), TLS1_3_VERSION, "h2").is_connected());
  TestClient plain(gate_.port());
  plain.send(kPing);
  EXPECT_EQ(plain.read().status, 0);
  wait_until([&] { return gate_.door->stats().handshakes_failed == 3; });
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(Tls, GivesUpOnASlowHandshake) {
  gate_.start();
  TestClient silent(gate_.port());
  wait_until([&] { return gate_.door->stats().connections_open == 1; });

  gate_.clock.advance(std::chrono::seconds(6));

  EXPECT_TRUE(silent.is_closed());
}

TEST_F(Tls, NamesTheFileThatIsWrong) {
  gate_.options.tls_certificate = "/nowhere/tls.crt";
  EXPECT_EQ(start_fails(),
            "The TLS certificate /nowhere/tls.crt cannot be read: No such file or directory.");

  gate_.options.tls_certificate = "";
  EXPECT_THAT(start_fails(), HasSubstr("both a certificate and its key"));

  gate_.options.tls_certificate = certificate_.certificate();
  const TestCertificate other;
  gate_.options.tls_key = other.key();
  EXPECT_THAT(start_fails(), HasSubstr("The TLS key " + other.key()));

  gate_.options.tls_key = certificate_.certificate();
  ::chmod(certificate_.certificate().c_str(), 0600);
  EXPECT_THAT(start_fails(), HasSubstr("is not the PEM private key of"));

  gate_.options.tls_key = certificate_.key();
  ::chmod(certificate_.key().c_str(), 0644);
  EXPECT_EQ(start_fails(), "The TLS key " + certificate_.key() +
                               " may be read or written by everybody; run: chmod 600 " +
                               certificate_.key());
}

TEST_F(Tls, TheNextHandshakeSeesANewCertificateAndOldConnectionsLiveOn) {
  gate_.start();
  TlsClient old(gate_.port(), TLS1_3_VERSION, "");
  const TestCertificate other;
  gate_.options.tls_certificate = other.certificate();
  gate_.options.tls_key = other.key();

  const auto change = RestDoor::check_change(gate_.options, gate_.shared_gatekeeper());
  ASSERT_TRUE(change.has_value()) << change.error();
  EXPECT_TRUE(gate_.door->take_over(**change, kPatience));

  TlsClient fresh(gate_.port(), TLS1_3_VERSION, "");
  EXPECT_NE(fresh.peer_certificate(), old.peer_certificate());
  EXPECT_EQ(fresh.peer_certificate(), TestCertificate::der_of(other.certificate()));
  EXPECT_THAT(fresh.call(kPing, 15), testing::StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(old.call(kPing, 15), testing::StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(Tls, AFaultyFileIsFoundBeforeAnythingChanges) {
  gate_.start();
  std::ofstream(certificate_.certificate()) << "not a certificate";

  const auto change = RestDoor::check_change(gate_.options, gate_.shared_gatekeeper());

  ASSERT_FALSE(change.has_value());
  EXPECT_THAT(change.error(), HasSubstr("is not a PEM certificate chain"));
  TlsClient client(gate_.port(), TLS1_3_VERSION, "");
  EXPECT_THAT(client.call(kPing, 15), testing::StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(Tls, TowardsTheUpstreamIsVerified) {
  gate_.start();  // is the upstream of `front`
  Gate front;
  front.options.upstream.url = "https://localhost:" + std::to_string(gate_.port());
  front.options.upstream.authorities = certificate_.certificate();
  front.start();
  TestClient client(front.port());

  EXPECT_EQ(client.call(kPing).status, 200);
  EXPECT_EQ(
      client.call("POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").status,
      200);
  EXPECT_EQ(gate_.upstream.seen().at(1).body, "hi");
  EXPECT_EQ(gate_.door->stats().connections_accepted, 1U) << "the connection is kept";

  Gate stranger;
  const TestCertificate other;
  stranger.options.upstream.url = front.options.upstream.url;
  stranger.options.upstream.authorities = other.certificate();
  stranger.start();
  TestClient refused(stranger.port());
  EXPECT_EQ(refused.call(kPing).status, 502);
}

TEST_F(Tls, TheAuthoritiesOfTheUpstreamAreReadAnew) {
  gate_.start();  // is the upstream of `front`
  const TestCertificate other;
  Gate front;
  front.options.upstream.url = "https://localhost:" + std::to_string(gate_.port());
  front.options.upstream.authorities = other.certificate();
  front.start();
  TestClient client(front.port());
  EXPECT_EQ(client.call(kPing).status, 502);
  front.options.upstream.authorities = certificate_.certificate();

  const auto change = RestDoor::check_change(front.options, front.shared_gatekeeper());
  ASSERT_TRUE(change.has_value()) << change.error();
  EXPECT_TRUE(front.door->take_over(**change, kPatience));

  EXPECT_EQ(client.call(kPing).status, 200);
}

}  // namespace
}  // namespace counterfoil::rest_test
