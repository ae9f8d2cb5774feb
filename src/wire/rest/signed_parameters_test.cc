#include "wire/rest/signed_parameters.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "verify/reason.h"

namespace counterfoil::rest {
namespace {

using nlohmann::json;
using enum Reason;
using SignaturePosition = ParameterRules::SignaturePosition;
using SameNameInBoth = ParameterRules::SameNameInBoth;

std::optional<Reason> fault_of(std::string_view query, std::string_view body = {},
                               const ParameterRules& rules = {},
                               BodyKind body_kind = BodyKind::kForm) {
  SignedParameters parameters;
  parameters.read(query, body, body_kind, rules);
  return parameters.fault();
}

struct PayloadCase {
  std::string_view name;
  std::string_view query;
  std::string_view body;
  std::string_view payload;
  std::string_view signature;

  friend void PrintTo(const PayloadCase& row, std::ostream* out) { *out << row.name; }
};
class SignedPayload : public testing::TestWithParam<PayloadCase> {};

// binance.md 2.4: query, body, nothing in between, less the pair and one '&'.
TEST_P(SignedPayload, IsTheRawTextLessTheSignaturePair) {
  const PayloadCase& row = GetParam();
  SignedParameters parameters;
  parameters.read(row.query, row.body, BodyKind::kForm, {});

  EXPECT_EQ(parameters.fault(), std::nullopt);
  EXPECT_EQ(parameters.payload(), row.payload);
  EXPECT_EQ(parameters.signature(), row.signature);
}

// clang-format off
constexpr PayloadCase kPayloads[] = {
    {"LastInQuery",          "a=1&b=2&signature=ab", "", "a=1&b=2", "ab"},
    {"FirstInQuery",         "signature=ab&a=1&b=2", "", "a=1&b=2", "ab"},
    {"MiddleOfQuery",        "a=1&signature=ab&b=2", "", "a=1&b=2", "ab"},
    {"AloneInQuery",         "signature=ab", "", "", "ab"},
    {"LastInBody",           "", "a=1&b=2&signature=ab", "a=1&b=2", "ab"},
    {"FirstInBody",          "", "signature=ab&a=1", "a=1", "ab"},
    {"AloneInBody",          "a=1&b=2", "signature=ab", "a=1&b=2", "ab"},
    {"MixedLastInBody",      "a=1&b=2", "c=3&signature=ab", "a=1&b=2c=3", "ab"},
    {"MixedMiddleOfBody",    "a=1", "b=2&signature=ab&c=3", "a=1b=2&c=3", "ab"},
    {"MixedLastInQuery",     "a=1&signature=ab", "c=3", "a=1c=3", "ab"},
    {"MixedMiddleOfQuery",   "a=1&signature=ab&b=2", "c=3", "a=1&b=2c=3", "ab"},
    {"QueryOnlySignature",   "signature=ab", "a=1&b=2", "a=1&b=2", "ab"},
    {"Base64Signature",      "a=1&signature=a%2Bb%2fc%3D", "", "a=1", "a+b/c="},
    {"DecodedOnlyOnce",      "a=1&signature=a%252Bb", "", "a=1", "a%2Bb"},
    {"PlusIsABlank",         "a=1&signature=a+b", "", "a=1", "a b"},
    {"EmptySignature",       "a=1&signature=", "", "a=1", ""},
    {"EqualsInValues",       "a=b=c&signature=a=b=", "", "a=b=c", "a=b="},
    {"EncodedAmpersand",     "a=1%26signature%3Dx&signature=ab", "", "a=1%26signature%3Dx", "ab"},
    {"EscapesStayAsWritten", "a=%ef%BC&signature=ab", "", "a=%ef%BC", "ab"},
    {"PlusStaysAsWritten",   "a=b+c%20d&signature=ab", "", "a=b+c%20d", "ab"},
    {"RawBytesStay",         "a=\xef\xbc\x91[\"x\"]&signature=ab", "", "a=\xef\xbc\x91[\"x\"]", "ab"},
    {"NameLikeIt",           "signatures=1&xsignature=2&signature=ab", "", "signatures=1&xsignature=2", "ab"},
    {"ValueLikeIt",          "a=signature&b=signature=x&signature=ab", "", "a=signature&b=signature=x", "ab"},
};
// clang-format on
INSTANTIATE_TEST_SUITE_P(Places, SignedPayload, testing::ValuesIn(kPayloads),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SignedParameters, GiveThePayloadWithoutASignature) {
  SignedParameters parameters;
  parameters.read("a=1", "b=2", BodyKind::kForm, {});

  EXPECT_EQ(parameters.payload(), "a=1b=2");
  EXPECT_EQ(parameters.signature(), std::nullopt);
  EXPECT_EQ(parameters.fault(), std::nullopt);

  parameters.read("", "", BodyKind::kForm, {});
  EXPECT_EQ(parameters.payload(), "");
  EXPECT_EQ(parameters.fault(), std::nullopt);
}

TEST(SignedParameters, BorrowAPayloadThatStandsInOnePiece) {
  constexpr std::string_view kQuery = "a=1&b=2&signature=ab";
  SignedParameters parameters;
  parameters.read(kQuery, "", BodyKind::kForm, {});

  EXPECT_EQ(parameters.payload().data(), kQuery.data());
}

TEST(SignedParameters, GiveTheReservedValuesAsWritten) {
  SignedParameters parameters;
  parameters.read("timestamp=1700000000000&symbol=%42TC&apiKey=k", "recvWindow=5%30&signature=ab",
                  BodyKind::kForm, {.symbol = "symbol"});

  EXPECT_EQ(parameters.fault(), std::nullopt);
  EXPECT_EQ(parameters.timestamp(), "1700000000000");
  EXPECT_EQ(parameters.recv_window(), "5%30");
  EXPECT_EQ(parameters.api_key(), "k");
  EXPECT_EQ(parameters.symbol(), "BTC");
  EXPECT_EQ(parameters.find("symbol"), "%42TC");
  EXPECT_EQ(parameters.find("Symbol"), std::nullopt);
}

TEST(SignedParameters, ReserveTheNamesThatTheProfileGives) {
  const ParameterRules rules{
      .signature = "sig", .timestamp = "at", .recv_window = "for", .api_key = "key"};
  SignedParameters parameters;
  parameters.read("at=1&signature=x&sig=ab&timestamp=2", "", BodyKind::kForm, rules);

  EXPECT_EQ(parameters.fault(), std::nullopt);
  EXPECT_EQ(parameters.payload(), "at=1&signature=x&timestamp=2");
  EXPECT_EQ(parameters.signature(), "ab");
  EXPECT_EQ(parameters.timestamp(), "1");
  EXPECT_EQ(fault_of("SIG=ab", "", rules), kReservedParameterDisguised);
}

TEST(SignedParameters, SymbolIsTheQuerysUnlessThatIsEmpty) {
  const ParameterRules rules{.symbol = "symbol"};
  SignedParameters parameters;

  parameters.read("symbol=A", "symbol=B", BodyKind::kForm, rules);
  EXPECT_EQ(parameters.symbol(), "A");
  parameters.read("symbol=", "symbol=B", BodyKind::kForm, rules);
  EXPECT_EQ(parameters.symbol(), "B");
  parameters.read("s%79mbol=%41", "", BodyKind::kForm, rules);
  EXPECT_EQ(parameters.symbol(), "A");
  parameters.read("pair=A", "", BodyKind::kForm, rules);
  EXPECT_EQ(parameters.symbol(), "");
  parameters.read("symbol=A", "", BodyKind::kForm, {});
  EXPECT_EQ(parameters.symbol(), "");
}

struct FaultCase {
  std::string_view name;
  std::string_view query;
  std::string_view body;
  Reason fault;

