// The vectors of testdata/vectors/binance-vectors.json, and of every file of that name below
// $COUNTERFOIL_VECTORS. Whole requests and clocks (http_cases, timing) are judged with the shipped
// profile in tests/vectors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/percent.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/vector_files.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/live_key.h"
#include "verify/reason.h"
#include "verify/test_request.h"
#include "verify/verify.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using test_request::hmac_hex;
using test_request::Sent;

// key_with is a key that may do everything from everywhere and signs with `key`.
LiveKey key_with(VerificationKey key) {
  LiveKey live = test_request::trading_key();
  live.allow_list = AllowList::any();
  live.symbols.clear();
  live.pairs.clear();
  live.pairs.push_back(LivePair{.number = 1, .retires_at = kNever, .key = std::move(key)});
  return live;
}

VerificationKey verification_key(const json& row) {
  if (row.contains("secret")) {
    return VerificationKey::from_hmac_secret(as_bytes(row["secret"].get<std::string>())).value();
  }
  const auto key = PublicKey::import_text(row["public_key_pem"].get<std::string>());
  EXPECT_TRUE(key.has_value()) << row["id"];
  return VerificationKey::from_public_key(key.value()).value();
}

// judge gives why a signature is refused, or nullopt.
std::optional<Reason> judge(const json& row, const std::string& payload,
                            const std::string& signature) {
  const LiveKey key = key_with(verification_key(row));
  Sent sent;
  sent.payload = payload;
  sent.signature = signature;
  const Verdict verdict = verify(sent.request(), &key, test_request::kNow);
  return verdict ? std::nullopt : std::optional(verdict.error());
}

// check_accepted: the signature verifies. The rule that signed text is ASCII is the REST
// interface's; a WebSocket payload may hold UTF-8, and the key verifies it all the same.
void check_accepted(const json& row, const std::string& signature) {
  const std::string payload = row["payload"];
  EXPECT_TRUE(verification_key(row).verify_text(as_bytes(payload), signature)) << row["id"];
  const std::optional<Reason> refused = judge(row, payload, signature);
  if (row.contains("payload_hex")) {
    EXPECT_EQ(to_hex(as_bytes(payload)), row["payload_hex"].get<std::string>()) << row["id"];
  }
  const bool is_ascii =
      std::ranges::all_of(payload, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  EXPECT_EQ(refused, is_ascii ? std::nullopt : std::optional(Reason::kPayloadNotAscii))
      << row["id"];
}

void check_hmac(const json& row) {
  const std::string secret = row["secret"];
  EXPECT_EQ(hmac_hex(row["payload"].get<std::string>(), secret),
            row["signature"].get<std::string>())
      << row["id"];
  check_accepted(row, row["signature"]);
  if (row.value("surface", "") == "rest" && row.contains("query") && row.contains("body")) {
    EXPECT_EQ(row["query"].get<std::string>() + row["body"].get<std::string>(),
              row["payload"].get<std::string>())
        << row["id"];
  }
}

// sign_again: both schemes are deterministic, so our own signature is the published one.
void sign_again(const json& row) {
  const std::string pem = row["private_key_pem"];
  const auto key = PrivateKey::from_pkcs8_pem(pem);
  if (pem.contains("ENCRYPTED")) {
    EXPECT_EQ(key.error(), PrivateKeyError::kEncrypted) << row["id"];
    return;
  }
  ASSERT_TRUE(key.has_value()) << row["id"];
  EXPECT_EQ(to_base64(key->sign(as_bytes(row["payload"].get<std::string>())).value()),
            row["signature"].get<std::string>())
      << row["id"];
}

void check_asymmetric(const json& row) {
  const std::string signature = row["signature"];
  EXPECT_EQ(signature.size(), row["signature_chars"]) << row["id"];
  EXPECT_EQ(percent_decode(row["signature_urlencoded"].get<std::string>()), signature) << row["id"];
  const PublicKey key = PublicKey::import_text(row["public_key_pem"].get<std::string>()).value();
  EXPECT_EQ(key.scheme() == Scheme::kEd25519, row["alg"] == "ed25519") << row["id"];
  if (row.contains("modulus_bits")) {
    EXPECT_EQ(key.rsa_bits(), row["modulus_bits"]) << row["id"];
  }
  if (row.contains("public_key_raw_hex")) {
    EXPECT_EQ(to_hex(key.ed25519_point()), row["public_key_raw_hex"].get<std::string>())
        << row["id"];
  }
  check_accepted(row, signature);
  if (row.contains("private_key_pem")) {
    sign_again(row);
  }
}

// What the vendor leaves open (a signature without padding) we refuse: control S-25.
void check_negative(const json& row) {
  const std::optional<Reason> refused = judge(row, row["server_payload"], row["signature"]);
  if (row["expect"] == "accept") {
    EXPECT_EQ(refused, std::nullopt) << row["id"];
    return;
  }
  EXPECT_TRUE(refused == Reason::kSignatureWrong || refused == Reason::kSignatureMalformed)
      << row["id"] << ": " << (refused ? describe(*refused).name : "accepted");
}

void check_unverifiable(const json& row) {
  const auto decoded = from_base64(row["signature"].get<std::string>());
  if (row["decoded_bytes"].is_null()) {
    EXPECT_FALSE(decoded.has_value()) << row["id"];
    return;
  }
  ASSERT_TRUE(decoded.has_value()) << row["id"];
  EXPECT_EQ(decoded->size(), row["decoded_bytes"]) << row["id"];
}

void check_trap(const json& row) {
  const std::string payload = row["query"].get<std::string>() + row["body"].get<std::string>();
  EXPECT_EQ(judge(row, payload, row["correct_signature"]), std::nullopt) << row["id"];
  EXPECT_EQ(judge(row, payload, row["published_signature"]), Reason::kSignatureWrong) << row["id"];
  EXPECT_EQ(judge(row, row["published_payload_with_stray_space"], row["published_signature"]),
            std::nullopt)
      << row["id"];
}

struct Array {
  const char* name;
  void (*check)(const json& row);
  std::size_t known;  // how many our own copy has
};
constexpr Array kArrays[] = {
    {"hmac", check_hmac, 11},
    {"asymmetric", check_asymmetric, 18},
    {"unverifiable_published", check_unverifiable, 9},
    {"traps", check_trap, 1},
    {"negative", check_negative, 21},
};

class BinanceVectors : public testing::TestWithParam<Array> {};

TEST_P(BinanceVectors, AreJudgedAsStated) {
  const std::filesystem::path own =
      vectors::source_folder() / "testdata" / "vectors" / "binance-vectors.json";
  bool seen_own = false;
  for (const std::filesystem::path& path : vectors::files_ending("binance-vectors.json")) {
    const json file = vectors::read_json(path);
    ASSERT_TRUE(file.is_object()) << path << " is not JSON";
    const json rows = file.value(GetParam().name, json::array());
    for (const json& row : rows) {
      GetParam().check(row);
    }
    std::cout << vectors::shown(path) << " " << GetParam().name << ": " << rows.size() << " run\n";
    if (path == own) {
      seen_own = true;
      EXPECT_EQ(rows.size(), GetParam().known);
    }
  }
  EXPECT_TRUE(seen_own);
}

INSTANTIATE_TEST_SUITE_P(Arrays, BinanceVectors, testing::ValuesIn(kArrays),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace counterfoil
