// Who is believed: behind a gateway by its proof, standalone by his signature, else nobody.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "venue/identity_headers.h"
#include "venue/proof.h"
#include "venue/rest_api.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

constexpr std::string_view kUnauthorized =
    R"({"code":-1002,"msg":"You are not authorized to execute this request."})";

TEST(BehindAGateway, APrivateCallWithARightProofIsAnswered) {
  TestVenue venue;

  EXPECT_EQ(venue.get_as("/api/v3/account").status, 200);
}

TEST(BehindAGateway, EveryPrivateRouteRefusesADirectCall) {
  TestVenue venue;
  std::size_t private_routes = 0;
  for (const RestRoute& route : rest_routes()) {
    const Reply reply = venue.send(TestVenue::request_of(route.method, route.path));
    const bool is_private = route.security == Security::kPrivate;
    private_routes += is_private ? 1U : 0U;
    EXPECT_EQ(reply.status == 401, is_private) << route.path;
    EXPECT_EQ(reply.body == kUnauthorized, is_private) << route.path;
  }
  EXPECT_EQ(private_routes, 14U);
}

TEST(BehindAGateway, NoPublicRouteChangesState) {
  for (const RestRoute& route : rest_routes()) {
    if (route.security == Security::kPublic) {
      EXPECT_EQ(route.method, http::Method::kGet) << route.path;
    }
  }
}

