#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "authority/key_import.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "doors/management/import_rows.h"
#include "doors/management/management_api.h"
#include "doors/management/test_management.h"
#include "keys/key_format.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ManagementTest;
using management_test::Reply;

constexpr std::string_view kPath = "/api/v1/keys/import-batch";

std::string id_of(std::size_t number) {
  return "KEY" + to_hex(sha256(as_bytes(std::to_string(number)))).substr(3);
}
std::string secret_of(std::size_t number) {
  return "SECRET" + to_hex(sha256(as_bytes(std::to_string(number)))).substr(6);
}
std::string row(std::size_t number, std::string_view more = {}) {
  return R"({"account":"demo","api_key":")" + id_of(number) + R"(","secret":")" +
         secret_of(number) + "\"" + std::string(more) + "}\n";
}

class ImportBatchTest : public ManagementTest {
 protected:
  Reply import(std::string_view rows, std::string_view wish = "{}",
               std::string_view content_type = "application/x-ndjson") {
    const std::string body = std::string(wish) + "\n" + std::string(rows);
    return send(http::Method::kPost, kPath, content_type, body);
  }
};

TEST_F(ImportBatchTest, TellsWhatBecameOfEachRow) {
  make_account();
  ASSERT_EQ(import(row(1)).json["imported"], 1);

  const Reply reply = import(row(1) + row(2) + "\r\n" + row(3, R"(,"permissions":["FLY"])") +
                                 row(4, R"(,"lable":"x")") + "{\n" + row(5),
                             R"({"first_line":101})");

  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json["rows"], 6);
  EXPECT_EQ(reply.json["imported"], 2);
  EXPECT_EQ(reply.json["already_there"], 1);
  const auto& refused = reply.json["refused"];
  ASSERT_EQ(refused.size(), 3U);
  EXPECT_EQ(refused[0]["line"], 104);  // the blank line counts
  EXPECT_EQ(refused[0]["api_key"], id_of(3));
  EXPECT_EQ(refused[0]["member"], "permissions");
  EXPECT_EQ(refused[0]["reason"], "permission_unknown");
  EXPECT_FALSE(refused[0].value("detail", "").empty());
  EXPECT_EQ(refused[1]["line"], 105);
  EXPECT_EQ(refused[1]["member"], "lable");
  EXPECT_EQ(refused[1]["reason"], "member_unknown");
  EXPECT_EQ(refused[2]["line"], 106);
  EXPECT_EQ(refused[2]["reason"], "json_malformed");
  EXPECT_FALSE(refused[2].contains("api_key"));
  EXPECT_EQ(get("/api/v1/keys/" + id_of(5)).json["imported"], true);
  EXPECT_FALSE(everything_.contains("SECRET"));
}

TEST_F(ImportBatchTest, MakesAccountsOnlyWhenAskedAndRehearsesOnlyWhenAsked) {
  EXPECT_EQ(import(row(1)).json["refused"][0]["reason"], "no_such_account");
  const Reply tried = import(row(1), R"({"create_accounts":true,"dry_run":true})");
  EXPECT_EQ(tried.json["imported"], 1);
  EXPECT_EQ(tried.json["accounts_created"], 1);
  EXPECT_EQ(get("/api/v1/accounts/demo").status, 404);

  EXPECT_EQ(import(row(1), R"({"create_accounts":true})").json["accounts_created"], 1);

  EXPECT_EQ(get("/api/v1/keys/" + id_of(1)).status, 200);
}

TEST_F(ImportBatchTest, ASecretInTheWrongPlaceIsNotRepeated) {
  make_account();
  const std::string ours = KeyFormat().generate_secret(random_);
  const std::string id(KeyFormat().generate_api_key(random_)->text());
  const auto swapped = [](std::string_view api_key, std::string_view secret) {
    return R"({"account":"demo","api_key":")" + std::string(api_key) + R"(","secret":")" +
           std::string(secret) + "\"}\n";
  };
  const Reply reply =
      import(swapped(ours, id) + swapped(secret_of(1), id) + swapped("x" + ours, id) +
             R"({"account":"demo","api_key":")" + id_of(1) + R"(",")" + secret_of(2) + "\":1}\n" +
             R"({"account":"demo","api_key":")" + id_of(1) + R"(","secret":")" + secret_of(2));

  ASSERT_EQ(reply.json["refused"].size(), 5U) << reply.body;
  EXPECT_EQ(reply.json["refused"][1]["reason"], "api_key_given_as_secret");
  EXPECT_FALSE(everything_.contains(ours));
  EXPECT_FALSE(everything_.contains("SECRET" + secret_of(1).substr(6) + "\","));
  EXPECT_FALSE(reply.json["refused"][1].contains("api_key"));
}

TEST_F(ImportBatchTest, TakesItsLimitOfRowsAndRefusesOneMoreAsAWhole) {
  std::string rows;
  for (std::size_t number = 0; number < KeyImport::kRowsMax; ++number) {
    rows += "{}\n";
  }
  EXPECT_EQ(import(rows).json["rows"], KeyImport::kRowsMax);
  make_account();

  const Reply reply = import(row(1) + rows);

  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.reason(), "too_many_rows");
  EXPECT_EQ(get("/api/v1/keys/" + id_of(1)).status, 404);
}

