#include "verify/verify.h"

#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "keys/live_key.h"
#include "keys/permission.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "verify/test_request.h"

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using test_request::hmac_hex;
using test_request::hmac_pair;
using test_request::kNow;
using test_request::kPayload;
using test_request::kSecret;
using test_request::Sent;
using test_request::trading_key;

constexpr std::string_view kOtherSecret =
    "OTHERsecretOTHERsecretOTHERsecretOTHERsecretOTHERsecretOTHERsecr";

// judge is a gateway's way with one request: claims, then the verdict.
Verdict judge(const Sent& sent, const LiveKey* key) {
  const SignedRequest request = sent.request();
  if (const auto claims = read_claims(request, KeyFormat(), kNow); !claims) {
    return std::unexpected(claims.error());
  }
  return verify(request, key, kNow);
}

TEST(Verify, AcceptsAGoodRequestAndNamesThePairThatSigned) {
  const LiveKey key = trading_key();

  EXPECT_EQ(judge(Sent(), &key), Accepted{.pair = 1});
}

// ---- every reason of this room, provoked: one thing is wrong, everything else right

struct World {
  Sent sent;
  LiveKey key = trading_key();
  bool is_known = true;
};

struct ReasonCase {
  Reason reason;
  std::function<void(World&)> spoil;
};

// In the order in which they are judged (design: format, mandatory parameters, time, key known and
// not revoked, signature, standing).
const std::vector<ReasonCase>& reason_cases() {
  static const std::vector<ReasonCase> kCases{
      {Reason::kApiKeyRepeated, [](World& w) { w.sent.api_key_repeated = true; }},
      {Reason::kApiKeyMissing, [](World& w) { w.sent.api_key.clear(); }},
      {Reason::kApiKeyMalformed, [](World& w) { w.sent.api_key = "abc"; }},
      {Reason::kApiKeyChecksum, [](World& w) { w.sent.api_key = "cfk1" + std::string(60, 'A'); }},
      {Reason::kParameterRepeated,
       [](World& w) { w.sent.parameter_fault = Reason::kParameterRepeated; }},
      {Reason::kTimestampMissing, [](World& w) { w.sent.timestamp.reset(); }},
      {Reason::kSignatureMissing, [](World& w) { w.sent.signature.reset(); }},
      {Reason::kTimestampMalformed, [](World& w) { w.sent.timestamp = "today"; }},
      {Reason::kRecvWindowMalformed, [](World& w) { w.sent.recv_window = "long"; }},
      {Reason::kRecvWindowPrecision, [](World& w) { w.sent.recv_window = "1.0001"; }},
      {Reason::kRecvWindowTooLarge, [](World& w) { w.sent.recv_window = "60001"; }},
      {Reason::kTimestampImplausible, [](World& w) { w.sent.timestamp = "1700000000"; }},
      {Reason::kTimestampAhead, [](World& w) { w.sent.timestamp = "1700000001000"; }},
      {Reason::kTimestampLate, [](World& w) { w.sent.timestamp = "1699999994999"; }},
      {Reason::kApiKeyUnknown, [](World& w) { w.is_known = false; }},
      {Reason::kApiKeyRevoked,
       [](World& w) {
         w.key.state = KeyState::kRevoked;
         w.key.pairs.clear();
       }},
      {Reason::kPayloadNotAscii, [](World& w) { w.sent.payload += "&note=\xc3\xa9"; }},
      {Reason::kSignatureMalformed, [](World& w) { w.sent.signature = "0123"; }},
      {Reason::kSignatureWrong, [](World& w) { w.sent.signature = std::string(64, '0'); }},
      {Reason::kApiKeySuspended, [](World& w) { w.key.state = KeyState::kSuspended; }},
      {Reason::kApiKeyExpired, [](World& w) { w.key.expires_at = kNow; }},
      {Reason::kAccountSuspended, [](World& w) { w.key.account_suspended = true; }},
      {Reason::kAddressNotAllowed,
       [](World& w) { w.sent.source = *IpAddress::parse("203.0.114.1"); }},
      {Reason::kPermissionMissing,
       [](World& w) { w.key.permissions = PermissionSet::of_index(0); }},
      {Reason::kApiKeyRestricted, [](World& w) { w.key.restricted = true; }},
      {Reason::kSymbolNotAllowed, [](World& w) { w.sent.symbol = "ETHUSDT"; }},
  };
  return kCases;
}

