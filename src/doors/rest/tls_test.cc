#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include "doors/rest/rest_door.h"
#include "doors/rest/test_certificate.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"

namespace counterfoil::rest_test {
namespace {

using testing::HasSubstr;
namespace asio = boost::asio;

constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

// TlsClient shakes hands with one version of TLS and one offer of ALPN.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version, const std::string& alpn)
      : context_(asio::ssl::context::tls_client), stream_(io_, context_) {
    SSL_set_min_proto_version(stream_.native_handle(), version);
    SSL_set_max_proto_version(stream_.native_handle(), version);
    if (version < TLS1_2_VERSION) {
      SSL_set_security_level(stream_.native_handle(), 0);
    }
    if (!alpn.empty()) {
      const std::string wire = static_cast<char>(alpn.size()) + alpn;
      SSL_set_alpn_protos(stream_.native_handle(),
                          reinterpret_cast<const unsigned char*>(wire.data()),
                          static_cast<unsigned>(wire.size()));
    }
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port}, fault_);
    if (!fault_) {
      stream_.handshake(asio::ssl::stream_base::client, fault_);
    }
  }
  [[nodiscard]] bool is_connected() const { return !fault_; }
  [[nodiscard]] std::string protocol() {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream_.native_handle(), &chosen, &size);
    return size == 0 ? "" : std::string(reinterpret_cast<const char*>(chosen), size);
  }
  // call reads until `size` bytes came or the connection ended; then fault() says how.
  std::string call(const std::string& request, std::size_t size) {
    asio::write(stream_, asio::buffer(request), fault_);
    std::string got(size, '\0');
    const std::size_t read = asio::read(stream_, asio::buffer(got), fault_);
    got.resize(read);
    return got;
  }
  [[nodiscard]] boost::system::error_code fault() const { return fault_; }

 private:
  asio::io_context io_;
  asio::ssl::context context_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  boost::system::error_code fault_;
};

class Tls : public testing::Test {
 protected:
  Tls() {
    gate_.options.tls_certificate = certificate_.certificate();
    gate_.options.tls_key = certificate_.key();
  }
  std::string start_fails() {
    const auto started = RestDoor::start(gate_.options, gate_.parts());
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

TEST_F(Tls, KeepsTheOldFilesWhenNewOnesAreWrong) {
  gate_.start();
  ASSERT_TRUE(gate_.door->reload_tls().has_value());
  std::ofstream(certificate_.certificate()) << "not a certificate";

  const auto reloaded = gate_.door->reload_tls();

  ASSERT_FALSE(reloaded.has_value());
  EXPECT_THAT(reloaded.error(), HasSubstr("is not a PEM certificate chain"));
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

}  // namespace
}  // namespace counterfoil::rest_test