TEST_F(ImportBatchTest, TakesABodyAtTheLimitAndRefusesOneByteMore) {
  const std::string blanks(ManagementApi::kRowsBytesMax - 3, '\n');  // beside "{}" and its end

  EXPECT_EQ(import(blanks).status, 200);
  EXPECT_EQ(import(blanks + "\n").status, 413);
  EXPECT_EQ(ManagementApi::body_bytes_max(http::Method::kPost, kPath),
            ManagementApi::kRowsBytesMax);
  EXPECT_EQ(ManagementApi::body_bytes_max(http::Method::kPost, "/api/v1/keys/import"),
            ManagementApi::kBodyBytesMax);
  EXPECT_EQ(ManagementApi::body_bytes_max(http::Method::kPost, "/nothing"),
            ManagementApi::kBodyBytesMax);
}

TEST_F(ImportBatchTest, RefusesACallItDoesNotUnderstand) {
  make_account();
  EXPECT_EQ(import(row(1), "{}", "application/json").status, 415);
  EXPECT_EQ(import(row(1), "").reason(), "json_malformed");
  EXPECT_EQ(import(row(1), R"({"dry":true})").reason(), "member_unknown");
  EXPECT_EQ(import(row(1), R"({"dry_run":"yes"})").reason(), "json_type");
  EXPECT_EQ(import(row(1), R"({"first_line":0})").reason(), "json_type");
  EXPECT_EQ(get("/api/v1/keys/" + id_of(1)).status, 404);
}

// ---- one row

std::string reason_of(std::string_view line) {
  const ImportRow read = read_import_row(line, KeyFormat());
  return read.key ? "" : read.key.error().reason;
}

struct BadRow {
  const char* name;
  std::string line;
  const char* reason;
};
class BadRowTest : public testing::TestWithParam<BadRow> {};
TEST_P(BadRowTest, IsRefused) { EXPECT_EQ(reason_of(GetParam().line), GetParam().reason); }

std::vector<BadRow> bad_rows() {
  const std::string begin = R"({"account":"demo","api_key":")" + id_of(1) + "\"";
  const std::string whole = begin + R"(,"secret":")" + secret_of(1) + "\"";
  return {
      {"empty", "", "json_malformed"},
      {"cut", whole, "json_malformed"},
      {"two_documents", whole + "}{}", "json_malformed"},
      {"byte_order_mark", "\xef\xbb\xbf" + whole + "}", "json_malformed"},
      {"bad_utf8", whole + ",\"label\":\"\xff\"}", "json_malformed"},
      {"lone_surrogate", whole + R"(,"label":"\ud800"})", "json_malformed"},
      {"nul", whole + std::string("\0}", 2), "json_malformed"},
      {"list", "[" + whole + "}]", "json_not_an_object"},
      {"member_twice", whole + R"(,"account":"other"})", "json_member_repeated"},
      {"member_unknown", whole + R"(,"type":"hmac-sha256"})", "member_unknown"},
      {"account_missing", R"({"api_key":")" + id_of(1) + R"(","secret":"x"})", "member_missing"},
      {"pair_missing", begin + "}", "member_missing"},
      {"secret_a_number", begin + R"(,"secret":1})", "json_type"},
      {"secret_null", begin + R"(,"secret":null})", "json_type"},
      {"fraction", whole + R"(,"expires_at":1.5})", "json_number_refused"},
      {"too_deep", whole + ",\"symbols\":" + std::string(20, '[') + std::string(20, ']') + "}",
       "json_too_deep"},
      {"secret_too_long", begin + R"(,"secret":")" + std::string(257, 'x') + "\"}", "too_long"},
  };
}
INSTANTIATE_TEST_SUITE_P(Rows, BadRowTest, testing::ValuesIn(bad_rows()),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST(ImportRowTest, ReadsEveryMember) {
  const ImportRow read = read_import_row(
      R"({"account":"demo","api_key":")" + id_of(1) + R"(","secret":")" + secret_of(1) +
          R"(","label":"bot","permissions":["USER_DATA","TRADE"],"allow_list":["203.0.113.7"],)"
          R"("symbols":["BTCUSDT"],"vendor":"shop","expires_at":"2027-01-01T00:00:00Z"})",
      KeyFormat());

  ASSERT_TRUE(read.key.has_value()) << read.key.error().detail;
  EXPECT_EQ(read.api_key, id_of(1));
  EXPECT_EQ(read.key->api_key, id_of(1));
  EXPECT_EQ(read.key->secret.size(), secret_of(1).size());
  EXPECT_EQ(read.key->key.account, "demo");
  EXPECT_EQ(read.key->key.permissions, "USER_DATA,TRADE");
  EXPECT_EQ(read.key->key.allow_list, "203.0.113.7");
  EXPECT_EQ(read.key->key.vendor, "shop");
  EXPECT_TRUE(read.key->key.expires_at.has_value());
}

TEST(ImportRowTest, ALineHasItsLimit) {
  const std::string line =
      R"({"account":"demo","api_key":")" + id_of(1) + R"(","secret":")" + secret_of(1) + "\"";
  const std::string at_limit = line + std::string(kImportLineBytesMax - line.size() - 1, ' ') + "}";
  ASSERT_EQ(at_limit.size(), kImportLineBytesMax);

  EXPECT_EQ(reason_of(at_limit), "");
  EXPECT_EQ(reason_of(at_limit + " "), "line_too_long");
}

}  // namespace
}  // namespace counterfoil
