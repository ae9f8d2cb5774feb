#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/secret_job.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/life.h"
#include "keys/live_key.h"
#include "registry/index_names.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;
using std::chrono::hours;
using std::chrono::seconds;

class IssuerChanges : public testing::Test {
 protected:
  IssuerChanges() : caller_(house_.new_key()), id_(caller_.id()) {}

  template <typename Result>
  static std::string reason_of(const Result& result) {
    return result ? "" : result.error().reason;
  }
  [[nodiscard]] LiveKeyRef live() const { return house_.replica->find(caller_.key.id); }
  [[nodiscard]] std::uint64_t version() const { return house_.issuer->stored_key(id_)->version; }

  TestAuthority house_;
  TestAuthority::HmacCaller caller_;
  std::string id_;
};

// ---- reading

TEST_F(IssuerChanges, AKeyIsFoundByItsIdAndByALabelThatOnlyItHas) {
  ASSERT_TRUE(house_.issuer->edit_key(id_, {.label = "bot"}, house_.actor).has_value());

  EXPECT_EQ(house_.issuer->find_key(id_)->id, caller_.key.id);
  EXPECT_EQ(house_.issuer->find_key("bot")->id, caller_.key.id);
  EXPECT_EQ(reason_of(house_.issuer->find_key("nothing")), "no_such_key");
  EXPECT_EQ(reason_of(house_.issuer->find_key("")), "no_such_key");
  EXPECT_EQ(reason_of(house_.issuer->find_key(std::string(64, 'z'))), "no_such_key");
  EXPECT_EQ(reason_of(house_.issuer->find_key(std::string(600, 'z'))), "no_such_key");
}

TEST_F(IssuerChanges, ALabelOfTwoKeysIsAmbiguousUntilOneIsRevoked) {
  const auto other = house_.new_key();
  ASSERT_TRUE(house_.issuer->edit_key(id_, {.label = "bot"}, house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->edit_key(other.id(), {.label = "bot"}, house_.actor).has_value());
  EXPECT_EQ(reason_of(house_.issuer->find_key("bot")), "label_ambiguous");
  EXPECT_EQ(house_.issuer->keys_labelled("bot")->keys.size(), 2U);

  ASSERT_TRUE(house_.issuer->revoke_key(id_, "", house_.actor).has_value());

  EXPECT_EQ(house_.issuer->find_key("bot")->id, other.key.id);
}

TEST_F(IssuerChanges, PagesContinueWhereTheyEndedAndCountWhatCannotBeRead) {
  for (int i = 0; i < 4; ++i) {
    (void)house_.new_key();
  }
  ASSERT_TRUE(house_.registry
                  ->commit({.writes = {{.kind = RecordKind::kApiKey,
                                        .id = std::string(64, 'z'),
                                        .bytes = "damaged"}}})
                  .has_value());
  std::size_t keys = 0;
  std::size_t unreadable = 0;
  std::optional<std::string> after = "";
  for (int pages = 0; after && pages < 10; ++pages) {
    const auto page = house_.issuer->key_page(*after, 2);
    ASSERT_TRUE(page.has_value());
    keys += page->keys.size();
    unreadable += page->unreadable;
    after = page->next;
  }

  EXPECT_EQ(after, std::nullopt);
  EXPECT_EQ(keys, 5U);
  EXPECT_EQ(unreadable, 1U);
  EXPECT_EQ(house_.issuer->keys_of("demo")->size(), 5U);
  EXPECT_EQ(house_.issuer->keys("", 3)->size(), 3U);
  EXPECT_EQ(house_.issuer->keys_of("nobody")->size(), 0U);
  EXPECT_EQ(reason_of(house_.issuer->find_key(std::string(64, 'z'))), "record_unreadable");
}

// ---- editing

TEST_F(IssuerChanges, AnEditChangesWhatItNamesAndNothingElse) {
  const auto edited = house_.issuer->edit_key(id_,
                                              {.label = "new name",
                                               .permissions = "TRADE",
                                               .allow_list = "203.0.113.0/24",
                                               .symbols = std::vector<std::string>{"BTCUSDT"},
                                               .expires_at = kTestStart + hours(48),
                                               .vendor = "a bot maker"},
                                              house_.actor);

  ASSERT_TRUE(edited.has_value()) << edited.error().detail;
  EXPECT_EQ(edited->key.label, "new name");
  EXPECT_EQ(edited->key.vendor, "a bot maker");
  EXPECT_EQ(edited->key.pairs, caller_.key.pairs);
  EXPECT_EQ(live()->expires_at, kTestStart + hours(48));
  EXPECT_EQ(live()->symbols, std::vector<std::string>{"BTCUSDT"});
  EXPECT_EQ(*house_.issuer->find_key(id_), edited->key);
  const auto again = house_.issuer->edit_key(id_, {.label = ""}, house_.actor);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->key.permissions, edited->key.permissions);
  EXPECT_EQ(again->key.allow_list, edited->key.allow_list);
  EXPECT_EQ(again->key.expires_at, edited->key.expires_at);
}

