#include "accounts/people_codec.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "accounts/invitation.h"
#include "accounts/notice.h"
#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "accounts/throttle.h"
#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);
const PersonId kAnn = *PersonId::parse("0123456789abcdef0123456789abcdef");

Person ann() {
  Person person{.id = kAnn,
                .email = "ann@example.com",
                .name = "Ann",
                .role = Role::kHolder,
                .account = AccountId::parse("desk-7"),
                .state = PersonState::kActive,
                .state_since = kNow,
                .state_cause = "back from leave",
                .created = kNow - 1h,
                .last_sign_in = kNow - 1min};
  person.password = {.cost = {.memory_kib = 65536, .passes = 3}};
  person.password.salt.fill(0x5a);
  person.password.tag.fill(0x3c);
  person.password_changed = kNow - 2h;
  person.totp = {.sealed_seed = "sealed",
                 .created = kNow,
                 .last_step = 56'666'667,
                 .wrong = 2,
                 .locks = 1,
                 .locked_until = kNow + 5min};
  person.pending_totp = {.sealed_seed = "sealed, too", .created = kNow};
  for (const PasskeyAlgorithm algorithm :
       {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
    person.passkeys.push_back({.id = std::vector<std::uint8_t>(16, 0x11),
                               .algorithm = algorithm,
                               .public_key = std::vector<std::uint8_t>(64, 0x22),
                               .counter = 4'000'000'000,
                               .name = "Laptop",
                               .created = kNow,
                               .last_used = kNow + 1s});
  }
  person.identities.push_back({.issuer = "https://id.example.com",
                               .subject = "user-1",
                               .shown = "ana@example.com",
                               .created = person.created,
                               .last_used = person.last_sign_in});
  person.recovery_codes.resize(2);
  person.recovery_codes[1].fill(0x77);
  person.factors_changed = kNow;
  person.must_renew_factors = true;
  person.settings = {.language = "zh-CN", .time_zone = "UTC", .theme = "dark"};
  person.reset = {.ends_at = kNow + 15min};
  person.reset->token_hash.fill(0x66);
  person.notices_seen = kNow - 3h;
  person.password_reset = kNow - 2h;
  return person;
}

Person bare() {
  return {.id = kAnn, .email = "root@example.com", .name = "", .role = Role::kOwner};
}

Session session() {
  Session made{.id = "0123456789abcdef0123456789abcdef",
               .person = kAnn,
               .stage = SessionStage::kNeedsFactorSetup,
               .created = kNow,
               .last_seen = kNow + 1s,
               .ends_at = kNow + 1h,
               .source = "203.0.113.7",
               .device = "Mozilla/5.0"};
  made.grants.resize(2);
  made.grants[1].change.fill(0x44);
  made.grants[1].ends_at = kNow;
  made.needs_passkey = true;
  return made;
}

TryCounter counter() {
  return {.minutes = {{.minute = 28'333'333, .tries = 3}, {.minute = 28'333'334, .tries = 1}},
          .wrong = {kNow, kNow + 1s}};
}

Invitation invitation() {
  return {.id = "0123456789abcdef0123456789abcdef",
          .email = "ann@example.com",
          .role = Role::kHolder,
          .account = AccountId::parse("desk-7"),
          .begun_by = kAnn,
          .made_by = "person:1",
          .created = kNow,
          .ends_at = kNow + 72h};
}

Notice notice() {
  return {.what = "key.create",
          .time = kNow,
          .actor = "person:1",
          .source = "203.0.113.7",
          .object = "cfk1",
          .count = 3,
          .detail = {{"account", "desk-7"}, {"label", ""}}};
}

TEST(PeopleCodec, ReadsWhatItWrote) {
  EXPECT_EQ(decode_notice(encode_notice(notice())), notice());
  EXPECT_EQ(decode_person(encode_person(ann())), ann());
  EXPECT_EQ(decode_person(encode_person(bare())), bare());
  EXPECT_EQ(decode_session(encode_session(session())), session());
  EXPECT_EQ(decode_counter(encode_counter(counter())), counter());
  EXPECT_EQ(decode_counter(encode_counter({})), TryCounter{});
  EXPECT_EQ(decode_invitation(encode_invitation(invitation())), invitation());
  const Invitation setup{.id = "1", .is_setup = true, .role = Role::kOwner, .ends_at = kNow};
  EXPECT_EQ(decode_invitation(encode_invitation(setup)), setup);
}

// A cut between two fields of which there may be any number leaves a whole record, and a store
// does not cut; so the last byte of each field is what is taken off.
template <typename Decode>
void refuses_damage(const std::string& bytes, const Decode& decode) {
  EXPECT_FALSE(decode(std::string_view()).has_value());
  EXPECT_FALSE(decode(std::string_view(bytes).substr(0, bytes.size() - 1)).has_value());
  EXPECT_FALSE(decode(bytes + std::string("\x7f\x00", 2)).has_value()) << "an unknown field";
  EXPECT_FALSE(decode(bytes + bytes.substr(1)).has_value()) << "every field twice";
  std::string later = bytes;
  ++later.front();
  EXPECT_FALSE(decode(later).has_value()) << "a later version";
}

TEST(PeopleCodec, RefusesDamage) {
  refuses_damage(encode_person(ann()), decode_person);
  refuses_damage(encode_session(session()), decode_session);
  refuses_damage(encode_counter(counter()), decode_counter);
  refuses_damage(encode_invitation(invitation()), decode_invitation);
  refuses_damage(encode_notice(notice()), decode_notice);
  Notice of_nothing = notice();
  of_nothing.count = 0;
  EXPECT_FALSE(decode_notice(encode_notice(of_nothing)).has_value());
}

TEST(PeopleCodec, RefusesEveryCutOfAPerson) {
  const std::string bytes = encode_person(ann());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_person(bytes.substr(0, size)).has_value()) << size;
  }
}

TEST(PeopleCodec, LetsAnOwnerHoldAnAccountOrNone) {
  Person owner = ann();
  owner.role = Role::kOwner;
  EXPECT_EQ(decode_person(encode_person(owner)), owner);
  owner.account.reset();
  EXPECT_EQ(decode_person(encode_person(owner)), owner);
}

TEST(PeopleCodec, RefusesPeopleThatCannotBe) {
  Person other_spelling = ann();
  other_spelling.email = "Ann@example.com";
  Person holder_of_none = ann();
  holder_of_none.account.reset();
  Person no_seed = ann();
  no_seed.totp->sealed_seed.clear();

  for (const Person& person : {other_spelling, holder_of_none, no_seed}) {
    EXPECT_FALSE(decode_person(encode_person(person)).has_value());
  }
}

}  // namespace
}  // namespace counterfoil
