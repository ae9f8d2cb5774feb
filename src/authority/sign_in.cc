#include "authority/sign_in.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/password_rules.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "accounts/sign_in_name.h"
#include "authority/audit_chain.h"
#include "authority/issuer_limits.h"
#include "authority/new_session.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/second_factor.h"
#include "authority/sign_in_throttle.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/constant_time.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> sign_in_failed(std::chrono::seconds wait) {
  return std::unexpected(
      Problem{.kind = Kind::kNotSignedIn,
              .reason = "sign_in_failed",
              .detail = "the sign-in failed: e-mail, password or second factor is wrong, or there "
                        "were too many tries",
              .retry_after = wait});
}

std::expected<void, Problem> check_form(const SignInTry& wanted) {
  if (wanted.password.size() > kPasswordBytesMax) {
    return problem(Kind::kInvalid, "password_too_long",
                   "a password has at most 256 characters and 1,024 bytes");
  }
  const bool has_password = !wanted.email.empty() && !wanted.password.empty();
  if (!has_password && !wanted.factor.passkey && !wanted.identity) {
    return problem(Kind::kInvalid, "sign_in_incomplete",
                   "give e-mail and password with a second factor, or a passkey");
  }
  return {};
}

// What a name is counted as. One that is none is not looked up, but it is counted. An identity is
// counted as the name of its person, so that there is one count of wrong codes.
std::string name_of(const SignInTry& wanted, const Registry& registry) {
  if (wanted.identity) {
    const auto person = find_person(registry, wanted.identity->person());
    return person && *person ? (*person)->value.email : std::string();
  }
  return wanted.email.empty() ? std::string()
                              : normal_email(wanted.email).value_or("(no e-mail address)");
}

constexpr std::size_t kDeviceIdCharacters = 32;

Digest device_mac(const HmacKey& key, const PersonId& person, std::string_view device_id) {
  const std::array<ByteView, 3> parts{as_bytes(person.text()), as_bytes("|"), as_bytes(device_id)};
  return key.mac(parts);
}

}  // namespace

Found<Person> SignIn::person_of(const SignInTry& wanted, const std::string& name) const {
  const Registry& registry = parts_.audited.read();
  if (wanted.identity) {
    return find_person(registry, wanted.identity->person());
  }
  if (!name.empty()) {
    return find_person_by_email(registry, name);
  }
  return find_person_by_passkey(registry, wanted.factor.passkey->assertion.id);
}

std::string SignIn::device_cookie(const Person& person, std::string_view device_id) const {
  return std::string(device_id) + "." + to_base64url(device_mac(devices_, person.id, device_id));
}

// A cookie is for one person: nobody's tries are counted as another's.
std::optional<std::string> SignIn::known_device(const SignInTry& wanted,
                                                const Found<Person>& person) const {
  const std::string_view cookie = wanted.device_cookie;
  const std::string_view id = cookie.substr(0, kDeviceIdCharacters);
  if (!person || !*person || cookie.size() <= kDeviceIdCharacters ||
      !constant_time_equal(as_bytes(device_cookie((*person)->value, id)), as_bytes(cookie))) {
    return std::nullopt;
  }
  return std::string(id);
}

std::expected<SignIn::Judged, Problem> SignIn::judge(
    const SignInTry& wanted, const std::optional<Stored<Person>>& person,
    const std::optional<std::vector<std::uint8_t>>& challenge, Timestamp now) {
  if (!person) {
    if (!wanted.password.empty()) {
      if (const auto nobody = parts_.desk.check(as_bytes(wanted.password), nullptr); !nobody) {
        return std::unexpected(nobody.error());
      }
    }
    return Judged{.person = std::nullopt, .after = std::nullopt, .why = "unknown"};
  }
  Judged judged{.person = person, .after = person->value, .why = {}};
  if (!wanted.password.empty()) {
    const auto right = parts_.desk.check(as_bytes(wanted.password), &person->value.password);
    if (!right) {
      return std::unexpected(right.error());
    }
    if (!*right) {
      judged.why = "password";
      return judged;
    }
  }
  auto factor = judge_factor(wanted, person->value, challenge, now);
  if (!factor) {
    return std::unexpected(factor.error());
  }
  judged.kind = factor->kind;
  judged.after = std::move(factor->person);
  judged.why = factor->is_right ? to_string(person->value.state) : factor->why;
  judged.is_right = factor->is_right && may_sign_in(person->value);
  judged.need = factor->kind == FactorKind::kPasskey ? PasskeyNeed::kNone : factor->need;
  return judged;
}

