// Many API keys suspended, resumed or revoked as one operation (control S-93).

#include "authority/mass_actions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/key_selection.h"
#include "authority/mass_action.h"
#include "authority/receipts.h"
#include "authority/test_faults.h"
#include "authority/test_use.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using std::chrono::hours;
using State = MassAction::State;

class MassActionsTest : public testing::Test {
 protected:
  MassActionsTest() { start_anew(); }

  // start_anew is what a restart does: what was in memory is gone.
  void start_anew() {
    actions_.emplace(MassActions::Parts{.registry = house_.audited,
                                        .issuer = *house_.issuer,
                                        .journal = *house_.gateway->journal,
                                        .permissions = house_.profile.permissions(),
                                        .random = house_.random,
                                        .clock = house_.clock});
    ASSERT_TRUE(actions_->load().has_value());
  }

  std::string make_key(const std::string& vendor, const std::string& account = "demo") {
    const auto made = house_.issuer->create_key(
        {.account = account, .label = "bot", .material = {}, .vendor = vendor}, house_.actor);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return std::string(made->key.id.text());
  }
  std::vector<std::string> make_keys(std::size_t count, const std::string& vendor) {
    std::vector<std::string> ids;
    for (std::size_t made = 0; made < count; ++made) {
      if (made % 30 == 0) {
        last_account_ = "account-" + std::to_string(++accounts_);
        EXPECT_TRUE(house_.issuer->create_account(last_account_, "", house_.actor).has_value());
      }
      ids.push_back(make_key(vendor, last_account_));
    }
    return ids;
  }
  [[nodiscard]] MassAction prepared(KeyVerb verb, KeySelection selection) {
    auto action = actions_->prepare(verb, "leaked", std::move(selection));
    EXPECT_TRUE(action.has_value()) << (action ? "" : action.error().detail);
    return action.value_or(MassAction{});
  }
  [[nodiscard]] MassAction begun(KeyVerb verb, KeySelection selection) {
    auto action = actions_->start(prepared(verb, std::move(selection)).id, house_.actor);
    EXPECT_TRUE(action.has_value()) << (action ? "" : action.error().detail);
    return action.value_or(MassAction{});
  }
  [[nodiscard]] MassAction done(KeyVerb verb, KeySelection selection) {
    const std::string id = begun(verb, std::move(selection)).id;
    while (actions_->step()) {
    }
    return actions_->find(id).value();
  }
  // started_by starts a suspension in the name of an API key, as the management API does.
  [[nodiscard]] std::string started_by(const std::string& api_key, KeySelection selection) {
    const Actor program{.name = "key:" + api_key,
                        .source = "192.0.2.1",
                        .management_key = ApiKeyId::parse(api_key)};
    const auto action =
        actions_->start(prepared(KeyVerb::kSuspend, std::move(selection)).id, program);
    EXPECT_TRUE(action.has_value()) << (action ? "" : action.error().detail);
    return action.value_or(MassAction{}).id;
  }
  [[nodiscard]] KeyState state_of(const std::string& id) const {
    return house_.issuer->stored_key(id)->key.state;
  }
  [[nodiscard]] bool is_accepted(const std::string& id) const {
    const auto live = house_.replica->find(ApiKeyId::parse(id).value());
    return live && live->state == KeyState::kActive;
  }
  [[nodiscard]] std::map<std::string, nlohmann::json> results_of(const std::string& id) const {
    std::string text;
    EXPECT_TRUE(actions_
                    ->results(id,
                              [&](std::string_view lines) {
                                text += lines;
                                return true;
                              })
                    .has_value());
    std::map<std::string, nlohmann::json> results;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      auto line = nlohmann::json::parse(text.substr(at, end - at));
      const std::string key = line.at("api_key");
      EXPECT_TRUE(results.emplace(key, std::move(line)).second) << "twice: " << key;
      at = end + 1;
    }
    return results;
  }
  [[nodiscard]] std::vector<std::string> audit() const {
    const auto outbox = house_.registry->audit_outbox(kListMax).value();
    std::vector<std::string> lines;
    lines.reserve(outbox.size());
    for (const AuditEntry& entry : outbox) {
      lines.push_back(entry.bytes);
    }
    return lines;
  }
  [[nodiscard]] std::size_t audited(std::string_view action, std::string_view operation) const {
    std::size_t count = 0;
    for (const std::string& line : audit()) {
      const auto record = nlohmann::json::parse(line);
      if (record.at("action") == action &&
          record.at("detail").value("operation", "") == operation) {
        ++count;
      }
    }
    return count;
  }

  TestAuthority house_;
  std::optional<MassActions> actions_;
  std::string last_account_;
  int accounts_ = 0;
};

