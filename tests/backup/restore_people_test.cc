// A restore gives nobody back what was taken from them (control S-86), and nobody is signed in
// after it.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/enrolment_link.h"
#include "accounts/invitation.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "authority/people_records.h"
#include "backup/restore_backup.h"
#include "backup/restored_people.h"
#include "base/account_id.h"
#include "crypto/digest.h"
#include "keys/life.h"
#include "registry/registry.h"
#include "stores_fixture.h"

namespace counterfoil {
namespace {

class RestorePeople : public StoresFixture {
 protected:
  // enrolled puts somebody with an authenticator app into the node.
  Person enrolled(const std::string& name) {
    Person person{.id = PersonId::generate(random_).value(),
                  .email = name + "@example.com",
                  .name = name,
                  .role = Role::kOwner,
                  .state = PersonState::kActive,
                  .state_since = clock_.now()};
    person.totp = {.sealed_seed = "sealed"};
    node_->put_person(person, "person.enrol");
    return person;
  }
  [[nodiscard]] std::unique_ptr<TestNode> restored_node(bool with_log = true) {
    RestoreWish accepting = wish();
    accepting.rollback = Rollback::kAccept;
    if (!with_log) {
      accepting.revocation_logs.emplace();
    }
    const auto result = restore(accepting);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().detail);
    disabled_ = result ? result->people_disabled : 0;
    return result ? start(accepting.directory) : nullptr;
  }
  std::size_t disabled_ = 0;
};

TEST_F(RestorePeople, KeepsDisabledPeopleDisabled) {
  const Person stays = enrolled("ann");
  const Person goes = enrolled("bob");
  ASSERT_TRUE(back_up().has_value());
  Person gone = goes;
  gone.state = PersonState::kDisabled;
  node_->put_person(gone, "person.disable", {{"cause", "left"}});
  node_->put_person(goes, "person.enable");

  const auto node = restored_node();
  ASSERT_NE(node, nullptr);

  EXPECT_EQ(node->person(stays.id), stays);
  EXPECT_EQ(node->person(goes.id)->state, PersonState::kDisabled)
      << "also when they were enabled since, as a suspended API key stays suspended";
  EXPECT_EQ(node->person(goes.id)->state_cause, "left");
  EXPECT_EQ(disabled_, 1U);
}

TEST_F(RestorePeople, LetsNoPasswordOrFactorServeThatWasEndedSince) {
  const std::vector<std::string> actions{
      "password.change", "password.reset", "person.force_new_factor",
      "totp.replace",    "totp.remove",    "passkey.remove"};
  std::vector<Person> people;
  while (people.size() < actions.size()) {
    people.push_back(enrolled("p" + std::to_string(people.size())));
  }
  const Person added = enrolled("ann");
  ASSERT_TRUE(back_up().has_value());
  for (std::size_t i = 0; i < people.size(); ++i) {
    node_->put_person(people[i], actions[i]);
  }
  node_->put_person(added, "passkey.add");

  const auto node = restored_node();
  ASSERT_NE(node, nullptr);

  for (std::size_t i = 0; i < people.size(); ++i) {
    const Person person = node->person(people[i].id).value();
    EXPECT_EQ(person.state, PersonState::kDisabled) << actions[i];
    EXPECT_EQ(person.state_cause, kFactorsEndedCause);
    EXPECT_TRUE(person.must_renew_factors);
  }
  EXPECT_EQ(node->person(added.id), added) << "nothing of theirs was ended";
}

TEST_F(RestorePeople, BringsBackNoIdentityThatWasUnlinkedSince) {
  Person unlinks = enrolled("ann");
  unlinks.identities = {{.issuer = "https://id.example.com", .subject = "1", .shown = ""}};
  node_->put_person(unlinks, "identity.link");
  Person keeps = enrolled("bob");
  keeps.identities = {{.issuer = "https://id.example.com", .subject = "2", .shown = ""}};
  node_->put_person(keeps, "identity.link");
  ASSERT_TRUE(back_up().has_value());
  Person without = unlinks;
  without.identities.clear();
  node_->put_person(without, "identity.unlink");

  const auto node = restored_node();
  ASSERT_NE(node, nullptr);

  EXPECT_TRUE(node->person(unlinks.id)->identities.empty());
  EXPECT_EQ(node->person(unlinks.id)->state, PersonState::kActive) << "nothing else was ended";
  EXPECT_EQ(node->person(keeps.id), keeps);
}

TEST_F(RestorePeople, DisablesEverybodyWithoutTheLog) {
  const Person ann = enrolled("ann");
  ASSERT_TRUE(back_up().has_value());

  const auto node = restored_node(false);
  ASSERT_NE(node, nullptr);

  EXPECT_EQ(node->person(ann.id)->state, PersonState::kDisabled);
  EXPECT_EQ(node->person(ann.id)->state_cause, kUnconfirmedPersonCause);
}

TEST_F(RestorePeople, BringsBackNothingThatLetsSomebodyIn) {
  Person ann = enrolled("ann");
  ann.recovery_codes.resize(2);
  ann.pending_totp = {.sealed_seed = "sealed"};
  ann.reset = {.ends_at = clock_.now() + kPasswordResetLife};
  node_->put_person(ann, "recovery_codes.make");
  Person begun = enrolled("bob");
  begun.state = PersonState::kEnrolling;
  node_->put_person(begun, "person.enrol");
  const Session session = new_session("1", ann, "203.0.113.7", "Mozilla/5.0", clock_.now());
  const Invitation invitation{.id = "1",
                              .email = "eve@example.com",
                              .role = Role::kOwner,
                              .created = clock_.now(),
                              .ends_at = clock_.now() + kInvitationLife};
  const EnrolmentLink link{.id = std::string(32, 'a'),
                           .account = *AccountId::parse("desk"),
                           .permissions = "USER_DATA",
                           .allow_list = "any",
                           .created = clock_.now(),
                           .ends_at = clock_.now() + kEnrolmentLinkLife};
  ASSERT_TRUE(node_->audited->commit({session_write(session, Digest{}),
                                      invitation_write(invitation, token_record_id(Digest{}), 0),
                                      {.kind = RecordKind::kEnrolmentLink,
                                       .id = token_record_id(Digest{}),
                                       .bytes = encode_enrolment_link(link)}},
                                     {.actor = "test", .action = "session.open", .object = "1"}));
  ASSERT_TRUE(back_up().has_value());

  const auto node = restored_node();
  ASSERT_NE(node, nullptr);

  EXPECT_TRUE(node->registry->list(RecordKind::kSession, "", 10)->empty());
  EXPECT_TRUE(node->registry->list(RecordKind::kInvitation, "", 10)->empty());
  EXPECT_TRUE(node->registry->list(RecordKind::kEnrolmentLink, "", 10)->empty());
  const Person restored = node->person(ann.id).value();
  EXPECT_EQ(restored.state, PersonState::kActive);
  EXPECT_TRUE(restored.recovery_codes.empty());
  EXPECT_FALSE(restored.pending_totp.has_value());
  EXPECT_FALSE(restored.reset.has_value());
  EXPECT_EQ(node->person(begun.id), std::nullopt) << "their invitation is gone, too";
  EXPECT_EQ(disabled_, 0U);
}

TEST(RestoredPeople, SayWhyInWordsThatFit) {
  for (const std::string_view cause : {kUnconfirmedPersonCause, kFactorsEndedCause}) {
    EXPECT_TRUE(is_plain_text(cause, 200));
  }
}

}  // namespace
}  // namespace counterfoil
