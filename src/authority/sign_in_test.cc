#include "authority/sign_in.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/session.h"
#include "accounts/test_authenticator.h"
#include "authority/audited_registry.h"
#include "authority/people.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "authority/test_people.h"
#include "base/ip_address.h"
#include "crypto/digest.h"
#include "registry/registry.h"
#include "registry/registry_proxy.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

std::string reason_of(const std::expected<SignedIn, Problem>& in) {
  return in ? "signed in" : in.error().reason;
}

TEST(SignIn, OpensASessionForPasswordAndCode) {
  TestPeople test;
  const auto ann = test.owner();

  const auto in = test.sign_in.sign_in(test.try_of(ann));

  ASSERT_EQ(reason_of(in), "signed in");
  EXPECT_EQ(in->session.stage, SessionStage::kFull);
  EXPECT_TRUE(test.sessions.caller(in->token, test.browser.source).has_value());
  EXPECT_TRUE(test.last_audit().contains(R"("action":"session.open")"));
  EXPECT_FALSE(test.last_audit().contains(std::string(in->token)));
}

TEST(SignIn, SaysTheSameWhateverIsWrong) {
  TestPeople test;
  const auto ann = test.owner();
  SignInTry unknown = test.try_of(ann);
  unknown.email = "bob@example.com";
  SignInTry no_name = test.try_of(ann);
  no_name.email = "not an address";
  SignInTry no_factor = test.try_of(ann);
  no_factor.factor = {};
  SignInTry wrong_code = test.try_of(ann);
  wrong_code.factor.totp = "000000";

  for (const SignInTry& wrong :
       {test.try_of(ann, "tangerine kettle foy"), unknown, no_name, no_factor, wrong_code}) {
    const auto in = test.sign_in.sign_in(wrong);
    ASSERT_FALSE(in.has_value());
    EXPECT_EQ(in.error().reason, "sign_in_failed");
    EXPECT_EQ(in.error().kind, Problem::Kind::kNotSignedIn);
    EXPECT_TRUE(test.last_audit().contains(R"("action":"sign_in.refuse")"));
    EXPECT_FALSE(test.last_audit().contains(wrong.email)) << "a name may be a password";
  }
}

TEST(SignIn, TakesACodeOnceAlsoFromManyAtOnce) {
  TestPeople test;
  const auto ann = test.owner();
  SignInTry right = test.try_of(ann);
  std::atomic<int> in{0};
  {
    std::vector<std::jthread> threads;
    for (std::uint8_t i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        SignInTry mine = right;
        mine.source = IpAddress::v4({203, 0, 113, i});
        in += test.sign_in.sign_in(mine).has_value() ? 1 : 0;
      });
    }
  }

  EXPECT_EQ(in, 1);
}

TEST(SignIn, CountsNoCodeAgainstAStrangerWithoutThePassword) {
  TestPeople test;
  const auto ann = test.owner();
  SignInTry wrong = test.try_of(ann, "tangerine kettle foy");
  wrong.factor.totp = "000000";

  (void)test.sign_in.sign_in(wrong);
  EXPECT_EQ(test.stored(ann.person.id).totp->wrong, 0U);

  wrong = test.try_of(ann);
  wrong.factor.totp = "000000";
  (void)test.sign_in.sign_in(wrong);
  EXPECT_EQ(test.stored(ann.person.id).totp->wrong, 1U);
}

// Control S-54: "10,000 guesses from 100 addresses on one account within an hour: at most 20 reach
// the hash; the owner signs in meanwhile."
TEST(SignIn, HoldsStrangersOffAndLetsTheOwnerIn) {
  TestPeople test;
  const auto ann = test.owner();
  const auto known = test.sign_in.sign_in(test.try_of(ann));
  ASSERT_TRUE(known.has_value());
  const auto refusals = [&] { return test.registry->audit_outbox(kListMax).value().size(); };
  const std::size_t before = refusals();
  for (int i = 0; i < 1'000; ++i) {
    SignInTry guess = test.try_of(ann, "guess number " + std::to_string(i));
    guess.source = IpAddress::v4({198, 51, static_cast<std::uint8_t>(i % 100), 1});
    ASSERT_EQ(reason_of(test.sign_in.sign_in(guess)), "sign_in_failed");
    test.clock.advance(3s);
  }
  EXPECT_LE(refusals() - before, 20U) << "each try that was looked at is recorded";
  EXPECT_GE(refusals() - before, 15U);

  SignInTry from_elsewhere = test.try_of(ann);
  const auto held = test.sign_in.sign_in(from_elsewhere);
  ASSERT_EQ(reason_of(held), "sign_in_failed");
  EXPECT_GT(held.error().retry_after, 0s);
  from_elsewhere.device_cookie = known->device_cookie;
  EXPECT_EQ(reason_of(test.sign_in.sign_in(from_elsewhere)), "signed in");
}