  friend void PrintTo(const FaultCase& row, std::ostream* out) { *out << row.name; }
};
class ParameterFaults : public testing::TestWithParam<FaultCase> {};

TEST_P(ParameterFaults, AreFound) {
  const FaultCase& row = GetParam();

  EXPECT_EQ(fault_of(row.query, row.body), row.fault);
}

// Control S-24 and the security requirements, section 5.2.
// clang-format off
constexpr FaultCase kFaults[] = {
    {"SignatureTwiceInQuery",     "a=1&signature=x&signature=x", "", kReservedParameterRepeated},
    {"SignatureTwiceInBody",      "", "signature=x&signature=y", kReservedParameterRepeated},
    {"SignatureInBoth",           "signature=x", "signature=x", kReservedParameterRepeated},
    {"TimestampTwice",            "timestamp=1&timestamp=1", "", kReservedParameterRepeated},
    {"TimestampInBoth",           "timestamp=1", "timestamp=2", kReservedParameterRepeated},
    {"RecvWindowInBoth",          "recvWindow=1", "recvWindow=1", kReservedParameterRepeated},
    {"ApiKeyTwice",               "apiKey=1&apiKey=1", "", kReservedParameterRepeated},
    {"EmptySignatureTwice",       "signature=&signature=", "", kReservedParameterRepeated},
    {"SignatureCapital",          "a=1&Signature=x", "", kReservedParameterDisguised},
    {"SignatureCapitals",         "a=1&SIGNATURE=x", "", kReservedParameterDisguised},
    {"SignatureEncoded",          "a=1&%73ignature=x", "", kReservedParameterDisguised},
    {"SignatureEncodedInBody",    "", "a=1&signatur%65=x", kReservedParameterDisguised},
    {"SignatureEncodedCapital",   "a=1&%53IGNATURE=x", "", kReservedParameterDisguised},
    {"TimestampEncoded",          "times%74amp=1", "", kReservedParameterDisguised},
    {"TimestampSmall",            "TimeStamp=1", "", kReservedParameterDisguised},
    {"RecvWindowSmall",           "recvwindow=1", "", kReservedParameterDisguised},
    {"ApiKeySmall",               "apikey=1", "", kReservedParameterDisguised},
    {"DisguisedBesideTheTrueOne", "signature=x&Signature=x", "", kReservedParameterDisguised},
    {"NameTwiceInQuery",          "a=1&b=2&a=1", "", kParameterRepeated},
    {"NameTwiceInBody",           "a=1", "b=2&b=3", kParameterRepeated},
    {"NameTwiceOnceEncoded",      "ab=1&%61b=2", "", kParameterRepeated},
    {"EmptyName",                 "=1&a=2", "", kParameterMalformed},
    {"EmptyPair",                 "a=1&&b=2", "", kParameterMalformed},
    {"LeadingAmpersand",          "&a=1", "", kParameterMalformed},
    {"TrailingAmpersand",         "a=1&", "", kParameterMalformed},
    {"AmpersandAlone",            "&", "", kParameterMalformed},
    {"TrailingAmpersandInBody",   "", "a=1&signature=x&", kParameterMalformed},
    {"MissingEquals",             "a=1&b", "", kParameterMalformed},
    {"SignatureWithoutEquals",    "a=1&signature", "", kParameterMalformed},
    {"BodyIsNoForm",              "", "{\"a\":1}", kParameterMalformed},
    {"EscapeInValue",             "a=%zz", "", kParameterMalformed},
    {"EscapeCutInValue",          "a=%4", "", kParameterMalformed},
    {"EscapeAloneInValue",        "a=%", "", kParameterMalformed},
    {"EscapeCutByAmpersand",      "a=%&b=41", "", kParameterMalformed},
    {"EscapeInName",              "%zz=1", "", kParameterMalformed},
    {"EscapeCutInName",           "a%4=1", "", kParameterMalformed},
};
// clang-format on
INSTANTIATE_TEST_SUITE_P(Rows, ParameterFaults, testing::ValuesIn(kFaults),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SignedParameters, TellTheFirstFault) {
  EXPECT_EQ(fault_of("a=%zz&signature=1&signature=2"), kParameterMalformed);
  EXPECT_EQ(fault_of("signature=1&signature=2&a=%zz"), kReservedParameterRepeated);
}

TEST(SignedParameters, DoNotMistakeNeighboursForReservedNames) {
  EXPECT_EQ(fault_of("signature%20=1&+signature=2&signaturE1=3&recv_window=4&time=5"),
            std::nullopt);
}

TEST(SignedParameters, SameNameInBothPartsPassesOnlyWhereTheProfileLetsIt) {
  EXPECT_EQ(fault_of("a=1", "a=2", {.same_name_in_both = SameNameInBoth::kPass}), std::nullopt);
  EXPECT_EQ(fault_of("a=1", "a=2", {.same_name_in_both = SameNameInBoth::kRefuse}),
            kParameterRepeated);

  SignedParameters parameters;
  parameters.read("a=1", "a=2", BodyKind::kForm, {});
  EXPECT_EQ(parameters.find("a"), "1");
  EXPECT_EQ(parameters.payload(), "a=1a=2");
}

TEST(SignedParameters, ListParametersRepeatInOnePart) {
  const std::vector<std::string> repeats = {"asset"};
  const ParameterRules pass{.repeats = repeats};
  const ParameterRules refuse{.repeats = repeats, .same_name_in_both = SameNameInBoth::kRefuse};

  EXPECT_EQ(fault_of("asset=A&asset=B&%61sset=C", "", pass), std::nullopt);
  EXPECT_EQ(fault_of("", "asset=A&asset=B", pass), std::nullopt);
  EXPECT_EQ(fault_of("asset=A&asset=B&side=1&side=1", "", pass), kParameterRepeated);
  // A list that stands half in the query is not one list.
  EXPECT_EQ(fault_of("asset=A&asset=B", "asset=C", refuse), kParameterRepeated);
  EXPECT_EQ(fault_of("asset=A&asset=B", "asset=C", pass), std::nullopt);
}

TEST(SignedParameters, SignatureLastWhereTheProfileDemandsIt) {
  const ParameterRules rules{.signature_position = SignaturePosition::kLast};

  EXPECT_EQ(fault_of("a=1&signature=x", "", rules), std::nullopt);
  EXPECT_EQ(fault_of("signature=x", "", rules), std::nullopt);
  EXPECT_EQ(fault_of("a=1", "b=2&signature=x", rules), std::nullopt);
  EXPECT_EQ(fault_of("a=1", "signature=x", rules), std::nullopt);
  EXPECT_EQ(fault_of("a=1", "", rules), std::nullopt);
  EXPECT_EQ(fault_of("signature=x&a=1", "", rules), kSignatureNotLast);
  EXPECT_EQ(fault_of("a=1", "signature=x&b=2", rules), kSignatureNotLast);
  EXPECT_EQ(fault_of("a=1&signature=x", "b=2", rules), kSignatureNotLast);
  // The same bytes at the end of something else are not the pair.
  EXPECT_EQ(fault_of("signature=x&b=signature=x", "", rules), kSignatureNotLast);
  // A body that holds no parameters cannot hold the last one.
  EXPECT_EQ(fault_of("timestamp=1&signature=x", "{}", rules, BodyKind::kOther), std::nullopt);
}

TEST(SignedParameters, BodyThatIsNoFormIsSignedButHoldsNoParameters) {
  SignedParameters parameters;
  parameters.read("timestamp=1&signature=ab", "{\"signature\":\"x&y=z\"}", BodyKind::kOther, {});

  EXPECT_EQ(parameters.fault(), std::nullopt);
  EXPECT_EQ(parameters.payload(), "timestamp=1{\"signature\":\"x&y=z\"}");
  EXPECT_EQ(parameters.find("y"), std::nullopt);
}

TEST(SignedParameters, SigningPartsInABodyThatIsNoFormAreMissed) {
  EXPECT_EQ(fault_of("a=1", "timestamp=1&signature=x", {}, BodyKind::kOther), kBodyNotForm);
  EXPECT_EQ(fault_of("timestamp=1", "signature=x", {}, BodyKind::kOther), kBodyNotForm);
  EXPECT_EQ(fault_of("a=1", "", {}, BodyKind::kOther), std::nullopt);
}

std::string many(std::size_t count, std::string_view first) {
  std::string text(first);
  for (std::size_t i = 1; i < count; ++i) {
    text += "&p" + std::to_string(i) + "=1";
  }
  return text;
}

TEST(SignedParameters, CountHasALimit) {
  EXPECT_EQ(fault_of(many(kParametersMax, "a=1")), std::nullopt);
  EXPECT_EQ(fault_of(many(kParametersMax + 1, "a=1")), kTooManyParameters);
  EXPECT_EQ(fault_of("", many(kParametersMax + 1, "a=1")), kTooManyParameters);
  // Both parts together.
  EXPECT_EQ(fault_of(many(kParametersMax - 1, "a=1"), "b=1"), std::nullopt);
  EXPECT_EQ(fault_of(many(kParametersMax, "a=1"), "b=1"), kTooManyParameters);
}

// Pairs that are at fault count too: what they make us keep is bounded like the rest.
TEST(SignedParameters, FaultyPairsCannotGrowAnything) {
  std::string text = "%6c%6f%6e%67%6e%61%6d%65%77%69%74%68%6f%75%74%73=1";
  for (int i = 0; i < 2000; ++i) {
    text += "&%6c%6f%6e%67%6e%61%6d%65%77%69%74%68%6f%75%74%74=%zz";
  }
  SignedParameters parameters;
  parameters.read("", text, BodyKind::kForm, {});

  EXPECT_EQ(parameters.fault(), kParameterMalformed);
  EXPECT_EQ(parameters.find("longnamewithouts"), "1");
  EXPECT_EQ(parameters.payload(), text);
}

TEST(SignedParameters, LengthsHaveLimits) {
  const auto pair = [](std::size_t name, std::size_t value) {
    return std::string(name, 'n') + "=" + std::string(value, 'v');
  };

  EXPECT_EQ(fault_of(pair(kParameterNameBytesMax, 1)), std::nullopt);
  EXPECT_EQ(fault_of(pair(kParameterNameBytesMax + 1, 1)), kParameterTooLong);
  EXPECT_EQ(fault_of(pair(1, kParameterValueBytesMax)), std::nullopt);
  EXPECT_EQ(fault_of(pair(1, kParameterValueBytesMax + 1)), kParameterTooLong);
  EXPECT_EQ(fault_of("a=1&signature=" + std::string(65536, 'f')), kParameterTooLong);
}

TEST(SignedParameters, PayloadIsRebuiltInSpiteOfAFault) {
  SignedParameters parameters;
  parameters.read("a=1&&signature=ab", "", BodyKind::kForm, {});
  EXPECT_EQ(parameters.fault(), kParameterMalformed);
  EXPECT_EQ(parameters.payload(), "a=1&");

  parameters.read("a=%zz&signature=ab&signature=cd", "", BodyKind::kForm, {});
  EXPECT_EQ(parameters.payload(), "a=%zz&signature=cd");
}

TEST(SignedParameters, OneObjectServesOneRequestAfterAnother) {
  SignedParameters parameters;
  parameters.read("%61=1&timestamp=1&recvWindow=2&apiKey=3&symbol=A&signature=%41",
                  "b=2&signature=x", BodyKind::kForm, {.symbol = "symbol"});
  EXPECT_EQ(parameters.fault(), kReservedParameterRepeated);

  parameters.read("c=1", "", BodyKind::kForm, {.symbol = "symbol"});

  EXPECT_EQ(parameters.fault(), std::nullopt);
  EXPECT_EQ(parameters.payload(), "c=1");
  EXPECT_EQ(parameters.signature(), std::nullopt);
  EXPECT_EQ(parameters.timestamp(), std::nullopt);
  EXPECT_EQ(parameters.recv_window(), std::nullopt);
  EXPECT_EQ(parameters.api_key(), std::nullopt);
  EXPECT_EQ(parameters.symbol(), "");
  EXPECT_EQ(parameters.find("a"), std::nullopt);
}

// The payload that the vendor's server rebuilds, for each whole request of the vectors.
TEST(SignedParameters, RebuildThePayloadOfTheVectors) {
  std::ifstream file(std::filesystem::path(COUNTERFOIL_SOURCE_DIR) /
                     "testdata/vectors/binance-vectors.json");
  const json vectors = json::parse(file, nullptr, false);
  ASSERT_TRUE(vectors.is_object());
  std::size_t judged = 0;
  for (const json& row : vectors.at("http_cases")) {
    SCOPED_TRACE(row.at("id").get<std::string>());
    const std::string target = row.at("target");
    const std::string body = row.at("body");
    const std::size_t question = target.find('?');
    const std::string query =
        question == std::string::npos ? std::string() : target.substr(question + 1);
    SignedParameters parameters;
    parameters.read(query, body, BodyKind::kForm, {});

    EXPECT_EQ(parameters.payload(), row.at("server_payload").get<std::string>());
    ++judged;
  }
  EXPECT_EQ(judged, 18U);
}

}  // namespace
}  // namespace counterfoil::rest