TEST_F(IssuerChanges, TheAuditRecordOfAnEditShowsBeforeAndAfter) {
  ASSERT_TRUE(
      house_.issuer
          ->edit_key(id_, {.permissions = "TRADE", .allow_list = "203.0.113.7"}, house_.actor)
          .has_value());

  const std::string record = house_.last_audit();

  EXPECT_NE(record.find("USER_DATA -> TRADE"), std::string::npos);
  EXPECT_NE(record.find("any -> 203.0.113.7"), std::string::npos);
}

struct BadEdit {
  const char* name;
  KeyEdit edit;
  const char* reason;
};
class BadEditTest : public IssuerChanges, public testing::WithParamInterface<BadEdit> {};

TEST_P(BadEditTest, IsRefusedAndChangesNothing) {
  const auto before = house_.issuer->stored_key(id_);

  EXPECT_EQ(reason_of(house_.issuer->edit_key(id_, GetParam().edit, house_.actor)),
            GetParam().reason);
  EXPECT_EQ(*house_.issuer->stored_key(id_), *before);
}
const BadEdit kBadEdits[] = {
    {"nothing", {}, "nothing_to_change"},
    {"unknown_permission", {.permissions = "FLY"}, "permission_unknown"},
    {"trading_without_allow_list", {.permissions = "TRADE"}, "allow_list_required"},
    {"bad_allow_list", {.allow_list = "not an address"}, "allow_list_invalid"},
    {"past_expiry", {.expires_at = kTestStart}, "expiry_in_the_past"},
    {"no_expiry", {.expires_at = std::optional<Timestamp>()}, "expiry_required"},
    {"bad_label", {.label = "\x1b[31m"}, "label_invalid"},
    {"bad_vendor", {.vendor = std::string(65, 'v')}, "label_invalid"},
    {"bad_symbol", {.symbols = std::vector<std::string>{""}}, "symbols_invalid"},
};
INSTANTIATE_TEST_SUITE_P(Rows, BadEditTest, testing::ValuesIn(kBadEdits),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(IssuerChanges, WideningAnAllowListOfATradingKeyToAnyIsRefused) {
  const auto trader = house_.new_key("TRADE", "203.0.113.7");

  EXPECT_EQ(reason_of(house_.issuer->edit_key(trader.id(), {.allow_list = "any"}, house_.actor)),
            "allow_list_required");
}

TEST_F(IssuerChanges, AnExpiredKeyGetsANewEndByAnEditAndOnlyThenResumesOrRotates) {
  ASSERT_TRUE(house_.issuer->edit_key(id_, {.expires_at = kTestStart + hours(1)}, house_.actor)
                  .has_value());
  ASSERT_TRUE(house_.issuer->suspend_key(id_, "", house_.actor).has_value());
  house_.clock.advance(hours(1));
  EXPECT_EQ(reason_of(house_.issuer->resume_key(id_, house_.actor)), "api_key_expired");
  ASSERT_TRUE(house_.issuer->edit_key(id_, {.expires_at = kTestStart + hours(3)}, house_.actor)
                  .has_value());

  EXPECT_TRUE(house_.issuer->resume_key(id_, house_.actor).has_value());
  house_.clock.advance(hours(2));
  EXPECT_EQ(reason_of(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor)),
            "api_key_expired");
}

