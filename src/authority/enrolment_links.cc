#include "authority/enrolment_links.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/enrolment_link.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/new_session.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sign_in_throttle.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/random_token.h"
#include "keys/api_key.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> link_closed() {
  return problem(Kind::kNotAllowed, "enrolment_link_closed",
                 "this link is not, or no longer, good: it serves once and runs out; ask whoever "
                 "sent it for another one");
}

std::unexpected<Problem> no_such_link() {
  return problem(Kind::kNotFound, "no_such_enrolment_link", "there is no such enrolment link");
}

std::unexpected<Problem> too_many_tries(std::chrono::seconds wait) {
  auto busy = problem(Kind::kBusy, "too_many_tries", "there were too many tries from here; wait");
  busy.error().retry_after = wait;
  return busy;
}

std::unexpected<Problem> unreadable() {
  return problem(Kind::kUnavailable, "record_unreadable",
                 "the record of an enrolment link cannot be read by this version: use the version "
                 "that wrote it, or withdraw nothing and restore a backup");
}

Write link_write(const EnrolmentLink& link, const std::string& record_id, std::uint64_t modified) {
  return {
      .kind = RecordKind::kEnrolmentLink,
      .id = record_id,
      .bytes = encode_enrolment_link(link),
      .expected_modified = modified,
      .indexes = {
          {.index = std::string(kEnrolmentIdIndex), .value = link.id, .rule = IndexRule::kUnique},
          {.index = std::string(kEnrolmentAccountIndex),
           .value = link.account.text(),
           .rule = IndexRule::kMany}}};
}

Write link_erase(const std::string& record_id, std::uint64_t modified) {
  return {.kind = RecordKind::kEnrolmentLink, .id = record_id, .expected_modified = modified};
}

AuditFact link_fact(const Actor& actor, std::string action, const EnrolmentLink& link) {
  AuditFact fact = fact_of(actor, std::move(action), link.id);
  fact.detail = {{"account", link.account.text()}, {"made_by", link.made_by}};
  return fact;
}

NewKey wanted_key(const EnrolmentLink& link) {
  return {.account = link.account.text(),
          .label = link.label,
          .material = {.scheme = link.scheme,
                       .public_key = {},
                       .possession_nonce = {},
                       .possession_signature = {}},
          .permissions = link.permissions,
          .allow_list = link.allow_list,
          .symbols = link.symbols,
          .expires_at = link.expires_at,
          .never_expires = link.never_expires,
          .vendor = link.vendor};
}

// may_make_keys: auditors change nothing (control S-64).
bool may_make_keys(Role role) {
  return role == Role::kHolder || role == Role::kOperator || role == Role::kOwner;
}

// is_as_it_was: nothing has happened to the person since that a thief of theirs would have to fear.
bool is_as_it_was(const Person& person, Timestamp since) {
  return person.state == PersonState::kActive && !person.must_renew_factors &&
         std::max({person.state_since, person.password_changed, person.factors_changed}) <= since;
}

bool holds(const Person& person, const Account& account) {
  return person.account && (*person.account == account.id || person.account == account.master);
}

}  // namespace

EnrolmentLinks::Result<std::optional<EnrolmentLinks::Maker>> EnrolmentLinks::maker(
    const EnrolmentLink& link) const {
  const auto account = parts_.issuer.account(link.account.text());
  if (!account) {
    return account.error().kind == Kind::kNotFound ? Result<std::optional<Maker>>(std::nullopt)
                                                   : std::unexpected(account.error());
  }
  if (account->state != AccountState::kActive || account->state_since > link.created) {
    return std::nullopt;
  }
  if (!link.person) {
    return Maker{};
  }
  auto person = find_person(parts_.audited.read(), *link.person);
  if (!person) {
    return std::unexpected(person.error());
  }
  if (!*person || !may_make_keys((*person)->value.role) ||
      !is_as_it_was((*person)->value, link.created) || !holds((*person)->value, *account)) {
    return std::nullopt;
  }
  return Maker{.person = std::move(*person)};
}

EnrolmentLinks::Result<EnrolmentLinks::State> EnrolmentLinks::state_of(
    const EnrolmentLink& link) const {
  if (link.used) {
    return State::kUsed;
  }
  if (!is_open(link, parts_.audited.now())) {
    return State::kRunOut;
  }
  const auto by = maker(link);
  if (!by) {
    return std::unexpected(by.error());
  }
  return *by ? State::kOpen : State::kVoid;
}

EnrolmentLinks::Result<std::vector<EnrolmentLinks::Listed>> EnrolmentLinks::listed(
    const std::vector<Record>& records) const {
  std::vector<Listed> links;
  for (const Record& record : records) {
    auto link = decode_enrolment_link(record.bytes);
    if (!link) {
      return unreadable();
    }
    if (is_past(*link, parts_.audited.now())) {
      continue;
    }
    const auto state = state_of(*link);
    if (!state) {
      return std::unexpected(state.error());
    }
    links.push_back({.link = std::move(*link), .state = *state});
  }
  std::ranges::sort(links, std::greater(), [](const Listed& one) {
    return std::pair(one.link.created, std::string_view(one.link.id));
  });
  return links;
}