class ReasonOfVerify : public testing::TestWithParam<ReasonCase> {};

TEST_P(ReasonOfVerify, IsGivenWhenThatAloneIsWrong) {
  World world;
  GetParam().spoil(world);

  const Verdict verdict = judge(world.sent, world.is_known ? &world.key : nullptr);

  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(verdict.error(), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Rows, ReasonOfVerify, testing::ValuesIn(reason_cases()),
                         [](const auto& row) {
                           return std::string(describe(row.param.reason).name);
                         });

// The order is part of the contract: of two things wrong, the one that stands first is told. Where
// both touch one value (a key id that is missing and malformed), there is nothing to compare.
TEST(Verify, OfTwoThingsWrongTheFirstInOrderIsTold) {
  const auto touches = [](Reason reason) -> int {
    switch (reason) {
      case Reason::kApiKeyMissing:
      case Reason::kApiKeyMalformed:
      case Reason::kApiKeyChecksum:
        return 1;
      case Reason::kTimestampMissing:
      case Reason::kTimestampMalformed:
      case Reason::kTimestampImplausible:
      case Reason::kTimestampAhead:
      case Reason::kTimestampLate:
        return 2;
      case Reason::kSignatureMissing:
      case Reason::kSignatureMalformed:
      case Reason::kSignatureWrong:
        return 3;
      case Reason::kRecvWindowMalformed:
      case Reason::kRecvWindowPrecision:
      case Reason::kRecvWindowTooLarge:
        return 4;
      case Reason::kApiKeyRevoked:
      case Reason::kApiKeySuspended:
        return 5;
      default:
        return 0;
    }
  };
  const auto& cases = reason_cases();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (std::size_t j = i + 1; j < cases.size(); ++j) {
      if (touches(cases[i].reason) != 0 && touches(cases[i].reason) == touches(cases[j].reason)) {
        continue;
      }
      World world;
      cases[j].spoil(world);
      cases[i].spoil(world);
      const Verdict verdict = judge(world.sent, world.is_known ? &world.key : nullptr);
      ASSERT_FALSE(verdict.has_value());
      EXPECT_EQ(describe(verdict.error()).name, describe(cases[i].reason).name)
          << "with " << describe(cases[j].reason).name;
    }
  }
}

// ---- what a stranger cannot learn

TEST(Verify, TellsNobodyButTheHolderOfTheSecretWhatAKeyMayDo) {
  for (const ReasonCase& row : reason_cases()) {
    World world;
    row.spoil(world);
    world.sent.signature = std::string(64, '0');
    const SignedRequest request = world.sent.request();

    const Verdict verdict = verify(request, world.is_known ? &world.key : nullptr, kNow);

    ASSERT_FALSE(verdict.has_value());
    const std::set<Reason> allowed{Reason::kApiKeyUnknown, Reason::kApiKeyRevoked,
                                   Reason::kPayloadNotAscii, Reason::kSignatureWrong};
    EXPECT_TRUE(allowed.contains(verdict.error())) << describe(row.reason).name;
  }
}

// ---- signatures

TEST(Verify, AHexSignatureMayHaveEitherCase) {
  const LiveKey key = trading_key();
  Sent sent;
  for (char& c : *sent.signature) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }

  EXPECT_TRUE(judge(sent, &key).has_value());
}

TEST(Verify, EveryFlippedBitOfASignatureIsRefused) {
  const LiveKey key = trading_key();
  const std::string right = hmac_hex(kPayload);
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < right.size(); ++i) {
    for (const unsigned bit : {1U, 2U, 4U, 8U}) {
      Sent sent;
      (*sent.signature)[i] = kDigits[kDigits.find(right[i]) ^ bit];
      EXPECT_EQ(judge(sent, &key).error(), Reason::kSignatureWrong) << i;
    }
  }
}