TEST(SignIn, KnowsADeviceForOnePersonAlone) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOperator);
  const auto of_bob = test.sign_in.sign_in(test.try_of(bob));
  ASSERT_TRUE(of_bob.has_value());
  for (int i = 0; i < 5; ++i) {
    (void)test.sign_in.sign_in(test.try_of(ann, "guess"));
  }
  SignInTry with_cookie_of_bob = test.try_of(ann);
  with_cookie_of_bob.device_cookie = of_bob->device_cookie;

  EXPECT_EQ(reason_of(test.sign_in.sign_in(with_cookie_of_bob)), "sign_in_failed")
      << "ann's tries from unknown devices are delayed";
  char& last = with_cookie_of_bob.device_cookie.back();
  last = last == 'A' ? 'B' : 'A';
  EXPECT_EQ(reason_of(test.sign_in.sign_in(with_cookie_of_bob)), "sign_in_failed");
}

TEST(SignIn, CountsVariantsOfANameAsOne) {
  TestPeople test;
  const auto ann = test.owner();
  for (const std::string_view name :
       {"Ann@example.com", " ann@EXAMPLE.com", "\xef\xbd\x81nn@example.com",
        "a\xe2\x80\x8bnn@example.com", "ann@example.com"}) {
    SignInTry guess = test.try_of(ann, "guess");
    guess.email = name;
    (void)test.sign_in.sign_in(guess);
  }

  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann))), "sign_in_failed")
      << "five wrong ones delay the sixth";
  test.clock.advance(1s);
  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann))), "signed in");
}

TEST(SignIn, RefusesAPasswordThatIsTooLongBeforeAnythingElse) {
  TestPeople test;
  const auto ann = test.owner();

  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann, std::string(1'024, 'x')))),
            "sign_in_failed");
  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann, std::string(1'025, 'x')))),
            "password_too_long");
  EXPECT_EQ(reason_of(test.sign_in.sign_in({.email = "ann@example.com"})), "sign_in_incomplete");
}

TEST(SignIn, TakesAPasskeyAlone) {
  TestPeople test;
  const auto ann = test.owner();
  const TestAuthenticator authenticator;
  const Caller caller = test.caller_of(ann);
  const auto asked = test.people.passkey_question(caller);
  ASSERT_TRUE(asked.has_value());
  const auto added = test.people.add_passkey(caller, TestSteppedUp::proof(), "Laptop", asked->id,
                                             authenticator.make(asked->bytes));
  ASSERT_TRUE(added.has_value()) << (added ? "" : added.error().detail);

  for (const std::string& email : {std::string(), ann.person.email}) {
    const auto question = test.sign_in.question(email);
    ASSERT_TRUE(question.has_value());
    EXPECT_EQ(question->allowed.size(), email.empty() ? 0U : kPasskeysMax);
    EXPECT_EQ(std::ranges::count(question->allowed, authenticator.make({}).id),
              email.empty() ? 0 : 1);
    const SignInTry with_passkey{
        .email = email,
        .factor = {.passkey =
                       PasskeyAnswer{.challenge_id = question->challenge.id,
                                     .assertion = authenticator.use(question->challenge.bytes)}},
        .source = test.browser.source};
    EXPECT_EQ(reason_of(test.sign_in.sign_in(with_passkey)), "signed in");
    EXPECT_EQ(reason_of(test.sign_in.sign_in(with_passkey)), "sign_in_failed")
        << "a challenge serves once";
  }
}

// What an answer looks like: how many ids, and of which lengths.
std::vector<std::size_t> form_of(const SignIn::PasskeyQuestion& question) {
  std::vector<std::size_t> sizes;
  for (const auto& id : question.allowed) {
    sizes.push_back(id.size());
  }
  std::ranges::sort(sizes);
  return sizes;
}

// Control S-56.
TEST(SignIn, AsksStrangersForPasskeysThatStayTheSame) {
  TestPeople test;
  (void)test.owner();

  const auto one = test.sign_in.question("bob@example.com");
  const auto two = test.sign_in.question("BOB@example.com");
  const auto other = test.sign_in.question("eve@example.com");
  const auto without = test.sign_in.question("ann@example.com");

  ASSERT_TRUE(one && two && other && without);
  EXPECT_EQ(one->allowed.size(), kPasskeysMax);
  EXPECT_EQ(one->allowed, two->allowed);
  EXPECT_NE(one->allowed, other->allowed);
  EXPECT_NE(one->allowed.front(), one->allowed.back());
  EXPECT_EQ(without->allowed.size(), kPasskeysMax) << "ann has no passkey, and nobody can tell";
  EXPECT_NE(one->challenge.bytes, two->challenge.bytes);
}