std::expected<FactorVerdict, Problem> SignIn::judge_factor(
    const SignInTry& wanted, const Person& person,
    const std::optional<std::vector<std::uint8_t>>& challenge, Timestamp now) const {
  if (wanted.identity) {
    Person same = person;
    if (find_identity(same, wanted.identity->id()) == nullptr) {
      return FactorVerdict{.person = std::move(same), .why = "identity not linked any more"};
    }
    if (wanted.identity->has_second_factor() && wanted.factor.is_empty()) {
      const auto need = parts_.factors.passkey_need(person);
      if (!need) {
        return std::unexpected(need.error());
      }
      return FactorVerdict{.is_right = *need == PasskeyNeed::kNone,
                           .kind = FactorKind::kProvider,
                           .person = std::move(same),
                           .why = "a passkey is needed"};
    }
  }
  return parts_.factors.judge(person, wanted.factor, challenge, now);
}

std::expected<SignedIn, Problem> SignIn::open_session(const SignInTry& wanted, Judged judged,
                                                      const std::optional<std::string>& device,
                                                      Timestamp now) {
  Person& person = *judged.after;
  person.last_sign_in = now;
  if (LinkedIdentity* const identity =
          wanted.identity ? find_identity(person, wanted.identity->id()) : nullptr) {
    identity->last_used = now;
  }
  if (!wanted.password.empty() && parts_.desk.needs_rehash(person.password)) {
    // When everybody is at the desk, the old hash serves once more.
    if (const auto hash = parts_.desk.hash(as_bytes(wanted.password))) {
      person.password = *hash;
    }
  }
  auto opened = prepare_session(parts_.audited.read(), person,
                                {.source = wanted.source, .device = wanted.device}, parts_.random,
                                now, judged.need);
  const auto device_id = device ? device : new_id(parts_.random);
  if (!opened || !device_id) {
    return opened ? no_randomness() : std::unexpected(opened.error());
  }
  std::vector<Write> writes = std::move(opened->writes);
  writes.push_back(person_write(person, judged.person->modified));
  AuditFact fact =
      fact_of(person_actor(person.id, wanted.source), "session.open", opened->session.id);
  fact.detail = {{"device", device ? "known" : "new"},
                 {"factor", std::string(to_string(judged.kind))},
                 {"role", std::string(to_string(person.role))}};
  if (wanted.identity) {
    fact.detail.emplace("identity", wanted.identity->id());
  }
  const auto stored = parts_.audited.commit(std::move(writes), fact);
  if (!stored) {
    return problem_of(stored.error());
  }
  return SignedIn{.person = person,
                  .session = std::move(opened->session),
                  .token = std::move(opened->token),
                  .device_cookie = device_cookie(person, *device_id)};
}

std::expected<void, Problem> SignIn::record_failure(std::string action, const IpAddress& source,
                                                    const Judged& judged) {
  std::vector<Write> writes;
  if (judged.person && judged.after != judged.person->value) {
    writes.push_back(person_write(*judged.after, judged.person->modified));
  }
  // What was typed as a name is not recorded: it may be a password.
  const AuditFact fact{
      .actor = "stranger",
      .source = source.to_string(),
      .action = std::move(action),
      .object = judged.person ? "person:" + judged.person->value.id.text() : "nobody",
      .outcome = "refused",
      .detail = {{"factor", std::string(to_string(judged.kind))},
                 {"why", std::string(judged.why)}}};
  const auto stored = parts_.audited.commit(std::move(writes), fact);
  return stored ? std::expected<void, Problem>() : problem_of(stored.error());
}

