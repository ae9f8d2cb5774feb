#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "accounts/test_authenticator.h"
#include "accounts/totp.h"  // IWYU pragma: export
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/passkey_challenges.h"
#include "authority/passkey_rule.h"
#include "authority/password_desk.h"
#include "authority/people.h"
#include "authority/people_parts.h"
#include "authority/people_records.h"
#include "authority/sealer.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/sign_in_throttle.h"
#include "base/account_id.h"
#include "base/base32.h"
#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/password_hash.h"
#include "crypto/root_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "keys/permission.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"

// For tests alone: everything that people need, over a registry in memory, on a clock that stands
// still, and people who sign in. Hashing costs next to nothing.
namespace counterfoil {

// TestSteppedUp gives the proof of a step-up to tests of what comes after it.
class TestSteppedUp {
 public:
  [[nodiscard]] static SteppedUp proof() { return {}; }
};

inline HmacKey test_key(std::string_view text) {
  return HmacKey::from_secret(as_bytes(text)).value();
}

class TestPeople {
 public:
  static constexpr std::string_view kPassword = "tangerine kettle fox";

  // Passkeys says whether whoever may do grave things needs one.
  enum class Passkeys : std::uint8_t { kAsTheyLike, kForGraveThings };

  explicit TestPeople(Passkeys passkeys = Passkeys::kAsTheyLike)
      : sealer(Sealer::start(RootKey::generate(random).value(), audited, random).value()),
        challenges(PasskeyChallenges::make(random, clock).value()),
        factors(*sealer, challenges, party,
                passkeys == Passkeys::kAsTheyLike
                    ? PasskeyRule()
                    : PasskeyRule({.registry = *registry,
                                   .permissions = permissions,
                                   .grave = permissions.find("WITHDRAW").value()})),
        parts{.audited = audited,
              .registry = *registry,
              .sealer = *sealer,
              .desk = desk,
              .factors = factors,
              .random = random,
              .issuer = "Counterfoil"},
        people(parts),
        sessions(parts),
        sign_in({.audited = audited,
                 .throttle = throttle,
                 .desk = desk,
                 .factors = factors,
                 .random = random},
                test_key("devices"), test_key("fakes")) {}

  // A person with an authenticator app, and what they have in their head and hands.
  struct Known {
    Person person;
    std::string seed_base32;
    std::string token;  // of the session in which they enrolled
  };

  // enrol_with enrols with a token and adds an authenticator app.
  Known enrol_with(std::string_view token, std::string email, std::string name = "Ann") {
    const auto begun = people.enrol(
        token,
        {.name = std::move(name), .email = std::move(email), .password = WipedText(kPassword)},
        browser);
    EXPECT_TRUE(begun.has_value()) << (begun ? "" : begun.error().detail);
    const auto caller = sessions.caller(begun->token, browser.source);
    EXPECT_TRUE(caller.has_value()) << (caller ? "" : caller.error().detail);
    const auto totp = people.begin_totp(*caller, *Sessions::enrolling(*caller));
    EXPECT_TRUE(totp.has_value()) << (totp ? "" : totp.error().detail);
    const std::string seed(totp->secret_base32);
    const auto again = sessions.caller(begun->token, browser.source);
    const auto done = people.confirm_totp(*again, code(seed));
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().detail);
    clock.advance(kTotpStep);  // a code serves once
    return {.person = done->person, .seed_base32 = seed, .token = std::string(done->token)};
  }
  Known owner(std::string email = "ann@example.com") {
    return enrol_with(*people.new_setup_token(), std::move(email));
  }
  Known invited(const Known& by, std::string email, Role role, std::string account = {}) {
    const auto caller = sessions.caller(by.token, browser.source);
    const auto made = people.invite(*caller, TestSteppedUp::proof(),
                                    {.email = email, .role = role, .account = std::move(account)});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return enrol_with(made->token, std::move(email));
  }
  void add_account(const std::string& id) {
    const Account account{.id = *AccountId::parse(id), .name = id};
    ASSERT_TRUE(registry
                    ->commit({.writes = {{.kind = RecordKind::kAccount,
                                          .id = id,
                                          .bytes = encode_account(account)}}})
                    .has_value());
  }