// ReadCounter counts what is asked of a registry, and the records that come of it.
class ReadCounter final : public RegistryProxy {
 public:
  using RegistryProxy::RegistryProxy;
  struct Reads {
    std::size_t lists = 0;
    std::size_t listed = 0;
    std::size_t lookups = 0;
    std::size_t found = 0;
    bool operator==(const Reads&) const = default;
  };
  mutable Reads reads;

  std::expected<std::vector<Record>, RegistryError> list(RecordKind kind, std::string_view after_id,
                                                         std::size_t limit) const override {
    auto records = RegistryProxy::list(kind, after_id, limit);
    reads.lists += 1;
    reads.listed += records->size();
    return records;
  }
  std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value, std::string_view after_id) const override {
    auto records = RegistryProxy::find_by_index(index, value, after_id);
    reads.lookups += 1;
    reads.found += records->size();
    return records;
  }
};

// Control S-56. What is read takes time, and time is seen from outside.
TEST(SignIn, ReadsAsMuchForStrangersAsForPeople) {
  TestPeople test;
  const std::string somebody = test.owner().person.email;
  ReadCounter counter(*test.registry);
  AuditedRegistry audited(counter, test.clock, "test", Digest{});
  SignIn sign_in({.audited = audited,
                  .throttle = test.throttle,
                  .desk = test.desk,
                  .factors = test.factors,
                  .random = test.random},
                 test_key("devices"), test_key("fakes"));
  const auto reads_of = [&](const std::string& email) {
    counter.reads = {};
    EXPECT_TRUE(sign_in.question(email).has_value());
    return counter.reads;
  };

  const ReadCounter::Reads known = reads_of(somebody);

  EXPECT_EQ(known.found, 1U);
  for (const char* const name : {"b@example.com", "bob@example.com", "no e-mail address"}) {
    ReadCounter::Reads unknown = reads_of(name);
    EXPECT_GE(unknown.lists, 1U);
    // Where the list begins anew hangs on the name, not on whether it exists.
    unknown.lists = known.lists;
    EXPECT_EQ(unknown, known) << name;
  }
}

TEST(SignIn, HidesPasskeysAmongMadeUpOnes) {
  TestPeople test;
  const auto ann = test.owner();
  const auto before = test.sign_in.question(ann.person.email)->allowed;
  const TestAuthenticator laptop;
  TestAuthenticator phone;
  phone.id = std::vector<std::uint8_t>(20, 0x22);
  const std::string token = test.with_passkey(ann.token, laptop);
  (void)test.with_passkey(token, phone);

  const auto after = test.sign_in.question(ann.person.email)->allowed;

  EXPECT_EQ(after, test.sign_in.question(ann.person.email)->allowed) << "asked twice, the same";
  EXPECT_EQ(after.size(), kPasskeysMax);
  EXPECT_EQ(std::ranges::count(after, laptop.id), 1);
  EXPECT_EQ(std::ranges::count(after, phone.id), 1);
  std::size_t kept = 0;
  for (const auto& id : after) {
    kept += static_cast<std::size_t>(std::ranges::count(before, id));
  }
  EXPECT_EQ(kept, kPasskeysMax - 2) << "the made-up ones stay";
}

TEST(SignIn, MakesUpPasskeysOfTheLengthsThatAuthenticatorsMake) {
  TestPeople test;
  (void)test.owner();
  std::set<std::size_t> sizes;
  std::set<std::vector<std::size_t>> forms;
  for (int i = 0; i < 50; ++i) {
    const auto asked = test.sign_in.question("nobody" + std::to_string(i) + "@example.com");
    const auto form = form_of(*asked);
    sizes.insert(form.begin(), form.end());
    forms.insert(form);
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{16, 20, 32, 48, 64}));
  EXPECT_GT(forms.size(), 25U) << "no form that is only strangers'";
}

TEST(SignIn, LetsNobodyInWhoIsDisabled) {
  TestPeople test;
  const auto ann = test.owner();
  const auto bob = test.invited(ann, "bob@example.com", Role::kOperator);
  ASSERT_TRUE(test.people
                  .disable(test.sessions.caller(ann.token, test.browser.source).value(),
                           TestSteppedUp::proof(), bob.person.id.text(), "left")
                  .has_value());

  EXPECT_EQ(reason_of(test.sign_in.sign_in(test.try_of(bob))), "sign_in_failed");
}

TEST(SignIn, EndsTheSixthOldestSession) {
  TestPeople test;
  const auto ann = test.owner();
  const auto first = test.sign_in.sign_in(test.try_of(ann));
  ASSERT_TRUE(first.has_value());
  for (int i = 0; i < 5; ++i) {
    test.clock.advance(31s);
    ASSERT_EQ(reason_of(test.sign_in.sign_in(test.try_of(ann))), "signed in");
  }

  EXPECT_FALSE(test.sessions.caller(first->token, test.browser.source).has_value());
}

}  // namespace
}  // namespace counterfoil
