#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/invitation.h"
#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "authority/audit_chain.h"
#include "authority/key_records.h"
#include "authority/new_session.h"
#include "authority/people.h"
#include "authority/people_checks.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sessions.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/random_token.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

constexpr std::string_view kFirstAccount = "main";
constexpr std::string_view kFirstAccountName = "Main";

using Kind = Problem::Kind;

std::unexpected<Problem> enrolment_closed() {
  return problem(Kind::kNotAllowed, "enrolment_closed",
                 "this link was used or has run out; ask for another one");
}

}  // namespace

People::Result<bool> People::has_owner() const {
  const auto records =
      parts_.audited.read().find_by_index(kPersonRoleIndex, to_string(Role::kOwner));
  if (!records) {
    return problem_of(records.error());
  }
  return std::ranges::any_of(*records, [](const Record& record) {
    const auto person = decode_person(record.bytes);
    return !person || person->state == PersonState::kActive;
  });
}

People::Result<bool> People::is_setup_open() const {
  const auto owner = has_owner();
  if (!owner || *owner) {
    return owner ? Result<bool>(false) : std::unexpected(owner.error());
  }
  const auto records = parts_.audited.read().find_by_index(kSetupIndex, kSetupValue);
  if (!records) {
    return problem_of(records.error());
  }
  return std::ranges::any_of(*records, [&](const Record& record) {
    const auto invitation = decode_invitation(record.bytes);
    return invitation && is_open(*invitation, parts_.audited.now());
  });
}

People::Result<bool> People::is_setup_token(std::string_view token) const {
  const auto open = is_setup_open();
  const auto hash = token_hash(token);
  if (!open || !*open || !hash) {
    return open ? Result<bool>(false) : open;
  }
  const auto found = find_invitation(parts_.audited.read(), token_record_id(*hash));
  if (!found) {
    return std::unexpected(found.error());
  }
  return *found && (*found)->value.is_setup && is_open((*found)->value, parts_.audited.now());
}

People::Result<WipedText> People::new_setup_token(const Actor& by) {
  const auto owner = has_owner();
  if (!owner) {
    return std::unexpected(owner.error());
  }
  if (*owner) {
    return problem(Kind::kConflict, "owner_exists",
                   "this installation is set up: an owner invites whoever is to be another one");
  }
  auto token = new_token(parts_.random);
  auto id = new_id(parts_.random);
  if (!token || !id) {
    return no_randomness();
  }
  const auto older = parts_.audited.read().find_by_index(kSetupIndex, kSetupValue);
  if (!older) {
    return problem_of(older.error());
  }
  std::vector<Write> writes;
  for (const Record& record : *older) {
    writes.push_back(invitation_erase(record.id, record.modified));
  }
  const Timestamp now = parts_.audited.now();
  const Invitation setup{.id = std::move(*id),
                         .is_setup = true,
                         .role = Role::kOwner,
                         .made_by = by.name,
                         .created = now,
                         .ends_at = now + kSetupLife};
  writes.push_back(invitation_write(setup, token_record_id(token->hash), 0));
  const auto stored = parts_.audited.commit(
      std::move(writes),
      {.actor = by.name, .source = by.source, .action = "setup.token", .object = setup.id});
  return stored ? Result<WipedText>(std::move(token->text)) : problem_of(stored.error());
}

// The first owner holds the account of the node, so that they can make its first API key: the only
// one there is, or one that is made for them. Among several nobody can tell which is theirs.
People::Result<std::optional<AccountId>> People::first_account(std::vector<Write>& writes) const {
  const auto records = parts_.audited.read().list(RecordKind::kAccount, "", 2);
  if (!records) {
    return problem_of(records.error());
  }
  if (records->size() == 1) {
    return AccountId::parse(records->front().id);
  }
  if (!records->empty()) {
    return std::nullopt;
  }
  const Timestamp now = parts_.audited.now();
  const Account made{.id = *AccountId::parse(kFirstAccount),
                     .name = std::string(kFirstAccountName),
                     .state_since = now,
                     .created = now};
  writes.push_back(account_write(made, 0));
  return made.id;
}