TEST_F(MassActionsTest, RevokesEveryKeyOfAVendorAndNoOther) {
  const auto acme = make_keys(3, "acme");
  const std::string other = make_key("other");

  const MassAction action = done(KeyVerb::kRevoke, {.vendor = "acme"});

  EXPECT_EQ(action.state, State::kDone);
  EXPECT_EQ(action.changed, 3U);
  EXPECT_EQ(action.still_valid, 0U);
  for (const std::string& id : acme) {
    EXPECT_EQ(state_of(id), KeyState::kRevoked);
    EXPECT_FALSE(is_accepted(id));
  }
  EXPECT_TRUE(is_accepted(other));
}

TEST_F(MassActionsTest, IsInForceBeforeTheNextPartBegins) {
  const auto ids = make_keys(2, "acme");
  (void)begun(KeyVerb::kSuspend, {.vendor = "acme"});
  EXPECT_TRUE(is_accepted(ids[0]));  // nothing happens before a step

  actions_->step();

  EXPECT_FALSE(is_accepted(ids[0]));
  EXPECT_FALSE(is_accepted(ids[1]));
}

TEST_F(MassActionsTest, EachKeyHasItsAuditRecordAndAReceiptThatProves) {
  const auto ids = make_keys(2, "acme");

  const MassAction action = done(KeyVerb::kRevoke, {.vendor = "acme"});

  EXPECT_EQ(audited("key.revoke", action.id), 2U);
  const auto results = results_of(action.id);
  ASSERT_EQ(results.size(), 2U);
  const auto node_key = AuditKey::from_pem(house_.gateway->receipts.public_key()).value();
  for (const std::string& id : ids) {
    EXPECT_EQ(results.at(id).at("outcome"), "changed");
    const std::string receipt =
        house_.gateway->receipts.find(results.at(id).at("receipt").get<std::string>()).value();
    const auto facts = check_receipt(receipt, node_key);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->subject.object, id);
    EXPECT_EQ(facts->subject.action, "key.revoke");
    EXPECT_EQ(facts->gateways.size(), 1U);
  }
}