  // add_key puts an API key of an account into the registry.
  ApiKey add_key(const std::string& account, const std::string& permission) {
    ApiKey key{.id = KeyFormat().generate_api_key(random).value(),
               .account = AccountId::parse(account).value(),
               .created = clock.now()};
    key.permissions = permissions.find(permission).value();
    KeyPair pair;
    pair.scheme = Scheme::kHmacSha256;
    pair.sealed_secret = std::vector<std::uint8_t>(100);
    pair.created = clock.now();
    (void)random.fill(pair.lookup_hash);
    key.pairs.push_back(std::move(pair));
    const Actor somebody{.name = "person:0123456789abcdef0123456789abcdef", .source = "local"};
    EXPECT_TRUE(audited
                    .commit({api_key_write(key, permissions, 0)},
                            api_key_fact(somebody, "key.create", key, {{"label", "bot"}}))
                    .has_value());
    return key;
  }
  // with_passkey adds a passkey to whoever is in the session of `token` and gives its new token.
  std::string with_passkey(std::string_view token, const TestAuthenticator& authenticator) {
    const Caller caller = sessions.caller(token, browser.source).value();
    const auto asked = people.passkey_question(caller);
    const auto added = people.add_passkey(caller, TestSteppedUp::proof(), "Laptop", asked->id,
                                          authenticator.make(asked->bytes));
    EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().detail);
    return std::string(added->token);
  }
  // answer_of asks for a passkey as a sign-in does, and answers.
  FactorAnswer answer_of(const TestAuthenticator& authenticator, std::string_view email) {
    const auto asked = sign_in.question(email).value();
    return {.passkey = PasskeyAnswer{.challenge_id = asked.challenge.id,
                                     .assertion = authenticator.use(asked.challenge.bytes)}};
  }

  [[nodiscard]] std::string code(std::string_view seed_base32) const {
    const auto seed = SecretBytes::copy_of(*from_base32(seed_base32)).value();
    return totp_code(seed, totp_step(clock.now()));
  }
  [[nodiscard]] SignInTry try_of(const Known& known, std::string_view password = kPassword) const {
    return {.email = known.person.email,
            .password = WipedText(password),
            .factor = {.totp = code(known.seed_base32)},
            .source = browser.source,
            .device = browser.device,
            .device_cookie = {}};
  }
  // caller_of signs in anew.
  Caller caller_of(const Known& known) {
    const auto in = sign_in.sign_in(try_of(known));
    EXPECT_TRUE(in.has_value()) << (in ? "" : in.error().detail);
    clock.advance(kTotpStep);
    return sessions.caller(in->token, browser.source).value();
  }

  [[nodiscard]] std::string last_audit() const { return registry->last_audit().value()->bytes; }
  [[nodiscard]] Person stored(const PersonId& id) const {
    return find_person(*registry, id).value()->value;
  }

  PermissionTable permissions = PermissionTable::create({"TRADE", "WITHDRAW"}).value();
  ManualClock clock{from_unix_ms(1'700'000'010'000)};
  SystemRandom random;
  std::unique_ptr<Registry> registry = make_memory_registry();
  AuditedRegistry audited{*registry, clock, "node-1", Digest{}};
  std::unique_ptr<Sealer> sealer;
  RelyingParty party{.id = "gate.example.com", .origins = {"https://gate.example.com"}};
  PasskeyChallenges challenges;
  SecondFactors factors;
  PasswordDesk desk{PasswordHasher(test_key("pepper"), {.memory_kib = 8, .passes = 1}), random};
  SignInThrottle throttle{*registry, test_key("names")};
  PeopleParts parts;
  People people;
  Sessions sessions;
  SignIn sign_in;
  Browser browser{.source = *IpAddress::parse("203.0.113.7"), .device = "Mozilla/5.0"};
};

}  // namespace counterfoil