TEST_F(IssuerChanges, AnEditEndsTheExemptionOfAnImportedKey) {
  const auto imported = house_.issuer->import_key(
      {.key = {.account = "demo"},
       .api_key = std::string(64, 'i'),
       .secret = SecretBytes::copy_of(as_bytes("TESTsecret0123456789abcdefghijklmnop")).value()},
      house_.actor);
  ASSERT_TRUE(imported.has_value());

  const auto edited =
      house_.issuer->edit_key(std::string(64, 'i'), {.label = "mine"}, house_.actor);

  ASSERT_TRUE(edited.has_value());
  EXPECT_FALSE(edited->key.imported);
}

// ---- changes that are tied to a version

TEST_F(IssuerChanges, AChangeTiedToAnOlderVersionIsNotMade) {
  const std::uint64_t seen = version();
  ASSERT_TRUE(house_.issuer->edit_key(id_, {.label = "a"}, house_.actor, seen).has_value());
  ASSERT_GT(version(), seen);

  const auto late = house_.issuer->edit_key(id_, {.label = "b"}, house_.actor, seen);

  EXPECT_EQ(reason_of(late), "changed_meanwhile");
  EXPECT_EQ(late.error().kind, Kind::kChanged);
  EXPECT_EQ(house_.issuer->find_key(id_)->label, "a");
  EXPECT_EQ(reason_of(house_.issuer->suspend_key(id_, "", house_.actor, seen)),
            "changed_meanwhile");
  EXPECT_EQ(reason_of(house_.issuer->resume_key(id_, house_.actor, seen)), "changed_meanwhile");
  EXPECT_EQ(
      reason_of(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor, seen)),
      "changed_meanwhile");
  EXPECT_EQ(reason_of(house_.issuer->end_retiring(id_, house_.actor, seen)), "changed_meanwhile");
  EXPECT_EQ(reason_of(house_.issuer->revoke_key(id_, "", house_.actor, seen)), "changed_meanwhile");
}

// ---- rotation

TEST_F(IssuerChanges, BothPairsVerifyUntilTheOverlapIsOver) {
  const auto issued = house_.issuer->rotate_key(id_, {}, {.overlap = hours(24)}, house_.actor);

  ASSERT_TRUE(issued.has_value());
  const std::string fresh = SecretJob::to_shown_text(*issued->secret);
  ASSERT_EQ(live()->pairs.size(), 2U);
  EXPECT_EQ(live()->pairs[0].retires_at, kTestStart + hours(24));
  EXPECT_TRUE(live()->pairs[0].key.verify_text(as_bytes("x"), hmac_hex(caller_.secret, "x")));
  EXPECT_EQ(live()->pairs[1].retires_at, kNever);
  EXPECT_EQ(live()->pairs[1].number, 2U);
  EXPECT_TRUE(live()->pairs[1].key.verify_text(as_bytes("x"), hmac_hex(fresh, "x")));
  EXPECT_EQ(issued->key.permissions, caller_.key.permissions);
}

TEST_F(IssuerChanges, WithoutOverlapTheOldPairIsGoneAtOnce) {
  const auto issued = house_.issuer->rotate_key(id_, {}, {.overlap = seconds(0)}, house_.actor);

  ASSERT_TRUE(issued.has_value());
  ASSERT_EQ(live()->pairs.size(), 1U);
  EXPECT_EQ(live()->pairs[0].number, 2U);
}

TEST_F(IssuerChanges, AKeyRotatesFromHmacToEd25519) {
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);

  const auto issued =
      house_.issuer->rotate_key(id_, house_.prove(*pair), {.overlap = hours(1)}, house_.actor);

  ASSERT_TRUE(issued.has_value()) << issued.error().detail;
  EXPECT_FALSE(issued->secret.has_value());
  ASSERT_EQ(live()->pairs.size(), 2U);
  EXPECT_EQ(live()->pairs[1].key.scheme(), Scheme::kEd25519);
}

