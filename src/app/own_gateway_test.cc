#include "app/own_gateway.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/ip_address.h"
#include "base/temporary_directory.h"
#include "doors/net/listener.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/test_certificate.h"
#include "doors/rest/test_upstream.h"

namespace counterfoil {
namespace {

namespace asio = boost::asio;
using rest_test::TestCertificate;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds kPatience{10};

// OneSecureAnswer takes one connection with TLS, and answers what it asks.
class OneSecureAnswer {
 public:
  explicit OneSecureAnswer(const TestCertificate& certificate)
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, &certificate] { serve(certificate); }) {}
  ~OneSecureAnswer() { thread_.join(); }
  OneSecureAnswer(const OneSecureAnswer&) = delete;
  OneSecureAnswer& operator=(const OneSecureAnswer&) = delete;
  OneSecureAnswer(OneSecureAnswer&&) = delete;
  OneSecureAnswer& operator=(OneSecureAnswer&&) = delete;

  [[nodiscard]] net::ListenAddress address() const {
    return {.address = *IpAddress::parse("127.0.0.1"), .port = acceptor_.local_endpoint().port()};
  }

 private:
  void serve(const TestCertificate& certificate) {
    asio::ssl::context tls(asio::ssl::context::tls_server);
    tls.use_certificate_chain_file(certificate.certificate());
    tls.use_private_key_file(certificate.key(), asio::ssl::context::pem);
    asio::ssl::stream<tcp::socket> stream(io_, tls);
    boost::system::error_code fault;
    (void)acceptor_.accept(stream.lowest_layer(), fault);
    (void)stream.handshake(asio::ssl::stream_base::server, fault);
    if (fault) {
      return;
    }
    std::string request;
    (void)asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", fault);
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    (void)asio::write(stream, asio::buffer(kAnswer), fault);
  }
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

TEST(OwnGateway, ConnectsToTheCertificateOfItsOwnWhateverNameThatHas) {
  const TestCertificate certificate;
  const OneSecureAnswer server(certificate);
  const auto client = client_of({.listen = server.address(),
                                 .hosts = {"gate.example.com"},
                                 .tls_certificate = certificate.certificate()});
  ASSERT_TRUE(client) << client.error();

  const auto reply = client->call({.target = "/"}, kPatience);

  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->body, "ok");
}

// Another certificate for the very same name: somebody else got hold of the port.
TEST(OwnGateway, RefusesAnyOtherCertificate) {
  const TestCertificate own;
  const TestCertificate foreign;
  const OneSecureAnswer server(foreign);
  const auto client =
      client_of({.listen = server.address(), .hosts = {}, .tls_certificate = own.certificate()});
  ASSERT_TRUE(client) << client.error();

  EXPECT_FALSE(client->call({.target = "/"}, kPatience));
}

TEST(OwnGateway, CallsTheFirstNameThatIsServedAndLoopbackWhereItListensEverywhere) {
  rest_test::TestUpstream server;
  server.set_script([](const rest_test::SeenRequest&) {
    return rest_test::Action{.answer = "HTTP/1.1 204 No Content\r\n\r\n",
                             .then = rest_test::Action::Then::kClose};
  });
  const std::string url = server.url();
  auto listen = net::ListenAddress::parse(url.substr(url.rfind('/') + 1));
  ASSERT_TRUE(listen) << listen.error();
  listen->address = *IpAddress::parse("0.0.0.0");
  const auto client =
      client_of({.listen = *listen, .hosts = {"gw.test", "other.test"}, .tls_certificate = {}});
  ASSERT_TRUE(client) << client.error();

  const auto reply = client->call({.target = "/"}, kPatience);

  ASSERT_TRUE(reply) << reply.error();
  ASSERT_EQ(server.seen().size(), 1U);
  EXPECT_TRUE(server.seen().front().head.contains("Host: gw.test:" + std::to_string(listen->port)));
}

TEST(OwnGateway, IsNoneBehindAProxyThatWritesTheAddressFirst) {
  const auto client = client_of({.listen = {.address = *IpAddress::parse("127.0.0.1"), .port = 1},
                                 .hosts = {},
                                 .tls_certificate = {},
                                 .client_address = ClientAddress::kProxyProtocol});

  ASSERT_FALSE(client);
  EXPECT_TRUE(client.error().contains("PROXY header"));
}

TEST(OwnGateway, ACertificateThatCannotBeReadIsToldBeforeAnyCall) {
  const auto client = client_of({.listen = {.address = *IpAddress::parse("127.0.0.1"), .port = 1},
                                 .hosts = {},
                                 .tls_certificate = "/nonexistent.pem"});

  ASSERT_FALSE(client);
  EXPECT_TRUE(client.error().starts_with("/nonexistent.pem"));
}

TEST(OwnGatewayClient, IsFoundOnceTheCertificateCanBeRead) {
  const TestCertificate certificate;
  const OneSecureAnswer server(certificate);
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "own.pem";
  OwnGatewayClient gateway;
  EXPECT_EQ(gateway.find(), nullptr);
  gateway.set(
      OwnGateway{.listen = server.address(), .hosts = {}, .tls_certificate = file.string()});
  EXPECT_EQ(gateway.find(), nullptr);
  std::filesystem::copy_file(certificate.certificate(), file);

  const auto client = gateway.find();

  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(client->call({.target = "/"}, kPatience).has_value());
  EXPECT_EQ(gateway.find(), client) << "it is held from then on";
}

TEST(OwnGatewayClient, IsAnotherOneAfterAChange) {
  const OwnGateway plain{.listen = {.address = *IpAddress::parse("127.0.0.1"), .port = 1},
                         .hosts = {},
                         .tls_certificate = {}};
  OwnGateway proxied = plain;
  proxied.client_address = ClientAddress::kProxyProtocol;
  OwnGatewayClient gateway;

  gateway.set(proxied);
  EXPECT_EQ(gateway.find(), nullptr);
  gateway.set(plain);
  const auto client = gateway.find();
  EXPECT_NE(client, nullptr);
  gateway.set(plain);
  EXPECT_NE(gateway.find(), client);
  gateway.set(std::nullopt);
  EXPECT_EQ(gateway.find(), nullptr);
}

}  // namespace
}  // namespace counterfoil