EnrolmentLinks::Result<std::vector<EnrolmentLinks::Listed>> EnrolmentLinks::of(
    const std::string& account) const {
  const auto records = parts_.audited.read().find_by_index(kEnrolmentAccountIndex, account);
  return records ? listed(*records) : problem_of(records.error());
}

EnrolmentLinks::Result<std::vector<EnrolmentLinks::Listed>> EnrolmentLinks::all() const {
  const auto records = parts_.audited.read().list(RecordKind::kEnrolmentLink, "", kListMax);
  return records ? listed(*records) : problem_of(records.error());
}

EnrolmentLinks::Result<EnrolmentLinks::StoredLink> EnrolmentLinks::stored(
    const std::string& id) const {
  const auto records = parts_.audited.read().find_by_index(kEnrolmentIdIndex, id);
  if (!records) {
    return problem_of(records.error());
  }
  if (records->empty()) {
    return no_such_link();
  }
  const Record& record = records->front();
  auto link = decode_enrolment_link(record.bytes);
  if (!link) {
    return unreadable();
  }
  return StoredLink{.value = std::move(*link), .record_id = record.id, .modified = record.modified};
}

EnrolmentLinks::Result<EnrolmentLinks::Listed> EnrolmentLinks::find(const std::string& id) const {
  auto link = stored(id);
  if (!link) {
    return std::unexpected(link.error());
  }
  const auto state = state_of(link->value);
  if (!state) {
    return std::unexpected(state.error());
  }
  return Listed{.link = std::move(link->value), .state = *state};
}

EnrolmentLinks::Result<EnrolmentLinks::Prepared> EnrolmentLinks::prepare(
    const EnrolmentWish& wish, const Actor& actor, const std::optional<PersonId>& person) {
  if (wish.life < kEnrolmentLinkLifeMin || wish.life > kEnrolmentLinkLifeMax) {
    return problem(Kind::kInvalid, "life_invalid",
                   "an enrolment link lives for a minute at least and seven days at most");
  }
  const auto planned = parts_.issuer.planned_key(wish.key, actor);
  if (!planned) {
    return std::unexpected(planned.error());
  }
  const auto present = of(wish.key.account);
  if (!present) {
    return std::unexpected(present.error());
  }
  if (std::ranges::count(*present, State::kOpen, &Listed::state) >=
      static_cast<std::ptrdiff_t>(kOpenLinksPerAccountMax)) {
    return problem(Kind::kConflict, "too_many_links",
                   "the account has ten open enrolment links, which is the most: withdraw one");
  }
  auto token = new_token(parts_.random);
  auto id = new_id(parts_.random);
  if (!token || !id) {
    return no_randomness();
  }
  const Timestamp now = parts_.audited.now();
  EnrolmentLink link{.id = std::move(*id),
                     .account = planned->account,
                     .scheme = wish.key.material.scheme,
                     .label = planned->label,
                     .permissions = parts_.issuer.permissions().to_text(planned->permissions),
                     .allow_list = planned->allow_list.to_text(),
                     .symbols = planned->symbols,
                     .vendor = planned->vendor,
                     .expires_at = wish.key.expires_at,
                     .never_expires = wish.key.never_expires,
                     .made_by = actor.name,
                     .person = person,
                     .created = now,
                     .ends_at = now + wish.life};
  AuditFact fact = link_fact(actor, "enrolment_link.make", link);
  fact.detail["type"] = describe(link.scheme).name;
  fact.detail["permissions"] = link.permissions;
  fact.detail["allow_list"] = link.allow_list;
  const auto made =
      parts_.audited.commit({link_write(link, token_record_id(token->hash), 0)}, fact);
  if (!made) {
    return problem_of(made.error());
  }
  return Prepared{.link = std::move(link), .token = std::move(token->text)};
}

EnrolmentLinks::Result<void> EnrolmentLinks::withdraw(const std::string& id, const Actor& actor) {
  for (int attempt = 1;; ++attempt) {
    const auto link = stored(id);
    if (!link) {
      return std::unexpected(link.error());
    }
    if (link->value.used) {
      return problem(Kind::kConflict, "enrolment_link_used",
                     "this link was used before; suspend or revoke the API key that it made");
    }
    const auto gone =
        parts_.audited.commit({link_erase(link->record_id, link->modified)},
                              link_fact(actor, "enrolment_link.withdraw", link->value));
    if (gone) {
      return {};
    }
    if (gone.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(gone.error());
    }
  }
}