TEST_F(IssuerChanges, ASecondRotationWaitsForTheEndOfTheFirst) {
  ASSERT_TRUE(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor).has_value());
  EXPECT_EQ(reason_of(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor)),
            "already_rotating");

  house_.clock.advance(hours(1));
  const auto second = house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor);

  ASSERT_TRUE(second.has_value());
  ASSERT_EQ(second->key.pairs.size(), 2U);
  EXPECT_EQ(second->key.pairs[0].number, 2U);
  EXPECT_EQ(second->key.pairs[1].number, 3U);
}

TEST_F(IssuerChanges, TheOverlapHasLimits) {
  EXPECT_EQ(reason_of(house_.issuer->rotate_key(id_, {}, {.overlap = seconds(-1)}, house_.actor)),
            "overlap_invalid");
  EXPECT_EQ(reason_of(house_.issuer->rotate_key(
                id_, {}, {.overlap = kRotationOverlapMax + seconds(1)}, house_.actor)),
            "overlap_invalid");
  EXPECT_TRUE(house_.issuer->rotate_key(id_, {}, {.overlap = kRotationOverlapMax}, house_.actor)
                  .has_value());
}

TEST_F(IssuerChanges, ARotationToAPublicKeyThatAnotherApiKeyHasIsRefused) {
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  ASSERT_TRUE(
      house_.issuer->rotate_key(id_, house_.prove(*pair), {.overlap = hours(1)}, house_.actor)
          .has_value());
  const auto other = house_.new_key();

  EXPECT_EQ(reason_of(house_.issuer->rotate_key(other.id(), house_.prove(*pair),
                                                {.overlap = hours(1)}, house_.actor)),
            "pair_taken");
}

TEST_F(IssuerChanges, TheRetiringPairCanBeEndedAtOnce) {
  EXPECT_EQ(reason_of(house_.issuer->end_retiring(id_, house_.actor)), "no_such_pair");
  ASSERT_TRUE(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor).has_value());

  const auto ended = house_.issuer->end_retiring(id_, house_.actor);

  ASSERT_TRUE(ended.has_value());
  ASSERT_EQ(ended->key.pairs.size(), 1U);
  EXPECT_EQ(ended->key.pairs[0].number, 2U);
  EXPECT_EQ(live()->pairs.size(), 1U);
}

TEST_F(IssuerChanges, ARetiredPairsSecretIsErasedByTheNextChange) {
  ASSERT_TRUE(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor).has_value());
  house_.clock.advance(hours(1));

  const auto edited = house_.issuer->edit_key(id_, {.label = "x"}, house_.actor);

  ASSERT_TRUE(edited.has_value());
  EXPECT_EQ(edited->key.pairs.size(), 1U);
}

TEST_F(IssuerChanges, ARotationThatIsNotConfirmedIsWaitedOutAndGivesTheSecret) {
  house_.loop.mode = InlineLoop::Mode::kKeep;
  const BootTime before = house_.clock.boot_now();

  const auto issued = house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor);

  ASSERT_TRUE(issued.has_value());
  EXPECT_TRUE(issued->secret.has_value());
  EXPECT_GE(house_.clock.boot_now() - before, seconds(5));
}

// ---- suspend, resume, revoke

TEST_F(IssuerChanges, ASuspendedKeyIsRefusedUntilItIsResumed) {
  const auto suspended = house_.issuer->suspend_key(id_, "lost laptop", house_.actor);
  ASSERT_TRUE(suspended.has_value());
  EXPECT_EQ(suspended->key.state_cause, "lost laptop");
  EXPECT_EQ(live()->state, KeyState::kSuspended);
  EXPECT_EQ(reason_of(house_.issuer->suspend_key(id_, "again", house_.actor)), "already_suspended");

  const auto resumed = house_.issuer->resume_key(id_, house_.actor);

  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->key.state_cause, "");
  EXPECT_EQ(live()->state, KeyState::kActive);
  EXPECT_EQ(reason_of(house_.issuer->resume_key(id_, house_.actor)), "not_suspended");
}

