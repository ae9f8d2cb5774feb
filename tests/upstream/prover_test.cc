// What the gateway writes and what the document prints, against the published vectors.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "authority/identity_prover.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "vectors.h"

namespace counterfoil {
namespace {

using nlohmann::json;

std::string secret_of(std::string_view kid) {
  for (const json& row : upstream_vectors()["secrets"]) {
    if (row["kid"] == kid) {
      return row["secret"];
    }
  }
  return {};
}

std::string kid_of(const json& row) {
  const std::string proof = header_of(row, "X-Counterfoil-Proof");
  const std::size_t begin = proof.find("kid=") + 4;
  return proof.substr(begin, proof.find(';', begin) - begin);
}

// written_for gives the header lines that the gateway writes for one case.
std::string written_for(const json& row) {
  const std::string kid = kid_of(row);
  const IdentityProver prover(kid, HmacKey::from_secret(as_bytes(secret_of(kid))).value(),
                              header_of(row, "X-Counterfoil-Gateway"));
  const std::string account = header_of(row, "X-Counterfoil-Account");
  const std::string api_key = header_of(row, "X-Counterfoil-Key");
  const std::string permissions = header_of(row, "X-Counterfoil-Permissions");
  const std::string request_id = header_of(row, "X-Counterfoil-Request-Id");
  const Timestamp sent = from_unix_ms(std::stoll(header_of(row, "X-Counterfoil-Timestamp")));
  std::string out;
  prover.append_headers({.method = row["method"].get_ref<const std::string&>(),
                         .target = row["target"].get_ref<const std::string&>(),
                         .body = row["body"].get_ref<const std::string&>(),
                         .account = account,
                         .api_key = api_key,
                         .permissions = permissions,
                         .request_id = request_id},
                        sent, out);
  return out;
}

TEST(IdentityProverVectors, TheGatewayWritesWhatTheVectorsSay) {
  std::size_t written = 0;
  for (const json& row : upstream_vectors()["cases"]) {
    if (row["expect"] != "accepted") {
      continue;
    }
    std::string expected;
    for (const json& field : row["headers"]) {
      expected += field[0].get<std::string>() + ": " + field[1].get<std::string>() + "\r\n";
    }

    EXPECT_EQ(written_for(row), expected) << row["name"];
    ++written;
  }
  EXPECT_EQ(written, 11U);
}

TEST(UpstreamDocument, PrintsTheVectorsRight) {
  std::ifstream file(COUNTERFOIL_SOURCE_DIR "/docs/upstream.md");
  const std::string document((std::istreambuf_iterator<char>(file)), {});
  std::size_t printed = 0;
  for (const json& row : upstream_vectors()["cases"]) {
    if (row["name"] == "get_without_body" || row["name"] == "post_with_query_and_body" ||
        row["name"] == "key_event") {
      ++printed;
      EXPECT_TRUE(document.contains("```\n" + row["text"].get<std::string>() + "\n```\n"))
          << row["name"];
      EXPECT_TRUE(
          document.contains("X-Counterfoil-Proof: " + header_of(row, "X-Counterfoil-Proof") + "\n"))
          << row["name"];
      EXPECT_TRUE(document.contains(row["body"].get<std::string>())) << row["name"];
    }
  }
  EXPECT_EQ(printed, 3U);
  for (const json& row : upstream_vectors()["secrets"]) {
    EXPECT_TRUE(document.contains("| `" + row["kid"].get<std::string>() + "` | `" +
                                  row["secret"].get<std::string>() + "` |"));
  }
}

}  // namespace
}  // namespace counterfoil