TEST_F(MassActionsTest, ThePreviewCountsByState) {
  const auto ids = make_keys(5, "acme");
  ASSERT_TRUE(house_.issuer->suspend_key(ids[0], "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->revoke_key(ids[1], "", house_.actor).has_value());

  const MassAction action = prepared(KeyVerb::kRevoke, {.vendor = "acme"});

  EXPECT_EQ(action.state, State::kPrepared);
  EXPECT_EQ(
      action.at_start,
      (SelectionCounts{.selected = 5, .active = 3, .suspended = 1, .revoked = 1, .accounts = 1}));
  actions_->step();
  EXPECT_TRUE(is_accepted(ids[2]));  // a preview does nothing
}

TEST_F(MassActionsTest, WhatIsSoAlreadyIsToldApart) {
  const auto ids = make_keys(3, "acme");
  ASSERT_TRUE(house_.issuer->suspend_key(ids[0], "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->revoke_key(ids[1], "", house_.actor).has_value());

  const MassAction suspended = done(KeyVerb::kSuspend, {.vendor = "acme"});

  EXPECT_EQ(suspended.changed, 1U);
  EXPECT_EQ(suspended.already, 1U);
  EXPECT_EQ(suspended.refused, 1U);
  EXPECT_EQ(results_of(suspended.id).at(ids[0]).at("outcome"), "already");
  EXPECT_EQ(results_of(suspended.id).at(ids[1]).at("reason"), "api_key_revoked");

  const MassAction resumed = done(KeyVerb::kResume, {.vendor = "acme"});

  EXPECT_EQ(resumed.changed, 2U);
  EXPECT_EQ(resumed.refused, 1U);
  EXPECT_EQ(resumed.still_valid, std::nullopt);
  EXPECT_TRUE(is_accepted(ids[0]));
}

TEST_F(MassActionsTest, GoesOnAfterARestartWhereItStood) {
  const auto ids = make_keys(250, "acme");
  const std::string id = begun(KeyVerb::kRevoke, {.vendor = "acme"}).id;
  EXPECT_TRUE(actions_->step());  // the first hundred
  EXPECT_EQ(actions_->find(id)->changed, 100U);

  start_anew();
  while (actions_->step()) {
  }

  const MassAction action = actions_->find(id).value();
  EXPECT_EQ(action.state, State::kDone);
  EXPECT_EQ(action.changed, 250U);
  EXPECT_EQ(action.already, 0U);
  EXPECT_EQ(audited("key.revoke", id), 250U);  // none twice
  EXPECT_EQ(results_of(id).size(), 250U);
}

TEST_F(MassActionsTest, ReceiptsThatACrashHasKeptFromBeingMadeAreMadeAfterIt) {
  const auto ids = make_keys(120, "acme");
  const std::string id = begun(KeyVerb::kRevoke, {.vendor = "acme"}).id;
  // The first part runs in a process that ends right after its commit.
  TestFault fault;
  FaultyJournal journal(*house_.gateway->journal, fault);
  Receipts receipts({.node_key = house_.gateway->node_key,
                     .journal = journal,
                     .random = house_.random,
                     .clock = house_.clock,
                     .node = "node-1",
                     .log_id = "00000000000000000000000000000001"});
  Issuer issuer(house_.audited, *house_.sealer,
                {.revoker = house_.gateway->revoker, .receipts = receipts}, house_.random,
                house_.clock, house_.profile.permissions(), KeyFormat(), {});
  MassActions dying({.registry = house_.audited,
                     .issuer = issuer,
                     .journal = *house_.gateway->journal,
                     .permissions = house_.profile.permissions(),
                     .random = house_.random,
                     .clock = house_.clock});
  ASSERT_TRUE(dying.load().has_value());
  fault.arm(0, TestFault::When::kBefore);
  EXPECT_TRUE(dying.step());

  start_anew();
  while (actions_->step()) {
  }

  EXPECT_EQ(actions_->find(id)->changed, 120U);
  for (const auto& [key, line] : results_of(id)) {
    EXPECT_TRUE(house_.gateway->receipts.find(line.at("receipt").get<std::string>()).has_value());
  }
}

TEST_F(MassActionsTest, AListSurvivesARestartToo) {
  auto ids = make_keys(130, "acme");
  const std::string spared = make_key("acme");
  const std::string id = begun(KeyVerb::kRevoke, {.api_keys = ids}).id;
  EXPECT_TRUE(actions_->step());

  start_anew();
  while (actions_->step()) {
  }

  EXPECT_EQ(actions_->find(id)->changed, 130U);
  EXPECT_TRUE(is_accepted(spared));
}

TEST_F(MassActionsTest, AListIsFilledBeforeItIsStartedAndNotAfter) {
  const auto ids = make_keys(3, "acme");
  const std::string nobodys(64, 'z');
  MassAction action = prepared(KeyVerb::kSuspend, {.api_keys = {ids[1]}});
  action = actions_->add_keys(action.id, {ids[0], ids[1], nobodys}).value();
  EXPECT_EQ(action.selection.api_keys.size(), 3U);
  EXPECT_EQ(actions_->find(action.id)->at_start,
            (SelectionCounts{.selected = 3, .active = 2, .unreadable = 1, .accounts = 1}));
  ASSERT_TRUE(actions_->start(action.id, house_.actor).has_value());

  EXPECT_EQ(actions_->add_keys(action.id, {ids[2]}).error().reason, "mass_action_started");
  while (actions_->step()) {
  }

  EXPECT_EQ(actions_->find(action.id)->changed, 2U);
  EXPECT_EQ(results_of(action.id).at(nobodys).at("reason"), "no_such_key");
  EXPECT_TRUE(is_accepted(ids[2]));
}

TEST_F(MassActionsTest, WhatIsMadeAfterTheStartIsLeftAloneAndReported) {
  (void)make_keys(2, "acme");
  house_.clock.advance(hours(1));
  const std::string id = begun(KeyVerb::kRevoke, {.vendor = "acme"}).id;
  house_.clock.advance(hours(1));
  const std::string late = make_key("acme");
  while (actions_->step()) {
  }

  const MassAction action = actions_->find(id).value();
  EXPECT_EQ(action.changed, 2U);
  EXPECT_EQ(action.still_valid, 1U);
  EXPECT_TRUE(is_accepted(late));
}

TEST_F(MassActionsTest, StopsWhereItIsAndKeepsWhatItHasDone) {
  const auto ids = make_keys(150, "acme");
  const std::string id = begun(KeyVerb::kSuspend, {.vendor = "acme"}).id;
  EXPECT_TRUE(actions_->step());
  ASSERT_TRUE(actions_->stop(id, {.name = "socket:uid=7", .source = "local"}).has_value());
  while (actions_->step()) {
  }

  const MassAction action = actions_->find(id).value();
  EXPECT_EQ(action.state, State::kStopped);
  EXPECT_EQ(action.changed, 100U);
  EXPECT_EQ(action.still_valid, 50U);
  EXPECT_NE(audit().back().find("mass_action.stop"), std::string::npos);
  EXPECT_NE(audit().back().find("socket:uid=7"), std::string::npos);
  EXPECT_FALSE(actions_->step());
}

TEST_F(MassActionsTest, AFaultOfTheRegistryIsToldAndNothingIsDoneTwiceOrLeftOut) {
  const auto ids = make_keys(150, "acme");
  const std::string id = begun(KeyVerb::kRevoke, {.vendor = "acme"}).id;
  EXPECT_TRUE(actions_->step());
  house_.registry->commit_fails = RegistryError::kFull;
  EXPECT_FALSE(actions_->step());
  ASSERT_TRUE(actions_->last_fault().has_value());
  EXPECT_NE(actions_->last_fault()->find("disk is full"), std::string::npos);

  house_.registry->commit_fails.reset();
  while (actions_->step()) {
  }

  EXPECT_EQ(actions_->last_fault(), std::nullopt);
  EXPECT_EQ(actions_->find(id)->changed, 150U);
  EXPECT_EQ(audited("key.revoke", id), 150U);
}

TEST_F(MassActionsTest, AKeyThatSomebodyElseChangesAtThatMomentIsDecidedAnew) {
  const auto ids = make_keys(2, "acme");
  (void)begun(KeyVerb::kSuspend, {.vendor = "acme"});
  house_.registry->before_commit = [&, is_first = true]() mutable {
    if (std::exchange(is_first, false)) {
      const auto stored = house_.issuer->stored_key(ids[0]).value();
      const ApiKey revoked = revoke(stored.key, "", house_.clock.now());
      ASSERT_TRUE(house_.store
                      ->commit({.writes = {api_key_write(revoked, house_.profile.permissions(),
                                                         stored.version)}})
                      .has_value());
    }
  };
  while (actions_->step()) {
  }

  EXPECT_EQ(state_of(ids[0]), KeyState::kRevoked);
  EXPECT_EQ(state_of(ids[1]), KeyState::kSuspended);
}

TEST_F(MassActionsTest, SelectsByEachConditionAndByAllOfThemTogether) {
  (void)make_key("acme");
  house_.clock.advance(hours(10));
  const Timestamp later = house_.clock.now();
  const std::string young = make_key("acme");
  const std::string other = make_key("other");
  ASSERT_TRUE(house_.issuer->edit_key(other, {.label = "mine"}, house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->create_account("empty", "", house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->create_account("elsewhere", "", house_.actor).has_value());
  (void)make_key("third", "elsewhere");
  const UsageRow use = test_use(young, later);
  ASSERT_TRUE(house_.gateway->journal->record_usage({&use, 1}).has_value());
  const auto network = Cidr::parse("192.0.2.0/24").value();

  struct Row {
    const char* what;
    KeySelection selection;
    std::uint64_t selected;
  };
  const std::array rows{
      Row{"account", {.accounts = {"demo"}}, 3},
      Row{"an account without keys", {.accounts = {"empty"}}, 0},
      Row{"several accounts", {.accounts = {"elsewhere", "demo", "empty", "demo"}}, 4},
      Row{"several accounts and a label", {.accounts = {"demo", "elsewhere"}, .label = "bot"}, 3},
      Row{"label", {.label = "bot"}, 3},
      Row{"vendor", {.vendor = "acme"}, 2},
      Row{"vendor and label", {.label = "mine", .vendor = "acme"}, 0},
      Row{"created from", {.created_from = later}, 3},
      Row{"created until", {.created_until = later}, 1},
      Row{"vendor, created from", {.vendor = "acme", .created_from = later}, 1},
      Row{"used from", {.used_from = network}, 1},
      Row{"used from, since later", {.used_from = network, .used_since = later + hours(1)}, 0},
      Row{"used from, of another vendor", {.vendor = "other", .used_from = network}, 0},
      Row{"everything", {.everything = true}, 4},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(prepared(KeyVerb::kSuspend, row.selection).at_start.selected, row.selected)
        << row.what;
    ASSERT_TRUE(actions_->stop(actions_->list()->front().id, house_.actor).has_value());
  }
}

TEST_F(MassActionsTest, RefusesASelectionThatMeansNothingOrTwoThings) {
  const std::string id(64, 'z');
  const Timestamp now = house_.clock.now();
  struct Row {
    KeySelection selection;
    const char* reason;
  };
  const std::array rows{
      Row{{}, "selection_empty"},
      Row{{.api_keys = {id}, .vendor = "acme"}, "selection_mixed"},
      Row{{.api_keys = {id}, .everything = true}, "selection_mixed"},
      Row{{.vendor = "acme", .everything = true}, "selection_mixed"},
      Row{{.vendor = "acme", .used_since = now}, "selection_mixed"},
      Row{{.created_from = now, .created_until = now}, "selection_range"},
  };
  for (const Row& row : rows) {
    const auto action = actions_->prepare(KeyVerb::kRevoke, "", row.selection);
    ASSERT_FALSE(action.has_value());
    EXPECT_EQ(action.error().reason, row.reason);
  }
  KeySelection longest;
  for (std::size_t number = 0; number <= kSelectedKeysMax; ++number) {
    longest.api_keys.push_back(std::to_string(number));
  }
  EXPECT_EQ(check_selection(longest).error().reason, "selection_too_long");
  longest.api_keys.pop_back();
  EXPECT_TRUE(check_selection(longest).has_value());
  KeySelection widest;
  widest.accounts.resize(kSelectedAccountsMax, "demo");
  EXPECT_TRUE(check_selection(widest).has_value());
  widest.accounts.emplace_back("demo");
  EXPECT_EQ(check_selection(widest).error().reason, "selection_too_long");
}

TEST_F(MassActionsTest, StopsBeforeItsNextPartOnceTheApiKeyThatStartedItIsGone) {
  struct Case {
    KeyVerb verb;
    const char* reason;
  };
  for (const Case& one :
       {Case{KeyVerb::kRevoke, "starter_revoked"}, Case{KeyVerb::kSuspend, "starter_suspended"}}) {
    const std::string vendor = one.reason;
    const auto ids = make_keys(150, vendor);
    const std::string starter = make_key("program");
    const std::string id = started_by(starter, {.vendor = vendor});
    EXPECT_TRUE(actions_->step());  // the first part: 100
    ASSERT_TRUE((one.verb == KeyVerb::kRevoke
                     ? house_.issuer->revoke_key(starter, "leaked", house_.actor)
                     : house_.issuer->suspend_key(starter, "leaked", house_.actor))
                    .has_value());
    start_anew();  // a restart does not make it forget who started it

    EXPECT_FALSE(actions_->step());

    const MassAction stopped = actions_->find(id).value();
    EXPECT_EQ(stopped.state, State::kStopped);
    EXPECT_EQ(stopped.stop_reason, one.reason);
    EXPECT_EQ(stopped.changed, 100U);
    EXPECT_EQ(stopped.still_valid, 50U);
    const auto last = nlohmann::json::parse(audit().back());
    EXPECT_EQ(last.at("action"), "mass_action.stop");
    EXPECT_EQ(last.at("actor"), "system");
    EXPECT_EQ(last.at("detail").at("reason"), one.reason);
  }
}

TEST_F(MassActionsTest, GoesOnWhenItHasItselfSuspendedTheApiKeyThatStartedIt) {
  auto ids = make_keys(150, "acme");
  std::ranges::sort(ids);
  const std::string id = started_by(ids.front(), {.vendor = "acme"});
  EXPECT_TRUE(actions_->step());
  ASSERT_EQ(state_of(ids.front()), KeyState::kSuspended);
  start_anew();

  while (actions_->step()) {
  }

  EXPECT_EQ(actions_->find(id)->state, State::kDone);
  EXPECT_EQ(actions_->find(id)->changed, 150U);
  EXPECT_EQ(actions_->find(id)->stop_reason, "");
}

TEST_F(MassActionsTest, PreparedOnesAreFewAndForgottenAfterAnHour) {
  const MassAction first = prepared(KeyVerb::kSuspend, {.everything = true});
  for (std::size_t more = 1; more < MassActions::kPreparedMax; ++more) {
    (void)prepared(KeyVerb::kSuspend, {.everything = true});
  }
  const auto past = actions_->prepare(KeyVerb::kSuspend, "", {.everything = true});
  ASSERT_FALSE(past.has_value());
  EXPECT_EQ(past.error().reason, "too_many_prepared");

  house_.clock.advance(MassActions::kPreparedFor + std::chrono::seconds(1));

  (void)prepared(KeyVerb::kSuspend, {.everything = true});
  EXPECT_EQ(actions_->start(first.id, house_.actor).error().reason, "no_such_mass_action");
}

TEST_F(MassActionsTest, IsForgottenAMonthAfterItsEndButNotItsReceipts) {
  const auto ids = make_keys(1, "acme");
  const MassAction old = done(KeyVerb::kRevoke, {.vendor = "acme"});
  const std::string receipt = results_of(old.id).at(ids[0]).at("receipt");

  house_.clock.advance(MassActions::kKeptFor + hours(1));
  (void)done(KeyVerb::kSuspend, {.vendor = "acme"});

  EXPECT_EQ(actions_->find(old.id).error().reason, "no_such_mass_action");
  EXPECT_EQ(house_.store->list(RecordKind::kMassPart, "", kListMax)->size(), 1U);  // the new one's
  EXPECT_TRUE(house_.gateway->receipts.find(receipt).has_value());
}

TEST_F(MassActionsTest, ItsRecordComesBackAsItWas) {
  const MassAction action{.id = "a1",
                          .verb = KeyVerb::kRevoke,
                          .cause = "leaked",
                          .selection = {.accounts = {"demo", "other"},
                                        .label = "bot",
                                        .vendor = "acme",
                                        .created_from = kTestStart,
                                        .created_until = kTestStart + hours(1),
                                        .used_from = Cidr::parse("192.0.2.0/24").value(),
                                        .used_since = kTestStart,
                                        .everything = true},
                          .by = {.name = "socket:uid=7", .source = "local"},
                          .state = State::kDone,
                          .begun = kTestStart,
                          .ended = kTestStart + hours(2),
                          .stop_reason = "starter_revoked",
                          .at_start = {.selected = 1, .active = 2, .accounts = 3},
                          .changed = 4,
                          .already = 5,
                          .refused = 6,
                          .looked_at = "id",
                          .lists = 7,
                          .results = 8,
                          .still_valid = 9};
  const std::string bytes = encode(action);

  const auto read = decode_mass_action(bytes);

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(encode(*read), bytes);
  EXPECT_EQ(read->selection, action.selection);
  EXPECT_EQ(read->stop_reason, "starter_revoked");
  EXPECT_EQ(read->results, 8U);
  EXPECT_EQ(read->still_valid, 9U);
  EXPECT_FALSE(decode_mass_action(bytes + "\x7e\x01x").has_value());
  EXPECT_FALSE(decode_mass_action(bytes.substr(0, bytes.size() - 1)).has_value());
  EXPECT_FALSE(decode_mass_action("").has_value());
}

}  // namespace
}  // namespace counterfoil