TEST_F(IssuerChanges, RevocationIsFinalAndRepeatingItGivesTheSameEnd) {
  const auto revoked = house_.issuer->revoke_key(id_, "leak", house_.actor);
  ASSERT_TRUE(revoked.has_value());
  EXPECT_EQ(live()->state, KeyState::kRevoked);
  EXPECT_TRUE(live()->pairs.empty());
  const auto audit_before = house_.registry->last_audit();

  house_.clock.advance(seconds(1));
  const auto again = house_.issuer->revoke_key(id_, "other words", house_.actor);

  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->key, revoked->key);
  EXPECT_EQ(house_.registry->last_audit(), audit_before);
  EXPECT_EQ(reason_of(house_.issuer->resume_key(id_, house_.actor)), "api_key_revoked");
  EXPECT_EQ(reason_of(house_.issuer->suspend_key(id_, "", house_.actor)), "api_key_revoked");
  EXPECT_EQ(reason_of(house_.issuer->edit_key(id_, {.label = "x"}, house_.actor)),
            "api_key_revoked");
  EXPECT_EQ(reason_of(house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, house_.actor)),
            "api_key_revoked");
  EXPECT_EQ(reason_of(house_.issuer->end_retiring(id_, house_.actor)), "api_key_revoked");
}

TEST_F(IssuerChanges, NothingIsKnownOfAKeyThatIsNotThere) {
  const std::string nobody(64, 'z');
  for (const auto& reason :
       {reason_of(house_.issuer->edit_key(nobody, {.label = "x"}, house_.actor)),
        reason_of(house_.issuer->rotate_key(nobody, {}, {.overlap = hours(1)}, house_.actor)),
        reason_of(house_.issuer->end_retiring(nobody, house_.actor)),
        reason_of(house_.issuer->suspend_key(nobody, "", house_.actor)),
        reason_of(house_.issuer->resume_key(nobody, house_.actor)),
        reason_of(house_.issuer->revoke_key(nobody, "", house_.actor)),
        reason_of(house_.issuer->stored_key("short"))}) {
    EXPECT_EQ(reason, "no_such_key");
  }
}

TEST_F(IssuerChanges, ACauseHasALimit) {
  const std::string longest(kCauseSizeMax, 'c');
  EXPECT_EQ(reason_of(house_.issuer->suspend_key(id_, longest + "c", house_.actor)),
            "cause_invalid");
  EXPECT_EQ(reason_of(house_.issuer->revoke_key(id_, "a\nb", house_.actor)), "cause_invalid");
  EXPECT_EQ(reason_of(house_.issuer->suspend_account("demo", longest + "c", house_.actor)),
            "cause_invalid");

  EXPECT_TRUE(house_.issuer->suspend_key(id_, longest, house_.actor).has_value());
}

TEST_F(IssuerChanges, EveryChangeWaitsUntilTheLoopsHaveComeRound) {
  const auto rounds_of = [&](const std::function<bool()>& change) {
    const int before = house_.loop.rounds;
    EXPECT_TRUE(change());
    return house_.loop.rounds - before;
  };
  const Actor& actor = house_.actor;

  EXPECT_EQ(
      rounds_of([&] { return house_.issuer->edit_key(id_, {.label = "a"}, actor).has_value(); }),
      1);
  EXPECT_EQ(rounds_of([&] { return house_.issuer->suspend_key(id_, "", actor).has_value(); }), 1);
  EXPECT_EQ(rounds_of([&] { return house_.issuer->resume_key(id_, actor).has_value(); }), 1);
  EXPECT_EQ(rounds_of([&] {
              return house_.issuer->rotate_key(id_, {}, {.overlap = hours(1)}, actor).has_value();
            }),
            1);
  EXPECT_EQ(rounds_of([&] { return house_.issuer->end_retiring(id_, actor).has_value(); }), 1);
  EXPECT_EQ(
      rounds_of([&] { return house_.issuer->suspend_account("demo", "", actor).has_value(); }), 1);
  EXPECT_EQ(rounds_of([&] { return house_.issuer->resume_account("demo", actor).has_value(); }), 1);
  EXPECT_EQ(rounds_of([&] { return house_.issuer->revoke_key(id_, "", actor).has_value(); }), 1);
  // What every loop has passed already needs no more rounds.
  EXPECT_EQ(rounds_of([&] { return house_.issuer->revoke_key(id_, "", actor).has_value(); }), 0);
}