std::expected<SignedIn, Problem> SignIn::sign_in(const SignInTry& wanted) {
  if (const auto fine = check_form(wanted); !fine) {
    return std::unexpected(fine.error());
  }
  const Timestamp now = parts_.audited.now();
  const std::string name = name_of(wanted, parts_.audited.read());
  auto person = person_of(wanted, name);
  const auto device = known_device(wanted, person);
  const auto counted =
      parts_.throttle.count({.name = name, .source = wanted.source, .device = device}, now);
  if (!counted) {
    return std::unexpected(counted.error());
  }
  if (!*counted) {
    return sign_in_failed(counted->error().wait);
  }
  const auto challenge = parts_.factors.take_challenge(wanted.factor, kPurpose);
  // Whoever loses a race is judged anew on what the other made of the person: of two who bring the
  // same code one gets in.
  for (int attempt = 1;; ++attempt) {
    if (!person) {
      return std::unexpected(person.error());
    }
    auto judged = judge(wanted, *person, challenge, now);
    if (!judged) {
      return std::unexpected(judged.error());
    }
    std::expected<SignedIn, Problem> answer = sign_in_failed((*counted)->next_wait);
    if (judged->is_right) {
      answer = open_session(wanted, std::move(*judged), device, now);
    } else if (const auto recorded = record_failure("sign_in.refuse", wanted.source, *judged);
               !recorded) {
      answer = std::unexpected(recorded.error());
    }
    if (answer) {
      // The session is open whether or not the try is taken back.
      (void)parts_.throttle.take_back(**counted);
      return answer;
    }
    if (answer.error().kind != Kind::kConflict || attempt == kAttemptsMax) {
      return answer;
    }
    person = person_of(wanted, name);
  }
}

// made_up gives an id as authenticators make them: their lengths are the field's common ones, so
// that neither a length nor a number of ids says whose are real.
std::vector<std::uint8_t> SignIn::made_up(std::string_view name, std::size_t number) const {
  constexpr std::array<std::size_t, 8> kSizes{16, 20, 32, 32, 32, 48, 64, 64};
  const std::string ordinal = std::to_string(number);
  const auto piece = [&](std::string_view which) {
    const std::array<ByteView, 5> parts{as_bytes(name), as_bytes("|"), as_bytes(ordinal),
                                        as_bytes("|"), as_bytes(which)};
    return fakes_.mac(parts);
  };
  const Digest first = piece("first");
  const Digest second = piece("second");
  std::vector<std::uint8_t> id(first.size() + second.size());
  std::ranges::copy(second, std::ranges::copy(first, id.begin()).out);
  id.resize(kSizes[piece("size").front() % kSizes.size()]);
  return id;
}

// person_as_long_as_nobody finds a person by name at the price of finding none: one name that
// exists and one that does not are looked up either way. Who stands in depends on the name alone,
// so that asking again finds the same pages warm.
Found<Person> SignIn::person_as_long_as_nobody(const std::string& name) const {
  const Registry& registry = parts_.audited.read();
  const auto anybody = find_anybody(registry, to_hex(fakes_.mac(as_bytes(name))));
  if (!anybody) {
    return anybody;
  }
  auto person = find_person_by_email(registry, name);
  if (person && *anybody) {
    std::string other = (*anybody)->value.email;
    other.front() = *person ? ' ' : other.front();  // no name begins with a blank
    if (const auto read = find_person_by_email(registry, other); !read) {
      return read;
    }
  }
  return person;
}

std::expected<SignIn::PasskeyQuestion, Problem> SignIn::question(std::string_view email) {
  auto challenge = parts_.factors.challenges().ask(kPurpose);
  if (!challenge) {
    return no_randomness();
  }
  PasskeyQuestion asked{.challenge = std::move(*challenge), .allowed = {}};
  if (email.empty()) {
    return asked;
  }
  const std::string name = normal_email(email).value_or("(no e-mail address)");
  const auto person = person_as_long_as_nobody(name);
  if (!person) {
    return std::unexpected(person.error());
  }
  // Everybody has as many as anybody may have: the real ones in the place of the last made-up ones,
  // in an order that says nothing.
  for (std::size_t number = 0; number < kPasskeysMax; ++number) {
    asked.allowed.push_back(made_up(name, number));
  }
  if (*person) {
    const std::vector<Passkey>& real = (*person)->value.passkeys;
    for (std::size_t i = 0; i < real.size() && i < kPasskeysMax; ++i) {
      asked.allowed[kPasskeysMax - 1 - i] = real[i].id;
    }
  }
  std::ranges::sort(asked.allowed, {},
                    [&](const std::vector<std::uint8_t>& id) { return fakes_.mac(id); });
  return asked;
}

}  // namespace counterfoil
