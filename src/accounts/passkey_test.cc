#include "accounts/passkey.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/authenticator_data.h"
#include "accounts/test_authenticator.h"
#include "base/bytes.h"
#include "base/time.h"

namespace counterfoil {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);
const RelyingParty kParty{.id = "gate.example.com", .origins = {"https://gate.example.com"}};
const std::vector<std::uint8_t> kChallenge(32, 0xfb);

Passkey registered(const TestAuthenticator& authenticator) {
  auto made = verify_registration(kParty, kChallenge, authenticator.make(kChallenge), kNow);
  EXPECT_TRUE(made.has_value()) << (made ? "" : describe(made.error()));
  return made.value_or(Passkey{});
}

std::optional<PasskeyFault> fault_of(const std::expected<Passkey, PasskeyFault>& made) {
  return made ? std::nullopt : std::optional(made.error());
}

class PasskeyOfAlgorithm : public testing::TestWithParam<PasskeyAlgorithm> {};

TEST_P(PasskeyOfAlgorithm, IsRegisteredAndSignsIn) {
  TestAuthenticator authenticator(GetParam());
  const Passkey passkey = registered(authenticator);
  authenticator.counter = 7;

  const auto used =
      verify_assertion(kParty, kChallenge, authenticator.use(kChallenge), passkey, kNow);

  EXPECT_EQ(passkey.algorithm, GetParam());
  EXPECT_EQ(passkey.created, kNow);
  ASSERT_EQ(fault_of(used), std::nullopt);
  EXPECT_EQ(used->counter, 7U);
  EXPECT_EQ(used->last_used, kNow);
}

TEST_P(PasskeyOfAlgorithm, RefusesEveryChangedByte) {
  const TestAuthenticator authenticator(GetParam());
  const Passkey passkey = registered(authenticator);
  const PasskeyAssertion right = authenticator.use(kChallenge);

  for (std::size_t i = 0; i < right.authenticator_data.size(); ++i) {
    PasskeyAssertion changed = right;
    changed.authenticator_data[i] ^= 1U;
    EXPECT_NE(fault_of(verify_assertion(kParty, kChallenge, changed, passkey, kNow)), std::nullopt)
        << i;
  }
  for (std::size_t i = 0; i < right.client_data_json.size(); ++i) {
    PasskeyAssertion changed = right;
    changed.client_data_json[i] = static_cast<char>(changed.client_data_json[i] ^ 1);
    EXPECT_NE(fault_of(verify_assertion(kParty, kChallenge, changed, passkey, kNow)), std::nullopt)
        << i;
  }
  PasskeyAssertion changed = right;
  changed.signature.back() ^= 1U;
  EXPECT_EQ(fault_of(verify_assertion(kParty, kChallenge, changed, passkey, kNow)),
            PasskeyFault::kSignature);
}

INSTANTIATE_TEST_SUITE_P(Passkey, PasskeyOfAlgorithm,
                         testing::Values(PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa,
                                         PasskeyAlgorithm::kRs256));

