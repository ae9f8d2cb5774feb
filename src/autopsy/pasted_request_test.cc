#include "autopsy/pasted_request.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "autopsy/evidence.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::int64_t kNowMs = 1'767'319'445'678;

pasted::Request read(std::string_view text) {
  auto requests = pasted::read_pasted(text);
  if (!requests) {
    ADD_FAILURE() << requests.error();
    return {};
  }
  return std::move(requests->front());
}

RefusedRequest evidence_in(pasted::Request request) { return take_evidence(request); }

JudgedAt judged(std::string_view text, std::optional<Timestamp> at = std::nullopt) {
  pasted::Request request = read(text);
  const RefusedRequest evidence = take_evidence(request);
  return judged_at(evidence, request, at);  // of which the rest is left
}

TEST(PastedRequest, KeepsWhatTheTextShows) {
  const RefusedRequest made =
      evidence_in(read("POST /o?a=1 HTTP/1.1\nX-MBX-APIKEY: key\n\nb=2&signature=c"));
  EXPECT_EQ(made.transport, Transport::kRest);
  EXPECT_EQ(made.method, "POST");
  EXPECT_EQ(made.query, "a=1");
  EXPECT_EQ(made.body, "b=2&signature=c");
  EXPECT_EQ(api_key_of(made), "key");
}

TEST(PastedRequest, TellsWhichFormsHaveHeaders) {
  EXPECT_TRUE(tells_headers(read("curl https://h/o").form));
  EXPECT_TRUE(tells_headers(read("GET /o HTTP/1.1\n\n").form));
  EXPECT_FALSE(tells_headers(read("https://h/o?timestamp=1&signature=2").form));
  EXPECT_FALSE(tells_headers(read("a=1&signature=2").form));
}

TEST(PastedRequest, ReadsTheKeyOfFramesAndLogons) {
  EXPECT_EQ(api_key_of(evidence_in(
                read("{\"method\":\"m\",\"params\":{\"apiKey\":\"key\",\"signature\":\"s\"}}"))),
            "key");
  constexpr std::string_view kLogon =
      "8=FIX.4.4|9=5|35=A|52=20260102-02:04:05.678|553=key|96=s|10=000|";
  const RefusedRequest logon = evidence_in(read(kLogon));
  EXPECT_EQ(logon.transport, Transport::kFix);
  EXPECT_EQ(api_key_of(logon), "key");
  EXPECT_EQ(to_unix_ms(judged(kLogon).time), kNowMs);
  EXPECT_FALSE(judged(kLogon).is_told);
}

TEST(PastedRequest, IsJudgedByItsOwnTimeInAnyUnitWhenNobodyTells) {
  for (const std::string_view stamp :
       {"1767319445678", "1767319445678000", "1767319445678000000"}) {
    const JudgedAt made = judged("timestamp=" + std::string(stamp) + "&signature=2");
    EXPECT_EQ(to_unix_ms(made.time), kNowMs) << stamp;
    EXPECT_FALSE(made.is_told);
  }
  EXPECT_EQ(to_unix_ms(judged("timestamp=1767319445&signature=2").time), 1'767'319'445'000);
  for (const std::string_view stamp : {"", "x", "0", "-5", "99999999999999999999"}) {
    EXPECT_EQ(judged("timestamp=" + std::string(stamp) + "&signature=2").time, Timestamp{})
        << stamp;
  }
}

TEST(PastedRequest, IsJudgedByTheTimeThatIsTold) {
  const std::string request =
      "GET /o?timestamp=1767319445678&signature=2 HTTP/1.1\n\nHTTP/1.1 400 Bad\nDate: Fri, 02 Jan "
      "2026 02:04:05 GMT\n\n";
  // A Date tells whole seconds: the request's own milliseconds fit into them.
  EXPECT_EQ(to_unix_ms(judged(request).time), kNowMs);
  EXPECT_TRUE(judged(request).is_told);
  const Timestamp at = from_unix_ms(5);
  EXPECT_EQ(judged(request, at).time, at);
  EXPECT_EQ(to_unix_ms(judged("2026-01-02T02:04:05Z GET /o?timestamp=9&signature=2").time),
            1'767'319'445'000);
}

TEST(PastedRequest, GuessesTheSchemeByTheLooks) {
  const auto guess = [](const std::string& signature) {
    return guess_scheme(evidence_in(read("timestamp=1&signature=" + signature)));
  };
  EXPECT_EQ(guess(std::string(64, 'a')), Scheme::kHmacSha256);
  EXPECT_EQ(guess(std::string(86, 'a') + "%3D%3D"), Scheme::kEd25519);
  EXPECT_EQ(guess(std::string(344, 'a')), Scheme::kRsaPkcs1Sha256);
}

}  // namespace
}  // namespace counterfoil::autopsy