struct TamperCase {
  std::string_view name;
  std::function<void(VenueRequest&)> tamper;
};
std::ostream& operator<<(std::ostream& out, const TamperCase& row) { return out << row.name; }
const TamperCase kTamperCases[] = {
    {"method", [](VenueRequest& request) { request.method = http::Method::kDelete; }},
    {"target", [](VenueRequest& request) { request.target += "&quantity=2"; }},
    {"body", [](VenueRequest& request) { request.body += "&a=1"; }},
    {"account", [](VenueRequest& request) { request.identity.account = "ben"; }},
    {"api_key", [](VenueRequest& request) { request.identity.api_key = kBen.api_key; }},
    {"permissions", [](VenueRequest& request) { request.identity.permissions = "WITHDRAW"; }},
    {"request_id", [](VenueRequest& request) { request.identity.request_id = "req-9"; }},
    {"timestamp", [](VenueRequest& request) { request.identity.timestamp = "1790000000001"; }},
    {"gateway", [](VenueRequest& request) { request.identity.gateway = "gw-other"; }},
    {"no_account", [](VenueRequest& request) { request.identity.account.reset(); }},
    {"no_api_key", [](VenueRequest& request) { request.identity.api_key.reset(); }},
    {"no_permissions", [](VenueRequest& request) { request.identity.permissions.reset(); }},
    {"no_request_id", [](VenueRequest& request) { request.identity.request_id.reset(); }},
    {"no_timestamp", [](VenueRequest& request) { request.identity.timestamp.reset(); }},
    {"no_gateway", [](VenueRequest& request) { request.identity.gateway.reset(); }},
    {"no_proof", [](VenueRequest& request) { request.identity.proof.reset(); }},
    {"repeated_header", [](VenueRequest& request) { request.identity.repeated = true; }},
};
class Tampering : public testing::TestWithParam<TamperCase> {};
TEST_P(Tampering, IsRefusedAndPlacesNothing) {
  TestVenue venue;
  VenueRequest request = TestVenue::request_of(
      http::Method::kPost, "/api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
      "quantity=1&price=64000");
  venue.prove(request, kAnn);

  GetParam().tamper(request);
  const Reply reply = venue.send(request);

  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body, kUnauthorized);
  EXPECT_EQ(venue.get_as("/api/v3/openOrders", kAnn).body, "[]");
  EXPECT_EQ(venue.get_as("/api/v3/openOrders", kBen).body, "[]");
}
INSTANTIATE_TEST_SUITE_P(Fields, Tampering, testing::ValuesIn(kTamperCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(BehindAGateway, AProofIsGoodForFiveSecondsEitherWay) {
  using std::chrono::milliseconds;
  struct Row {
    milliseconds later;
    int status;
  };
  for (const Row& row : {Row{milliseconds(5'000), 200}, Row{milliseconds(5'001), 401},
                         Row{milliseconds(-5'000), 200}, Row{milliseconds(-5'001), 401}}) {
    TestVenue venue;
    VenueRequest request = TestVenue::request_of(http::Method::kGet, "/api/v3/account");
    venue.prove(request, kAnn);
    venue.now += row.later;

    EXPECT_EQ(venue.send(request).status, row.status) << row.later.count();
  }
}

TEST(BehindAGateway, AReplayedOrderIsRefusedAndAReplayedReadIsNot) {
  TestVenue venue;
  VenueRequest order = TestVenue::request_of(
      http::Method::kPost,
      "/api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=64000");
  VenueRequest read = TestVenue::request_of(http::Method::kGet, "/api/v3/openOrders");
  venue.prove(order, kAnn);
  venue.prove(read, kAnn);

  EXPECT_EQ(venue.send(order).status, 200);
  EXPECT_EQ(venue.send(order).status, 401);
  EXPECT_EQ(venue.send(read).json.size(), 1U);
  EXPECT_EQ(venue.send(read).json.size(), 1U);
}

TEST(BehindAGateway, TwoSecretsAreValidWhileOneIsRotated) {
  std::vector<ProofSecret> secrets = test_secrets();
  secrets.push_back(proof_secret("2", kOtherTestSecret));
  TestVenue venue(test_options(), std::move(secrets));
  VenueRequest request = TestVenue::request_of(http::Method::kGet, "/api/v3/account");
  venue.prove(request, kAnn);

  EXPECT_EQ(venue.send(request).status, 200);
  TestVenue::sign(request, proof_secret("2", kOtherTestSecret));
  EXPECT_EQ(venue.send(request).status, 200);
  TestVenue::sign(request, proof_secret("3", kOtherTestSecret));
  EXPECT_EQ(venue.send(request).status, 401) << "a kid that nobody has";
  TestVenue::sign(request, proof_secret("1", kOtherTestSecret));
  EXPECT_EQ(venue.send(request).status, 401) << "the other kid's secret";
}

TEST(BehindAGateway, AnAccountOfImpossibleNameIsNobody) {
  TestVenue venue;

  EXPECT_EQ(venue.get_as("/api/v3/account", {.account = "Ann", .api_key = "k"}).status, 401);
  EXPECT_EQ(venue.get_as("/api/v3/account", {.account = "", .api_key = "k"}).status, 401);
}

TEST(BehindAGateway, APublicCallNeedsNoProofButNoWrongOne) {
  TestVenue venue;
  VenueRequest request = TestVenue::request_of(http::Method::kGet, "/api/v3/ping");
  request.identity.request_id = "r-1";
  EXPECT_EQ(venue.send(request).status, 200) << "an id alone claims nothing";

  venue.prove(request, kAnn);
  EXPECT_EQ(venue.send(request).status, 200);
  request.identity.proof->back() = request.identity.proof->back() == '0' ? '1' : '0';
  EXPECT_EQ(venue.send(request).status, 401) << "the secrets differ: better seen at once";
}

TEST(WithoutSecrets, EveryPrivateCallIsRefused) {
  TestVenue venue(test_options(), {});

  EXPECT_EQ(venue.get_as("/api/v3/account").body, kUnauthorized);
  EXPECT_EQ(venue.get("/api/v3/ping").status, 200);
}

TEST(IdentityHeaderLines, AreReadInAnyLetterCaseAndTrimmed) {
  const IdentityHeaders headers = read_identity_headers(
      "GET / HTTP/1.1\r\nHost: v\r\nx-COUNTERFOIL-account: \t ann \t\r\n"
      "X-Counterfoil-Permissions:\r\nX-Counterfoil-Accounts: no\r\n\r\n");

  EXPECT_EQ(headers.account, "ann");
  EXPECT_EQ(headers.permissions, "");
  EXPECT_FALSE(headers.api_key.has_value());
  EXPECT_FALSE(headers.repeated);
  EXPECT_FALSE(headers.claims().has_value());
}

TEST(IdentityHeaderLines, OneThatStandsThereTwiceIsNoticed) {
  EXPECT_TRUE(read_identity_headers("GET / HTTP/1.1\r\nX-Counterfoil-Key: a\r\n"
                                    "x-counterfoil-key: a\r\n\r\n")
                  .repeated);
}

}  // namespace
}  // namespace counterfoil::venue
