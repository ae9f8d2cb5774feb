#include "app/remote/remedy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace counterfoil {
namespace {

// What a node answers about a key that somebody else may have.
NodeJson fix_answer() {
  return NodeJson::parse(R"({"troubles":[
      {"rank":"possible_theft","id":"ip-not-allowed","remedies":[
          {"id":"suspend","kind":"suspend","ours":true,"text":"Suspend.","risk":"","step_up":false},
          {"id":"allow_address:198.51.100.9","kind":"allow_address","ours":true,"text":"Allow.",
           "risk":"They get in.","step_up":true,"value":"198.51.100.9"},
          {"id":"rotate","kind":"rotate","ours":false,"text":"Rotate.","risk":"","step_up":true}]},
      {"rank":"possible_theft","id":"ip-not-allowed","remedies":[
          {"id":"suspend","kind":"suspend","ours":true,"text":"Suspend.","risk":"","step_up":false}]},
      {"rank":"warning","id":"expires-soon","remedies":[
          {"id":"renew","kind":"renew","ours":true,"text":"Renew.","risk":"","step_up":true,
           "expires_at":"2026-05-30T12:00:00.000Z"}]}]})");
}

TEST(RemediesOf, AreThoseThatLieWithUsOnceEach) {
  const auto remedies = remedies_of(fix_answer());

  ASSERT_EQ(remedies.size(), 3U);
  EXPECT_EQ(remedies[0].id, "suspend");
  EXPECT_FALSE(remedies[0].asks);
  EXPECT_EQ(remedies[1].value, "198.51.100.9");
  EXPECT_EQ(remedies[1].risk, "They get in.");
  EXPECT_TRUE(remedies[1].asks);
  EXPECT_EQ(remedies[2].kind, "renew");
  EXPECT_TRUE(remedies_of(NodeJson::object()).empty());
}

TEST(ChooseRemedy, TakesANumberFromOneOrAnId) {
  const auto remedies = remedies_of(fix_answer());

  EXPECT_EQ(choose_remedy(remedies, "1")->id, "suspend");
  EXPECT_EQ(choose_remedy(remedies, "3")->id, "renew");
  EXPECT_EQ(choose_remedy(remedies, "allow_address:198.51.100.9")->kind, "allow_address");
  for (const char* const wrong : {"0", "4", "-1", "1x", "", "rotate", "allow_address"}) {
    const auto none = choose_remedy(remedies, wrong);
    ASSERT_FALSE(none.has_value()) << wrong;
    EXPECT_EQ(none.error().code, ExitCode::kUsage);
    EXPECT_TRUE(none.error().sentence.contains("suspend, allow_address:198.51.100.9, renew"));
  }
  EXPECT_TRUE(choose_remedy({}, "1").error().sentence.contains("without --apply"));
}

TEST(ChangeOf, KeepsWhatTheKeyHasAndAddsOneThing) {
  const auto remedies = remedies_of(fix_answer());
  const NodeJson key{{"allow_list", {"192.0.2.7"}}, {"permissions", {"USER_DATA"}}};

  EXPECT_EQ(change_of(key, remedies[1]).dump(), R"({"allow_list":["192.0.2.7","198.51.100.9"]})");
  EXPECT_EQ(change_of(key, remedies[2]).dump(), R"({"expires_at":"2026-05-30T12:00:00.000Z"})");
  const Remedy tick{.id = {},
                    .kind = "tick_permission",
                    .text = {},
                    .risk = {},
                    .value = "TRADE",
                    .expires_at = {}};
  EXPECT_EQ(change_of(key, tick).dump(), R"({"permissions":["USER_DATA","TRADE"]})");
  EXPECT_TRUE(change_of(key, remedies[0]).is_null());
}

}  // namespace
}  // namespace counterfoil