TEST_F(IssuerChanges, AChangeThatIsNotConfirmedIsWaitedOutEachTime) {
  house_.loop.mode = InlineLoop::Mode::kKeep;
  const auto waits = [this](const auto& change) {
    const BootTime before = house_.clock.boot_now();
    (void)change();
    return house_.clock.boot_now() - before >= seconds(5);
  };
  const Actor& actor = house_.actor;
  EXPECT_TRUE(waits([&] { return house_.issuer->edit_key(id_, {.label = "a"}, actor); }));
  EXPECT_TRUE(waits([&] { return house_.issuer->suspend_key(id_, "", actor); }));
  EXPECT_TRUE(waits([&] { return house_.issuer->suspend_key(id_, "", actor); }));
  EXPECT_TRUE(waits([&] { return house_.issuer->revoke_key(id_, "", actor); }));
  EXPECT_TRUE(waits([&] { return house_.issuer->revoke_key(id_, "", actor); }));
  EXPECT_EQ(house_.issuer->find_key(id_)->state, KeyState::kRevoked);

  house_.loop.kept.clear();
  house_.loop.mode = InlineLoop::Mode::kAtOnce;
  EXPECT_FALSE(waits([&] { return house_.issuer->revoke_key(id_, "", actor); }));
}

TEST_F(IssuerChanges, ARevokedKeyFreesItsPlaceButStaysListed) {
  ASSERT_TRUE(house_.issuer->revoke_key(id_, "", house_.actor).has_value());

  EXPECT_EQ(house_.registry->find_by_index(kLivingIndex, "demo")->size(), 0U);
  EXPECT_EQ(house_.issuer->key_page_of("demo")->keys.size(), 1U);
}

// ---- races and faults of the store

// Meddling changes the key between the reading and the commit of somebody else's change.
TEST_F(IssuerChanges, AChangeThatLostARaceIsDecidedAnewAndLosesNothing) {
  int meddled = 0;
  house_.registry->before_commit = [&] {
    if (meddled++ == 0) {
      auto key = *house_.issuer->find_key(id_);
      key.vendor = "set meanwhile";
      (void)house_.store->commit(
          {.writes = {api_key_write(key, house_.profile.permissions(), version())}});
    }
  };

  const auto edited = house_.issuer->edit_key(id_, {.label = "mine"}, house_.actor);

  ASSERT_TRUE(edited.has_value()) << edited.error().detail;
  EXPECT_EQ(edited->key.label, "mine");
  EXPECT_EQ(edited->key.vendor, "set meanwhile");
}

TEST_F(IssuerChanges, AnEditThatIsOvertakenByARevocationIsNotMade) {
  int meddled = 0;
  house_.registry->before_commit = [&] {
    if (meddled++ == 0) {
      auto key = *house_.issuer->find_key(id_);
      key.state = KeyState::kRevoked;
      (void)house_.store->commit(
          {.writes = {api_key_write(key, house_.profile.permissions(), version())}});
    }
  };

  EXPECT_EQ(reason_of(house_.issuer->edit_key(id_, {.label = "mine"}, house_.actor)),
            "api_key_revoked");
}

TEST_F(IssuerChanges, AChangeThatLosesEveryRaceGivesUpAndSaysSo) {
  house_.registry->before_commit = [&] {
    (void)house_.store->commit(
        {.writes = {api_key_write(*house_.issuer->find_key(id_), house_.profile.permissions(),
                                  version())}});
  };

  EXPECT_EQ(reason_of(house_.issuer->edit_key(id_, {.label = "mine"}, house_.actor)), "conflict");
}

TEST_F(IssuerChanges, TheLastPlaceOfAnAccountIsGivenOnce) {
  for (std::size_t i = 1; i < kKeysPerAccountMax - 1; ++i) {
    (void)house_.new_key();
  }
  int meddled = 0;
  house_.registry->before_commit = [&] {
    if (meddled++ == 0) {
      ApiKey other = caller_.key;
      other.id = *ApiKeyId::parse(std::string(ApiKeyId::kSize, 'o'));
      other.pairs[0].lookup_hash.fill(1);
      const auto account = house_.store->find(RecordKind::kAccount, "demo");
      (void)house_.store->commit(
          {.writes = {account_write(*house_.issuer->account("demo"), (**account).modified),
                      api_key_write(other, house_.profile.permissions(), 0)}});
    }
  };

  EXPECT_EQ(reason_of(house_.issuer->create_key({.account = "demo"}, house_.actor)),
            "too_many_keys");
  EXPECT_EQ(house_.issuer->keys_of("demo")->size(), kKeysPerAccountMax);
}

