#include <gtest/gtest.h>

#include <string>

#include "crypto/root_key.h"
#include "doors/management/test_management.h"

namespace counterfoil {
namespace {

using management_test::ManagementTest;
using management_test::Reply;

TEST_F(ManagementTest, ShowsTheKeysThatSecretsAreSealedWith) {
  const Reply shown = get("/api/v1/secrets");

  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.json["sealing_keys"].size(), 1U);
  EXPECT_EQ(shown.json["sealing_keys"][0]["version"], 1);
  EXPECT_EQ(shown.json["sealing_keys"][0]["seals"], true);
  EXPECT_TRUE(shown.json["rotation"].is_null());
  EXPECT_EQ(shown.json["root_key"]["id"].get<std::string>().size(), 16U);
  EXPECT_TRUE(shown.json["root_key"]["next_id"].is_null());
}

TEST_F(ManagementTest, BeginsANewSealingKeyOnceAndShowsHowFarItIs) {
  make_account();
  (void)make_key();
  const Reply begun = post("/api/v1/secrets/rotate-kek");
  EXPECT_EQ(begun.status, 202) << begun.body;
  EXPECT_EQ(begun.json["begun"], true);
  EXPECT_EQ(begun.json["sealing_keys"][1]["seals"], true);
  EXPECT_FALSE(begun.json["rotation"].is_null());

  EXPECT_EQ(post("/api/v1/secrets/rotate-kek").json["begun"], false);
  secrets_->work();

  const Reply shown = get("/api/v1/secrets");
  EXPECT_EQ(shown.json["sealing_keys"].size(), 1U);
  EXPECT_EQ(shown.json["sealing_keys"][0]["version"], 2);
  EXPECT_TRUE(shown.json["rotation"].is_null());
}

TEST_F(ManagementTest, ChangesTheRootKeyByItsFile) {
  const std::string file = (directory_.path() / "next.key").string();
  (void)RootKey::create_file(file, random_).value();
  const std::string old_id = get("/api/v1/secrets").json["root_key"]["id"];
  EXPECT_EQ(post("/api/v1/secrets/rotate-root", R"({"file":"next.key"})").reason(),
            "path_not_absolute");
  EXPECT_EQ(post("/api/v1/secrets/rotate-root", R"({"file":"/nothing"})").reason(),
            "root_key_unusable");

  const Reply rotated = post("/api/v1/secrets/rotate-root", R"({"file":")" + file + "\"}");

  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_EQ(rotated.json["finished"], true);
  EXPECT_EQ(rotated.json["old_id"], old_id);
  EXPECT_EQ(rotated.json["root_key"]["id"], rotated.json["new_id"]);
  EXPECT_EQ(rotated.json["old_file"], root_path() + ".old-" + old_id);
  EXPECT_EQ(post("/api/v1/secrets/rotate-root", R"({"file":")" + file + "\"}").reason(),
            "root_key_in_use");
  EXPECT_EQ(post("/api/v1/secrets/scrub").status, 200);
}

}  // namespace
}  // namespace counterfoil