// Each thing that an authenticator or its browser may do wrong, once (control S-63).
struct Wrong {
  std::string_view what;
  std::function<void(TestAuthenticator&)> change;
  PasskeyFault fault;
};
const Wrong kWrongs[] = {
    {"another origin", [](auto& a) { a.origin = "https://gate.example.com.evil.org"; },
     PasskeyFault::kWrongOrigin},
    {"http", [](auto& a) { a.origin = "http://gate.example.com"; }, PasskeyFault::kWrongOrigin},
    {"inside a foreign page", [](auto& a) { a.more_client_data = R"(,"crossOrigin":true)"; },
     PasskeyFault::kWrongOrigin},
    {"under a foreign page",
     [](auto& a) { a.more_client_data = R"(,"crossOrigin":false,"topOrigin":"https://a.org")"; },
     PasskeyFault::kWrongOrigin},
    {"another party", [](auto& a) { a.party = "example.com"; }, PasskeyFault::kWrongRelyingParty},
    {"nobody there", [](auto& a) { a.flags = 0x04; }, PasskeyFault::kUserNotPresent},
    {"nobody checked", [](auto& a) { a.flags = 0x01; }, PasskeyFault::kUserNotVerified},
    {"swapped types", [](auto& a) { std::swap(a.type_made, a.type_used); },
     PasskeyFault::kWrongType},
    {"a name twice",
     [](auto& a) { a.more_client_data = R"(,"origin":"https://gate.example.com")"; },
     PasskeyFault::kMalformed},
    {"nested deep", [](auto& a) { a.more_client_data = R"(,"x":[[[[[[1]]]]]])"; },
     PasskeyFault::kMalformed},
    {"too long", [](auto& a) { a.more_client_data = R"(,"x":")" + std::string(4096, 'x') + "\""; },
     PasskeyFault::kMalformed},
    {"bytes behind the data", [](auto& a) { a.more_authenticator_data = {0x00}; },
     PasskeyFault::kMalformed},
    {"extensions announced and absent", [](auto& a) { a.flags |= 0x80U; },
     PasskeyFault::kMalformed},
};

TEST(Passkey, RefusesEachThingDoneWrong) {
  for (const Wrong& wrong : kWrongs) {
    TestAuthenticator authenticator;
    const Passkey passkey = registered(authenticator);
    wrong.change(authenticator);

    EXPECT_EQ(
        fault_of(verify_registration(kParty, kChallenge, authenticator.make(kChallenge), kNow)),
        wrong.fault)
        << wrong.what;
    EXPECT_EQ(fault_of(verify_assertion(kParty, kChallenge, authenticator.use(kChallenge), passkey,
                                        kNow)),
              wrong.fault)
        << wrong.what;
  }
}

TEST(Passkey, AnswersOneChallenge) {
  const TestAuthenticator authenticator;
  const Passkey passkey = registered(authenticator);
  const std::vector<std::uint8_t> other(32, 0x01);

  EXPECT_EQ(fault_of(verify_registration(kParty, other, authenticator.make(kChallenge), kNow)),
            PasskeyFault::kWrongChallenge);
  EXPECT_EQ(fault_of(verify_assertion(kParty, other, authenticator.use(kChallenge), passkey, kNow)),
            PasskeyFault::kWrongChallenge);
  EXPECT_EQ(fault_of(verify_assertion(kParty, {}, authenticator.use({}), passkey, kNow)),
            PasskeyFault::kWrongChallenge)
      << "no challenge is no question";
}

TEST(Passkey, CountsUpwardsOrNotAtAll) {
  TestAuthenticator authenticator;
  Passkey passkey = registered(authenticator);
  const auto fault_with = [&](std::uint32_t stored, std::uint32_t now) {
    passkey.counter = stored;
    authenticator.counter = now;
    return fault_of(
        verify_assertion(kParty, kChallenge, authenticator.use(kChallenge), passkey, kNow));
  };

  EXPECT_EQ(fault_with(0, 0), std::nullopt);
  EXPECT_EQ(fault_with(5, 6), std::nullopt);
  EXPECT_EQ(fault_with(5, 5), PasskeyFault::kCounterWentBack);
  EXPECT_EQ(fault_with(5, 4), PasskeyFault::kCounterWentBack);
  EXPECT_EQ(fault_with(5, 0), PasskeyFault::kCounterWentBack);
}

TEST(Passkey, OfAnotherPersonDoesNotFit) {
  const TestAuthenticator one;
  TestAuthenticator two;
  const Passkey passkey = registered(one);

  EXPECT_EQ(fault_of(verify_assertion(kParty, kChallenge, two.use(kChallenge), passkey, kNow)),
            PasskeyFault::kSignature)
      << "the same id, another key";
  two.id = std::vector<std::uint8_t>(32, 0x22);
  EXPECT_EQ(fault_of(verify_assertion(kParty, kChallenge, two.use(kChallenge), passkey, kNow)),
            PasskeyFault::kWrongCredential);
  PasskeyRegistration renamed = one.make(kChallenge);
  renamed.id.back() ^= 1U;
  EXPECT_EQ(fault_of(verify_registration(kParty, kChallenge, renamed, kNow)),
            PasskeyFault::kWrongCredential);
}

TEST(Passkey, HasAnIdOfTheSizesAllowed) {
  for (const auto& [size, is_fine] :
       {std::pair<std::size_t, bool>{15, false}, {16, true}, {1023, true}, {1024, false}}) {
    TestAuthenticator authenticator;
    authenticator.id = std::vector<std::uint8_t>(size, 0x33);
    EXPECT_EQ(
        verify_registration(kParty, kChallenge, authenticator.make(kChallenge), kNow).has_value(),
        is_fine)
        << size;
  }
}

TEST(Passkey, HasAKeyThatIsSound) {
  TestAuthenticator off_the_curve;
  off_the_curve.spoiled_point = true;
  EXPECT_EQ(fault_of(verify_registration(kParty, kChallenge, off_the_curve.make(kChallenge), kNow)),
            PasskeyFault::kKeyInvalid);

  const TestAuthenticator short_rsa(PasskeyAlgorithm::kRs256, 1024);
  EXPECT_NE(fault_of(verify_registration(kParty, kChallenge, short_rsa.make(kChallenge), kNow)),
            std::nullopt);
}

TEST(AuthenticatorData, IsNotBelievedWhatItClaims) {
  const TestAuthenticator authenticator;
  const std::vector<std::uint8_t> whole = authenticator.make(kChallenge).attestation_object;
  ASSERT_TRUE(authenticator_data_of(whole).has_value());

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(authenticator_data_of(ByteView(whole).first(size)).has_value()) << size;
  }
  std::vector<std::uint8_t> longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(authenticator_data_of(longer).has_value());

  // A public key that claims an array of 2^32 elements: the library would make room for them.
  const std::vector<std::uint8_t> data = [&] {
    const ByteView right = *authenticator_data_of(whole);
    std::vector<std::uint8_t> made(right.begin(), right.begin() + 37 + 18 + 32);
    for (const int byte : {0x9b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00}) {
      made.push_back(static_cast<std::uint8_t>(byte));
    }
    return made;
  }();
  EXPECT_FALSE(read_authenticator_data(data).has_value());
}

TEST(AuthenticatorData, IsReadWhateverTheAttestationSays) {
  TestAuthenticator authenticator;
  // "packed" with an algorithm and a signature, as an authenticator gives that attests itself.
  authenticator.format = std::string(
      "\x63"
      "fmt"
      "\x66"
      "packed"
      "\x67"
      "attStmt"
      "\xa2"
      "\x63"
      "alg"
      "\x26"
      "\x63"
      "sig"
      "\x44"
      "abcd");

  EXPECT_EQ(registered(authenticator).algorithm, PasskeyAlgorithm::kEs256);
}

}  // namespace
}  // namespace counterfoil