TEST_F(IssuerChanges, FaultsOfTheStoreAreSaidAndChangeNothing) {
  house_.registry->commit_fails = RegistryError::kFull;
  EXPECT_EQ(reason_of(house_.issuer->create_key({.account = "demo"}, house_.actor)), "disk_full");
  EXPECT_EQ(reason_of(house_.issuer->edit_key(id_, {.label = "x"}, house_.actor)), "disk_full");
  EXPECT_EQ(reason_of(house_.issuer->suspend_key(id_, "", house_.actor)), "disk_full");
  EXPECT_EQ(reason_of(house_.issuer->create_account("a", "", house_.actor)), "disk_full");
  EXPECT_EQ(reason_of(house_.issuer->suspend_account("demo", "", house_.actor)), "disk_full");
  house_.registry->commit_fails.reset();
  house_.registry->read_fails = RegistryError::kUnavailable;
  EXPECT_EQ(reason_of(house_.issuer->find_key(id_)), "registry_unavailable");
  EXPECT_EQ(reason_of(house_.issuer->key_page("", 10)), "registry_unavailable");
  EXPECT_EQ(reason_of(house_.issuer->account_page("", 10)), "registry_unavailable");
  house_.registry->read_fails.reset();

  EXPECT_EQ(*house_.issuer->find_key(id_), caller_.key);
}

TEST_F(IssuerChanges, AChangeThatTheReplicaCannotReadIsInForceOnceTheRightHasEnded) {
  house_.registry->feed_fails = RegistryError::kUnavailable;
  EXPECT_TRUE(house_.issuer->suspend_key(id_, "", house_.actor).has_value());
  EXPECT_EQ(live()->state, KeyState::kActive);
  EXPECT_LT(house_.gateway->feed.right_until(), house_.clock.boot_now());
  house_.registry->feed_fails.reset();

  EXPECT_EQ(reason_of(house_.issuer->suspend_key(id_, "", house_.actor)), "already_suspended");
  EXPECT_EQ(live()->state, KeyState::kSuspended);
}

TEST_F(IssuerChanges, ARevocationThatCannotBeRecordedIsInForceHereAndRecordedLater) {
  house_.registry->commit_fails = RegistryError::kFull;

  const auto revoked = house_.issuer->revoke_key(id_, "leak", house_.actor);

  EXPECT_EQ(reason_of(revoked), "in_force_not_recorded");
  EXPECT_EQ(live()->state, KeyState::kRevoked);
  EXPECT_EQ(house_.issuer->find_key(id_)->state, KeyState::kActive);
  // Told at once: whoever then stops the node would lose the revocation.
  EXPECT_EQ(house_.issuer->held_back_count(), 1U);
  EXPECT_EQ(house_.issuer->record_held_back(), 1U);
  EXPECT_EQ(live()->state, KeyState::kRevoked);

  house_.registry->commit_fails.reset();
  EXPECT_EQ(house_.issuer->record_held_back(), 0U);

  EXPECT_EQ(house_.issuer->find_key(id_)->state, KeyState::kRevoked);
  EXPECT_EQ(house_.issuer->find_key(id_)->state_cause, "leak");
  EXPECT_NE(house_.last_audit().find("key.revoke"), std::string::npos);
  EXPECT_EQ(live()->state, KeyState::kRevoked);
}

TEST_F(IssuerChanges, AKeyNobodyKnowsIsNotHeldBack) {
  house_.registry->read_fails = RegistryError::kUnavailable;

  EXPECT_EQ(reason_of(house_.issuer->revoke_key(std::string(64, 'z'), "", house_.actor)),
            "registry_unavailable");
  EXPECT_EQ(house_.issuer->record_held_back(), 0U);
}

}  // namespace
}  // namespace counterfoil
