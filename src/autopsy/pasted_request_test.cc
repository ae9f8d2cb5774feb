#include "autopsy/pasted_request.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autopsy/evidence.h"
#include "autopsy/reading.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::int64_t kNowMs = 1'767'319'445'678;

PastedRequest seen(std::string_view text, std::string_view api_key = "",
                   std::optional<Timestamp> at = std::nullopt) {
  const auto requests = pasted::read_pasted(text);
  if (!requests) {
    ADD_FAILURE() << requests.error();
    return {};
  }
  return from_pasted(requests->front(), api_key, at);
}

TEST(PastedRequest, KeepsWhatTheTextShows) {
  const PastedRequest made = seen("POST /o?a=1 HTTP/1.1\nX-MBX-APIKEY: key\n\nb=2&signature=c");
  EXPECT_EQ(made.request.transport, Transport::kRest);
  EXPECT_EQ(made.request.method, "POST");
  EXPECT_EQ(made.request.query, "a=1");
  EXPECT_EQ(made.request.body, "b=2&signature=c");
  EXPECT_EQ(made.api_key, "key");
}

TEST(PastedRequest, NamesTheKeyWhereTheFormShowsNoHeaders) {
  const PastedRequest url = seen("https://h/o?timestamp=1&signature=2", "mine");
  EXPECT_EQ(url.api_key, "");
  EXPECT_EQ(header_of(url.request, kApiKeyHeader), "mine");
  EXPECT_EQ(header_of(seen("a=1&signature=2").request, kApiKeyHeader)->size(), 64);
  // A whole message without it was sent without it.
  EXPECT_FALSE(header_of(seen("GET /o?signature=2 HTTP/1.1\n\n", "mine").request, kApiKeyHeader));
}

TEST(PastedRequest, ReadsTheKeyOfFramesAndLogons) {
  EXPECT_EQ(seen("{\"method\":\"m\",\"params\":{\"apiKey\":\"key\",\"signature\":\"s\"}}").api_key,
            "key");
  const PastedRequest logon =
      seen("8=FIX.4.4|9=5|35=A|52=20260102-02:04:05.678|553=key|96=s|10=000|");
  EXPECT_EQ(logon.request.transport, Transport::kFix);
  EXPECT_EQ(logon.api_key, "key");
  EXPECT_EQ(to_unix_ms(logon.now), kNowMs);
  EXPECT_FALSE(logon.is_time_told);
}

TEST(PastedRequest, IsJudgedByItsOwnTimeInAnyUnitWhenNobodyTells) {
  for (const std::string_view stamp :
       {"1767319445678", "1767319445678000", "1767319445678000000"}) {
    const PastedRequest made = seen("timestamp=" + std::string(stamp) + "&signature=2");
    EXPECT_EQ(to_unix_ms(made.now), kNowMs) << stamp;
    EXPECT_FALSE(made.is_time_told);
  }
  EXPECT_EQ(to_unix_ms(seen("timestamp=1767319445&signature=2").now), 1'767'319'445'000);
  for (const std::string_view stamp : {"", "x", "0", "-5", "99999999999999999999"}) {
    EXPECT_EQ(seen("timestamp=" + std::string(stamp) + "&signature=2").now, Timestamp{}) << stamp;
  }
}

TEST(PastedRequest, IsJudgedByTheTimeThatIsTold) {
  const std::string request =
      "GET /o?timestamp=1767319445678&signature=2 HTTP/1.1\n\nHTTP/1.1 400 Bad\nDate: Fri, 02 Jan "
      "2026 02:04:05 GMT\n\n";
  // A Date tells whole seconds: the request's own milliseconds fit into them.
  EXPECT_EQ(to_unix_ms(seen(request).now), kNowMs);
  EXPECT_TRUE(seen(request).is_time_told);
  const Timestamp at = from_unix_ms(5);
  EXPECT_EQ(seen(request, "", at).now, at);
  EXPECT_EQ(to_unix_ms(seen("2026-01-02T02:04:05Z GET /o?timestamp=9&signature=2").now),
            1'767'319'445'000);
}

TEST(PastedRequest, GuessesTheSchemeByTheLooks) {
  const auto guess = [](const std::string& signature) {
    return guess_scheme(seen("timestamp=1&signature=" + signature).request);
  };
  EXPECT_EQ(guess(std::string(64, 'a')), Scheme::kHmacSha256);
  EXPECT_EQ(guess(std::string(86, 'a') + "%3D%3D"), Scheme::kEd25519);
  EXPECT_EQ(guess(std::string(344, 'a')), Scheme::kRsaPkcs1Sha256);
}

}  // namespace
}  // namespace counterfoil::autopsy