// open_invitation gives what a token stands for while it may still be used.
People::Result<Stored<Invitation>> People::open_invitation(const std::string& record_id) const {
  const auto found = find_invitation(parts_.audited.read(), record_id);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!*found || !is_open((*found)->value, parts_.audited.now())) {
    return enrolment_closed();
  }
  if ((*found)->value.is_setup) {
    const auto owner = has_owner();
    if (!owner || *owner) {
      return owner ? enrolment_closed() : std::unexpected(owner.error());
    }
  }
  return **found;
}

// new_person gives whom `wanted` makes of an invitation.
People::Result<Person> People::new_person(const Invitation& invitation, const NewPerson& wanted) {
  const auto email = check_email(wanted.email);
  if (!email) {
    return std::unexpected(email.error());
  }
  if (!invitation.is_setup && *email != invitation.email) {
    return problem(Kind::kNotAllowed, "email_not_invited",
                   "this invitation is for another e-mail address");
  }
  if (auto fine = check_name(wanted.name); !fine) {
    return std::unexpected(fine.error());
  }
  if (auto fine = check_password(wanted.password, *email, wanted.name, invitation.account); !fine) {
    return std::unexpected(fine.error());
  }
  const auto password = parts_.desk.hash(as_bytes(wanted.password));
  const auto id = invitation.begun_by ? invitation.begun_by : PersonId::generate(parts_.random);
  if (!password || !id) {
    return password ? no_randomness() : std::unexpected(password.error());
  }
  const Timestamp now = parts_.audited.now();
  return Person{.id = *id,
                .email = *email,
                .name = wanted.name,
                .role = invitation.role,
                .account = invitation.account,
                .state = PersonState::kEnrolling,
                .state_since = now,
                .created = now,
                .password = *password,
                .password_changed = now,
                .factors_changed = now};
}

People::Result<PersonSession> People::enrol(std::string_view token, const NewPerson& wanted,
                                            const Browser& browser) {
  const auto hash = token_hash(token);
  if (!hash) {
    return enrolment_closed();
  }
  const std::string record_id = token_record_id(*hash);
  const auto found = open_invitation(record_id);
  if (!found) {
    return std::unexpected(found.error());
  }
  Invitation invitation = found->value;
  auto made = new_person(invitation, wanted);
  if (!made) {
    return std::unexpected(made.error());
  }
  Person& person = *made;
  // Whoever began before keeps the id and nothing else.
  const auto before = invitation.begun_by ? find_person(parts_.audited.read(), *invitation.begun_by)
                                          : Found<Person>(std::nullopt);
  if (!before) {
    return std::unexpected(before.error());
  }
  std::vector<Write> writes;
  if (invitation.is_setup) {
    const auto account = first_account(writes);
    if (!account) {
      return std::unexpected(account.error());
    }
    person.account = invitation.account = *account;
  }
  auto opened =
      prepare_session(parts_.audited.read(), person, browser, parts_.random, person.created);
  const auto older = sessions_of(parts_.audited.read(), person.id);
  if (!opened || !older) {
    return std::unexpected(opened ? older.error() : opened.error());
  }
  // Of whoever began before, no session stays.
  writes.push_back(opened->writes.back());
  for (const StoredSession& session : *older) {
    writes.push_back(session_erase(session));
  }
  writes.push_back(person_write(person, *before ? (*before)->modified : 0));
  invitation.begun_by = person.id;
  writes.push_back(invitation_write(invitation, record_id, found->modified));
  AuditFact fact =
      fact_of(person_actor(person.id, browser.source), "person.enrol", person.id.text());
  fact.detail = {{"email", person.email},
                 {"invitation", invitation.id},
                 {"role", std::string(to_string(person.role))},
                 {"account", person.account ? std::string(person.account->text()) : "none"}};
  const auto stored = parts_.audited.commit(std::move(writes), fact);
  if (!stored && stored.error() == RegistryError::kDuplicate) {
    return email_taken();
  }
  if (!stored) {
    return problem_of(stored.error());
  }
  return PersonSession{
      .person = person, .session = std::move(opened->session), .token = std::move(opened->token)};
}

