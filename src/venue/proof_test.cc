// The proof of identity against the vectors that every upstream can check itself by.
#include "venue/proof.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "venue/identity_headers.h"
#include "venue/proof_memory.h"

namespace counterfoil::venue {
namespace {

using nlohmann::json;

const json& vectors() {
  static const json read = json::parse(
      std::ifstream(COUNTERFOIL_SOURCE_DIR "/testdata/upstream-proof.json"), nullptr, false);
  return read;
}

std::vector<ProofSecret> secrets() {
  std::vector<ProofSecret> all;
  for (const json& row : vectors()["secrets"]) {
    all.push_back(
        {.kid = row["kid"],
         .key =
             HmacKey::from_secret(as_bytes(row["secret"].get_ref<const std::string&>())).value()});
  }
  return all;
}

std::string head_of(const json& row) {
  std::string head = row["method"].get<std::string>() + " " + row["target"].get<std::string>() +
                     " HTTP/1.1\r\nHost: venue\r\n";
  for (const json& field : row["headers"]) {
    head += field[0].get<std::string>() + ": " + field[1].get<std::string>() + "\r\n";
  }
  return head + "\r\n";
}

std::string_view name_of(ProofFault fault) {
  switch (fault) {
    case ProofFault::kMalformed:
      return "malformed";
    case ProofFault::kUnknownSecret:
      return "unknown_secret";
    case ProofFault::kTooOld:
      return "too_old";
    case ProofFault::kFromTheFuture:
      return "from_the_future";
    case ProofFault::kWrongMac:
      return "wrong_mac";
  }
  return "";
}

std::string judge(const json& row, const std::vector<ProofSecret>& known, ProofMemory& memory) {
  const Timestamp now = from_unix_ms(row["now_ms"]);
  const IdentityHeaders headers = read_identity_headers(head_of(row));
  const auto claims = headers.claims();
  if (!claims) {
    return "malformed";
  }
  const auto checked = check_proof(known, *headers.proof,
                                   {.method = row["method"].get_ref<const std::string&>(),
                                    .target = row["target"].get_ref<const std::string&>(),
                                    .body = row["body"].get_ref<const std::string&>()},
                                   *claims, now);
  if (!checked) {
    return std::string(name_of(checked.error()));
  }
  const bool is_read = row["method"] == "GET";
  return is_read || memory.remember(claims->gateway, claims->request_id, now, now) ==
                        ProofMemory::Answer::kNew
             ? "accepted"
             : "replayed";
}

TEST(ProofVectors, AreJudgedAsTheySay) {
  ASSERT_GE(vectors()["cases"].size(), 40U);
  const std::vector<ProofSecret> known = secrets();
  ProofMemory memory;

  for (const json& row : vectors()["cases"]) {
    EXPECT_EQ(judge(row, known, memory), row["expect"].get<std::string>()) << row["name"];
  }
}

TEST(ProofVectors, AcceptedOnesAreWhatWeWouldWrite) {
  const std::vector<ProofSecret> known = secrets();
  std::size_t written = 0;
  for (const json& row : vectors()["cases"]) {
    if (!row.contains("text")) {
      continue;
    }
    const IdentityHeaders headers = read_identity_headers(head_of(row));
    const IdentityClaims claims = headers.claims().value();
    const ProvenRequest request{.method = row["method"].get_ref<const std::string&>(),
                                .target = row["target"].get_ref<const std::string&>(),
                                .body = row["body"].get_ref<const std::string&>()};
    const ProofSecret& secret = headers.proof->contains("kid=1;") ? known[0] : known[1];

    EXPECT_EQ(proof_text(secret.kid, request, claims), row["text"].get<std::string>())
        << row["name"];
    EXPECT_EQ(compute_proof(secret, request, claims), *headers.proof) << row["name"];
    ++written;
  }
  EXPECT_GE(written, 9U);
}

TEST(Proof, NoByteOfItCanBeChanged) {
  const std::vector<ProofSecret> known = secrets();
  const ProvenRequest request{.method = "POST", .target = "/api/v3/order", .body = "a=1"};
  const IdentityClaims claims{.account = "ann",
                              .api_key = "key",
                              .permissions = "TRADE",
                              .request_id = "r-1",
                              .timestamp = "1790000000000",
                              .gateway = "gw"};
  const Timestamp now = from_unix_ms(1'790'000'000'000);
  const std::string proof = compute_proof(known[0], request, claims);
  ASSERT_TRUE(check_proof(known, proof, request, claims, now));

  for (std::size_t at = 0; at < proof.size(); ++at) {
    for (const char other : {'0', 'f', ';', ' ', '\0'}) {
      std::string changed = proof;
      changed[at] = other;
      EXPECT_EQ(check_proof(known, changed, request, claims, now).has_value(), changed == proof)
          << changed;
    }
  }
}

TEST(Proof, ALineEndInsideALineIsMalformed) {
  const std::vector<ProofSecret> known = secrets();
  const IdentityClaims claims{.account = "ann\nkey2",
                              .api_key = "key",
                              .permissions = "TRADE",
                              .request_id = "r-1",
                              .timestamp = "1790000000000",
                              .gateway = "gw"};
  const ProvenRequest request{.method = "GET", .target = "/", .body = ""};
  const std::string proof = compute_proof(known[0], request, claims);

  const auto checked = check_proof(known, proof, request, claims, from_unix_ms(1'790'000'000'000));

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error(), ProofFault::kMalformed);
}

struct KidCase {
  std::string_view name;
  std::string kid;
  bool good;
};
TEST(ProofKid, IsOneTo64LettersDigitsDotsAndDashes) {
  const KidCase cases[] = {
      {"one", "1", true},
      {"all_kinds", "aZ9._-", true},
      {"of_64", std::string(64, 'k'), true},
      {"of_65", std::string(65, 'k'), false},
      {"empty", "", false},
      {"semicolon", "a;b", false},
      {"line_end", "a\n", false},
  };
  for (const KidCase& row : cases) {
    EXPECT_EQ(is_proof_kid(row.kid), row.good) << row.name;
  }
}

class ProofMemoryTest : public testing::Test {
 public:
  Timestamp now = from_unix_ms(1'790'000'000'000);
  ProofMemory memory;
};

TEST_F(ProofMemoryTest, KnowsARequestForAsLongAsItsProofIsGood) {
  EXPECT_EQ(memory.remember("gw", "r", now, now), ProofMemory::Answer::kNew);
  EXPECT_EQ(memory.remember("gw", "r", now, now + kProofAgeMax), ProofMemory::Answer::kSeen);
  EXPECT_EQ(memory.remember("gw", "r", now, now + kProofAgeMax + std::chrono::microseconds(1)),
            ProofMemory::Answer::kNew);
}

TEST_F(ProofMemoryTest, TwoGatewaysMayUseOneId) {
  EXPECT_EQ(memory.remember("gw-1", "r", now, now), ProofMemory::Answer::kNew);
  EXPECT_EQ(memory.remember("gw-2", "r", now, now), ProofMemory::Answer::kNew);
}

TEST_F(ProofMemoryTest, RefusesRatherThanForgets) {
  for (std::size_t count = 0; count < ProofMemory::kRememberedMax; ++count) {
    ASSERT_EQ(memory.remember("gw", std::to_string(count), now, now), ProofMemory::Answer::kNew);
  }

  EXPECT_EQ(memory.remember("gw", "one more", now, now), ProofMemory::Answer::kFull);
  EXPECT_EQ(memory.remember("gw", "0", now, now), ProofMemory::Answer::kSeen);
  EXPECT_EQ(memory.remember("gw", "one more", now + std::chrono::seconds(6),
                            now + std::chrono::seconds(6)),
            ProofMemory::Answer::kNew);
}

}  // namespace
}  // namespace counterfoil::venue
