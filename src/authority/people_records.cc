#include "authority/people_records.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/invitation.h"
#include "accounts/passkey.h"
#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

std::unexpected<Problem> unreadable(std::string_view what) {
  return problem(Problem::Kind::kUnavailable, "record_unreadable",
                 "the record of a " + std::string(what) +
                     " cannot be read by this version: use the version that wrote it, or restore "
                     "a backup");
}

std::string passkey_index_value(ByteView id) { return to_hex(sha256(id)); }

Found<Person> person_of(const std::optional<Record>& record) {
  if (!record) {
    return std::nullopt;
  }
  auto person = decode_person(record->bytes);
  if (!person || person->id.text() != record->id) {
    return unreadable("person");
  }
  return Stored<Person>{.value = std::move(*person), .modified = record->modified};
}

Found<Person> person_by_index(const Registry& registry, std::string_view index,
                              std::string_view value) {
  auto records = registry.find_by_index(index, value);
  if (!records) {
    return problem_of(records.error());
  }
  return person_of(records->empty() ? std::nullopt : std::optional(std::move(records->front())));
}

std::expected<StoredSession, Problem> session_of(const Record& record) {
  auto session = decode_session(record.bytes);
  if (!session) {
    return unreadable("session");
  }
  return StoredSession{
      .value = std::move(*session), .record_id = record.id, .modified = record.modified};
}

}  // namespace

Write person_write(const Person& person, std::uint64_t expected_modified) {
  Write write{.kind = RecordKind::kPerson,
              .id = person.id.text(),
              .bytes = encode_person(person),
              .expected_modified = expected_modified,
              .indexes = {{.index = std::string(kPersonEmailIndex),
                           .value = person.email,
                           .rule = IndexRule::kUnique},
                          {.index = std::string(kPersonRoleIndex),
                           .value = std::string(to_string(person.role)),
                           .rule = IndexRule::kMany}}};
  if (person.account) {
    write.indexes.push_back({.index = std::string(kPersonAccountIndex),
                             .value = person.account->text(),
                             .rule = IndexRule::kMany});
  }
  if (person.reset) {
    write.indexes.push_back({.index = std::string(kPasswordResetIndex),
                             .value = to_hex(person.reset->token_hash),
                             .rule = IndexRule::kUnique});
  }
  for (const Passkey& passkey : person.passkeys) {
    write.indexes.push_back({.index = std::string(kPasskeyIndex),
                             .value = passkey_index_value(passkey.id),
                             .rule = IndexRule::kUnique});
  }
  for (const LinkedIdentity& identity : person.identities) {
    write.indexes.push_back({.index = std::string(kIdentityIndex),
                             .value = identity_id(identity.issuer, identity.subject),
                             .rule = IndexRule::kUnique});
  }
  return write;
}

Write person_erase(const Stored<Person>& stored) {
  return {.kind = RecordKind::kPerson,
          .id = stored.value.id.text(),
          .expected_modified = stored.modified};
}

Found<Person> find_person(const Registry& registry, const PersonId& id) {
  const auto record = registry.find(RecordKind::kPerson, id.text());
  return record ? person_of(*record) : problem_of(record.error());
}

Found<Person> find_person_by_email(const Registry& registry, std::string_view normal_email) {
  return person_by_index(registry, kPersonEmailIndex, normal_email);
}

Found<Person> find_anybody(const Registry& registry, std::string_view after_id) {
  auto records = registry.list(RecordKind::kPerson, after_id, 1);
  if (records && records->empty() && !after_id.empty()) {
    records = registry.list(RecordKind::kPerson, "", 1);
  }
  if (!records) {
    return problem_of(records.error());
  }
  return person_of(records->empty() ? std::nullopt : std::optional(std::move(records->front())));
}

Found<Person> find_person_by_passkey(const Registry& registry, ByteView credential_id) {
  return person_by_index(registry, kPasskeyIndex, passkey_index_value(credential_id));
}

Found<Person> find_person_by_identity(const Registry& registry, std::string_view id) {
  return person_by_index(registry, kIdentityIndex, id);
}

Found<Person> find_person_by_reset(const Registry& registry, const Digest& token_hash) {
  return person_by_index(registry, kPasswordResetIndex, to_hex(token_hash));
}

std::expected<std::vector<Person>, Problem> people_holding(const Registry& registry,
                                                           std::string_view account) {
  const auto records = registry.find_by_index(kPersonAccountIndex, account);
  if (!records) {
    return problem_of(records.error());
  }
  std::vector<Person> people;
  for (const Record& record : *records) {
    if (auto person = decode_person(record.bytes); person && person->id.text() == record.id) {
      people.push_back(std::move(*person));
    }
  }
  return people;
}

std::string token_record_id(const Digest& token_hash) { return to_hex(token_hash); }

Write session_write(const Session& session, const Digest& token_hash) {
  return session_rewrite(
      session, {.value = session, .record_id = token_record_id(token_hash), .modified = 0});
}

Write session_rewrite(const Session& session, const StoredSession& stored) {
  return {.kind = RecordKind::kSession,
          .id = stored.record_id,
          .bytes = encode_session(session),
          .expected_modified = stored.modified,
          .indexes = {{.index = std::string(kSessionIndex),
                       .value = session.person.text(),
                       .rule = IndexRule::kMany}}};
}

Write session_erase(const StoredSession& stored) {
  return {
      .kind = RecordKind::kSession, .id = stored.record_id, .expected_modified = stored.modified};
}

std::expected<std::optional<StoredSession>, Problem> find_session(const Registry& registry,
                                                                  const Digest& token_hash) {
  const auto record = registry.find(RecordKind::kSession, token_record_id(token_hash));
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return std::nullopt;
  }
  auto session = session_of(**record);
  if (!session) {
    return std::unexpected(session.error());
  }
  return std::move(*session);
}

std::expected<std::vector<StoredSession>, Problem> sessions_of(const Registry& registry,
                                                               const PersonId& person) {
  const auto records = registry.find_by_index(kSessionIndex, person.text());
  if (!records) {
    return problem_of(records.error());
  }
  std::vector<StoredSession> sessions;
  for (const Record& record : *records) {
    auto session = session_of(record);
    if (!session) {
      return std::unexpected(session.error());
    }
    sessions.push_back(std::move(*session));
  }
  return sessions;
}

Write invitation_write(const Invitation& invitation, const std::string& record_id,
                       std::uint64_t expected_modified) {
  Write write{.kind = RecordKind::kInvitation,
              .id = record_id,
              .bytes = encode_invitation(invitation),
              .expected_modified = expected_modified};
  if (invitation.is_setup) {
    write.indexes.push_back({.index = std::string(kSetupIndex),
                             .value = std::string(kSetupValue),
                             .rule = IndexRule::kMany});
  }
  if (invitation.begun_by) {
    write.indexes.push_back({.index = std::string(kBegunIndex),
                             .value = invitation.begun_by->text(),
                             .rule = IndexRule::kUnique});
  }
  return write;
}

Write invitation_erase(const std::string& record_id, std::uint64_t modified) {
  return {.kind = RecordKind::kInvitation, .id = record_id, .expected_modified = modified};
}

Found<Invitation> find_invitation(const Registry& registry, const std::string& record_id) {
  const auto record = registry.find(RecordKind::kInvitation, record_id);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return std::nullopt;
  }
  auto invitation = decode_invitation((*record)->bytes);
  if (!invitation) {
    return unreadable("invitation");
  }
  return Stored<Invitation>{.value = std::move(*invitation), .modified = (*record)->modified};
}

}  // namespace counterfoil