People::Result<People::Invited> People::invite(const Caller& caller, const SteppedUp& /*proof*/,
                                               const InvitationWish& wish) {
  if (const auto fine = check_owner(caller); !fine) {
    return std::unexpected(fine.error());
  }
  const auto email = check_email(wish.email);
  if (!email) {
    return std::unexpected(email.error());
  }
  const auto account = AccountId::parse(wish.account);
  if (!has_fitting_account(wish.role, account) || wish.account.empty() == account.has_value()) {
    return problem(Kind::kInvalid, "account_wanted", "a holder has one account: name it by its id");
  }
  if (account) {
    const auto record = parts_.audited.read().find(RecordKind::kAccount, account->text());
    if (!record || !*record) {
      return record ? problem(Kind::kNotFound, "no_such_account", "there is no such account")
                    : problem_of(record.error());
    }
  }
  const auto taken = find_person_by_email(parts_.audited.read(), *email);
  if (!taken || *taken) {
    return taken ? email_taken() : std::unexpected(taken.error());
  }
  auto token = new_token(parts_.random);
  auto id = new_id(parts_.random);
  if (!token || !id) {
    return no_randomness();
  }
  const Timestamp now = parts_.audited.now();
  Invitation invitation{.id = std::move(*id),
                        .email = *email,
                        .role = wish.role,
                        .account = account,
                        .made_by = caller.actor().name,
                        .created = now,
                        .ends_at = now + kInvitationLife};
  AuditFact fact = fact_of(caller.actor(), "invitation.make", invitation.id);
  fact.detail = {{"account", wish.account},
                 {"email", invitation.email},
                 {"role", std::string(to_string(invitation.role))},
                 {"session", caller.session.value.id}};
  const auto stored =
      parts_.audited.commit({invitation_write(invitation, token_record_id(token->hash), 0)}, fact);
  if (!stored) {
    return problem_of(stored.error());
  }
  return Invited{.invitation = std::move(invitation), .token = std::move(token->text)};
}

People::Result<std::size_t> People::sweep() {
  const Registry& registry = parts_.audited.read();
  const Timestamp now = parts_.audited.now();
  std::vector<Write> writes;
  // A few hundred at a time: what is left is for the next sweep.
  constexpr std::size_t kAtOnce = 500;
  const auto sessions = registry.scan(RecordKind::kSession, [&](const RecordView& record) {
    const auto session = decode_session(record.bytes);
    if (session && now >= idle_until(*session) && writes.size() < kAtOnce) {
      writes.push_back({.kind = RecordKind::kSession,
                        .id = std::string(record.id),
                        .expected_modified = record.modified});
    }
  });
  std::vector<PersonId> begun;
  const auto invitations = registry.scan(RecordKind::kInvitation, [&](const RecordView& record) {
    const auto invitation = decode_invitation(record.bytes);
    if (invitation && !is_open(*invitation, now) && writes.size() < 2 * kAtOnce) {
      writes.push_back(invitation_erase(std::string(record.id), record.modified));
      if (invitation->begun_by) {
        begun.push_back(*invitation->begun_by);
      }
    }
  });
  if (!sessions || !invitations) {
    return problem_of(sessions ? invitations.error() : sessions.error());
  }
  auto notices = spent_notices(kAtOnce);
  if (!notices) {
    return std::unexpected(notices.error());
  }
  std::ranges::move(*notices, std::back_inserter(writes));
  for (const PersonId& id : begun) {
    const auto person = find_person(registry, id);
    if (!person) {
      return std::unexpected(person.error());
    }
    if (*person && (*person)->value.state == PersonState::kEnrolling) {
      writes.push_back(person_erase(**person));
    }
  }
  if (writes.empty()) {
    return std::size_t{0};
  }
  const std::size_t count = writes.size();
  const auto stored =
      parts_.audited.commit(std::move(writes), {.actor = "system",
                                                .source = "local",
                                                .action = "people.sweep",
                                                .object = "registry",
                                                .detail = {{"count", std::to_string(count)}}});
  // Somebody used one of them at this moment: the next sweep comes.
  if (!stored && stored.error() != RegistryError::kConflict) {
    return problem_of(stored.error());
  }
  return stored ? count : std::size_t{0};
}

}  // namespace counterfoil