EnrolmentLinks::Result<EnrolmentLinks::StoredLink> EnrolmentLinks::open_link(
    const std::string& record_id) const {
  const auto record = parts_.audited.read().find(RecordKind::kEnrolmentLink, record_id);
  if (!record) {
    return problem_of(record.error());
  }
  auto link = *record ? decode_enrolment_link((*record)->bytes) : std::nullopt;
  if (*record && !link) {
    return unreadable();
  }
  if (!link) {
    return link_closed();
  }
  const auto state = state_of(*link);
  if (!state) {
    return std::unexpected(state.error());
  }
  if (*state != State::kOpen) {
    return link_closed();
  }
  return StoredLink{
      .value = std::move(*link), .record_id = record_id, .modified = (*record)->modified};
}

EnrolmentLinks::Result<EnrolmentLinks::StoredLink> EnrolmentLinks::borne(std::string_view token,
                                                                         const IpAddress& source) {
  const auto counted = parts_.throttle.count({.name = {}, .source = source}, parts_.audited.now());
  if (!counted) {
    return std::unexpected(counted.error());
  }
  if (!*counted) {
    return too_many_tries(counted->error().wait);
  }
  const auto hash = token_hash(token);
  auto link = hash ? open_link(token_record_id(*hash)) : link_closed();
  if (!link) {
    return link;
  }
  if (const auto back = parts_.throttle.take_back(**counted); !back) {
    return std::unexpected(back.error());
  }
  return link;
}

EnrolmentLinks::Result<EnrolmentLink> EnrolmentLinks::open(std::string_view token,
                                                           const IpAddress& source) {
  auto link = borne(token, source);
  return link ? Result<EnrolmentLink>(std::move(link->value)) : std::unexpected(link.error());
}

EnrolmentLinks::Result<Issuer::Challenge> EnrolmentLinks::challenge(std::string_view token,
                                                                    const std::string& public_key,
                                                                    const IpAddress& source) {
  const auto link = borne(token, source);
  return link ? parts_.issuer.challenge(link->value.account.text(), public_key)
              : std::unexpected(link.error());
}

EnrolmentLinks::Result<Issued> EnrolmentLinks::use(std::string_view token,
                                                   const KeyMaterial& material,
                                                   const IpAddress& source) {
  const auto found = borne(token, source);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (material.scheme != found->value.scheme) {
    return problem(Kind::kInvalid, "type_not_prepared",
                   "this link was prepared for a key pair of another type");
  }
  NewKey wanted = wanted_key(found->value);
  wanted.material = material;
  // The key may be no more than its maker could make.
  const auto prepared_by = maker(found->value);
  if (!prepared_by || !*prepared_by) {
    return prepared_by ? link_closed() : std::unexpected(prepared_by.error());
  }
  const auto role_of = [](const Maker& by) {
    return by.person ? std::optional(by.person->value.role) : std::nullopt;
  };
  Actor bearer{.name = "enrolment:" + found->value.id, .source = source.to_string()};
  bearer.role = role_of(**prepared_by);
  // Whether the link is good, and its maker may make the key, is found out once more by what is
  // written: nobody can use it twice, or after the maker's right has ended.
  return parts_.issuer.create_key(
      wanted, bearer, [&](const ApiKey& key) -> Result<Issuer::Alongside> {
        auto now = open_link(found->record_id);
        if (!now) {
          return std::unexpected(now.error());
        }
        const auto by = maker(now->value);
        if (!by || !*by || role_of(**by) != bearer.role) {
          return by ? link_closed() : std::unexpected(by.error());
        }
        AuditFact fact = link_fact(bearer, "enrolment_link.use", now->value);
        fact.detail["api_key"] = key.id.text();
        now->value.used =
            EnrolmentLink::Use{.at = parts_.audited.now(), .api_key = std::string(key.id.text())};
        std::vector<Write> writes{link_write(now->value, now->record_id, now->modified)};
        if (const auto& person = (*by)->person) {
          writes.push_back(person_write(person->value, person->modified));
        }
        return Issuer::Alongside{.writes = std::move(writes), .fact = std::move(fact)};
      });
}

EnrolmentLinks::Result<std::size_t> EnrolmentLinks::sweep() {
  constexpr std::size_t kAtOnce = 500;  // what is left is for the next sweep
  std::vector<Write> writes;
  const Timestamp now = parts_.audited.now();
  const auto scanned =
      parts_.audited.read().scan(RecordKind::kEnrolmentLink, [&](const RecordView& record) {
        const auto link = decode_enrolment_link(record.bytes);
        if (link && is_past(*link, now) && writes.size() < kAtOnce) {
          writes.push_back(link_erase(std::string(record.id), record.modified));
        }
      });
  if (!scanned) {
    return problem_of(scanned.error());
  }
  const std::size_t count = writes.size();
  if (count == 0) {
    return count;
  }
  const auto erased =
      parts_.audited.commit(std::move(writes), {.actor = "system",
                                                .source = "local",
                                                .action = "enrolment_link.sweep",
                                                .object = "registry",
                                                .detail = {{"count", std::to_string(count)}}});
  // Somebody else was quicker with one of them: the next sweep comes.
  if (!erased && erased.error() != RegistryError::kConflict) {
    return problem_of(erased.error());
  }
  return erased ? count : std::size_t{0};
}

}  // namespace counterfoil