TEST(Verify, EveryChangedByteOfThePayloadIsRefused) {
  const LiveKey key = trading_key();
  for (std::size_t i = 0; i < kPayload.size(); ++i) {
    Sent sent;
    sent.payload[i] = static_cast<char>(sent.payload[i] ^ 1);
    EXPECT_EQ(judge(sent, &key).error(), Reason::kSignatureWrong) << i;
  }
  Sent longer;
  longer.payload += "&";
  EXPECT_EQ(judge(longer, &key).error(), Reason::kSignatureWrong);
  Sent shorter;
  shorter.payload.pop_back();
  EXPECT_EQ(judge(shorter, &key).error(), Reason::kSignatureWrong);
}

struct FormCase {
  std::string_view name;
  std::string text;
};
// Control S-25: 64 hex digits and nothing else.
const FormCase kForms[] = {
    {"one_digit_short", hmac_hex(kPayload).substr(1)},
    {"one_digit_more", hmac_hex(kPayload) + "0"},
    {"blank_behind", hmac_hex(kPayload) + " "},
    {"line_end_behind", hmac_hex(kPayload) + "\n"},
    {"prefix_0x", "0x" + hmac_hex(kPayload).substr(2)},
    {"letter_past_f", "g" + hmac_hex(kPayload).substr(1)},
    {"base64", std::string(43, 'A') + "="},
    {"sixty_four_kib", std::string(65'536, 'a')},
    {"nul", std::string(64, '\0')},
};
class SignatureForm : public testing::TestWithParam<FormCase> {};

TEST_P(SignatureForm, OfAnotherKindIsMalformed) {
  const LiveKey key = trading_key();
  Sent sent;
  sent.signature = GetParam().text;

  EXPECT_EQ(judge(sent, &key).error(), Reason::kSignatureMalformed);
}

INSTANTIATE_TEST_SUITE_P(Rows, SignatureForm, testing::ValuesIn(kForms),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- two pairs while rotating

LivePair ed25519_pair(std::uint32_t number, const PrivateKey& key) {
  return LivePair{.number = number,
                  .retires_at = kNever,
                  .key = VerificationKey::from_public_key(key.public_key()).value()};
}

TEST(Verify, BothPairsOfARotatingKeyVerifyAndAreTold) {
  LiveKey key = trading_key();
  key.pairs.push_back(hmac_pair(2, kOtherSecret));
  Sent sent;

  EXPECT_EQ(judge(sent, &key), Accepted{.pair = 1});
  sent.signature = hmac_hex(kPayload, kOtherSecret);
  EXPECT_EQ(judge(sent, &key), Accepted{.pair = 2});
}

TEST(Verify, ARetiringPairVerifiesUntilItsEndAndNotAtIt) {
  LiveKey key = trading_key();
  key.pairs.clear();
  key.pairs.push_back(hmac_pair(1, kSecret, kNow + microseconds(1)));
  key.pairs.push_back(hmac_pair(2, kOtherSecret));
  EXPECT_EQ(judge(Sent(), &key), Accepted{.pair = 1});

  key.pairs[0].retires_at = kNow;
  EXPECT_EQ(judge(Sent(), &key).error(), Reason::kSignatureWrong);
}

// The candidates are the pairs whose exact encoded form fits, so nobody chooses the algorithm.
TEST(Verify, APairOfAnotherTypeIsNoCandidate) {
  SystemRandom random;
  const PrivateKey private_key = PrivateKey::generate(Scheme::kEd25519, random).value();
  LiveKey key = trading_key();
  key.pairs.push_back(ed25519_pair(2, private_key));
  Sent sent;
  EXPECT_EQ(judge(sent, &key), Accepted{.pair = 1});

  sent.signature = to_base64(private_key.sign(as_bytes(kPayload)).value());
  EXPECT_EQ(judge(sent, &key), Accepted{.pair = 2});
  key.pairs.erase(key.pairs.begin() + 1);
  EXPECT_EQ(judge(sent, &key).error(), Reason::kSignatureMalformed);
}

// Control S-22: an HMAC made with the public key's text as the secret is not a signature.
TEST(Verify, AnHmacUnderThePublicKeysTextIsRefused) {
  SystemRandom random;
  const PrivateKey private_key = PrivateKey::generate(Scheme::kEd25519, random).value();
  LiveKey key = trading_key();
  key.pairs.clear();
  key.pairs.push_back(ed25519_pair(1, private_key));
  Sent sent;
  sent.signature = hmac_hex(kPayload, private_key.public_key().pem());

  EXPECT_EQ(judge(sent, &key).error(), Reason::kSignatureMalformed);
}

TEST(Verify, AKeyWithoutPairsVerifiesNothing) {
  LiveKey key = trading_key();
  key.pairs.clear();

  EXPECT_EQ(judge(Sent(), &key).error(), Reason::kSignatureMalformed);
}

// ---- standing

TEST(Standing, AnyKeyWillDoWhereNothingIsNeeded) {
  LiveKey key = trading_key();
  key.permissions = {};
  Sent sent;
  sent.needs = {};

  EXPECT_TRUE(judge(sent, &key).has_value());
}

TEST(Standing, OneOfTheNeededPermissionsIsEnough) {
  const LiveKey key = trading_key();
  Sent sent;
  sent.needs = PermissionSet::of_index(0).with(test_request::kTrade);
  EXPECT_TRUE(judge(sent, &key).has_value());
  sent.needs = PermissionSet::of_index(0).with(PermissionSet::of_index(2));
  EXPECT_EQ(judge(sent, &key).error(), Reason::kPermissionMissing);
}

TEST(Standing, AnEmptySymbolListMeansAllAndARouteWithoutSymbolAsksForNone) {
  LiveKey key = trading_key();
  Sent sent;
  sent.symbol = "";
  EXPECT_TRUE(judge(sent, &key).has_value());
  sent.symbol = "btcusdt";
  EXPECT_EQ(judge(sent, &key).error(), Reason::kSymbolNotAllowed);
  key.symbols.clear();
  EXPECT_TRUE(judge(sent, &key).has_value());
}

TEST(Standing, TheAllowListOfNobodyLetsNobodyIn) {
  LiveKey key = trading_key();
  key.allow_list = AllowList();

  EXPECT_EQ(judge(Sent(), &key).error(), Reason::kAddressNotAllowed);
}

TEST(Standing, AMappedAddressIsItsV4) {
  const LiveKey key = trading_key();
  Sent sent;
  sent.source = *IpAddress::parse("::ffff:203.0.113.7");

  EXPECT_TRUE(judge(sent, &key).has_value());
}

TEST(Standing, ExpiryComesTrueAtItsInstant) {
  LiveKey key = trading_key();
  key.expires_at = kNow + microseconds(1);
  EXPECT_TRUE(judge(Sent(), &key).has_value());

  key.expires_at = kNow;
  EXPECT_EQ(judge(Sent(), &key).error(), Reason::kApiKeyExpired);
}

// The last look before the first byte goes upstream asks check_standing alone; a revoked key's
// entry is a tombstone then.
TEST(Standing, SeesARevocationWithoutASignature) {
  LiveKey key = trading_key();
  key.state = KeyState::kRevoked;
  const Sent sent;

  EXPECT_EQ(check_standing(sent.request(), key, kNow).error(), Reason::kApiKeyRevoked);
  key.state = KeyState::kActive;
  EXPECT_TRUE(check_standing(sent.request(), key, kNow).has_value());
}

TEST(Standing, ARestrictedKeyStillReadsAndCancelsAndRevokesItself) {
  LiveKey key = trading_key();
  key.restricted = true;
  Sent sent;

  EXPECT_EQ(check_standing(sent.request(), key, kNow).error(), Reason::kApiKeyRestricted);
  EXPECT_TRUE(check_standing(sent.request(), key, kNow, Standing::kNotRevoked).has_value());
  sent.acts = false;
  EXPECT_TRUE(check_standing(sent.request(), key, kNow).has_value());
}

TEST(Verify, IsPure) {
  const LiveKey key = trading_key();
  const Sent sent;
  const SignedRequest request = sent.request();

  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(verify(request, &key, kNow), Accepted{.pair = 1});
    EXPECT_EQ(verify(request, &key, kNow + hours(2)).error(), Reason::kApiKeyExpired);
  }
}

}  // namespace
}  // namespace counterfoil
