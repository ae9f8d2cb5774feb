#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/invitation.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "authority/problem.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "registry/registry.h"

namespace counterfoil {

// How people, sessions and invitations become records with their index entries
// (registry/index_names.h), and how they are found again.

// Stored is a value with what its next write is conditional on.
template <typename T>
struct Stored {
  T value;
  std::uint64_t modified = 0;
};
// Found: a fault of the store, an unreadable record (record_unreadable), or perhaps nothing.
template <typename T>
using Found = std::expected<std::optional<Stored<T>>, Problem>;

[[nodiscard]] Write person_write(const Person& person, std::uint64_t expected_modified);
[[nodiscard]] Write person_erase(const Stored<Person>& stored);
[[nodiscard]] Found<Person> find_person(const Registry& registry, const PersonId& id);
[[nodiscard]] Found<Person> find_person_by_email(const Registry& registry,
                                                 std::string_view normal_email);
[[nodiscard]] Found<Person> find_person_by_passkey(const Registry& registry,
                                                   ByteView credential_id);
// find_anybody: the first person whose id comes after this one, or the first of all; nothing only
// when there are no people. For whoever must not be seen to find nobody.
[[nodiscard]] Found<Person> find_anybody(const Registry& registry, std::string_view after_id);
// find_person_by_identity: by identity_id (accounts/person.h).
[[nodiscard]] Found<Person> find_person_by_identity(const Registry& registry, std::string_view id);
// find_person_by_reset: whoever may set a new password with this token; perhaps it has run out.
[[nodiscard]] Found<Person> find_person_by_reset(const Registry& registry,
                                                 const Digest& token_hash);

// people_holding gives who holds an account; records that cannot be read are left out.
[[nodiscard]] std::expected<std::vector<Person>, Problem> people_holding(const Registry& registry,
                                                                         std::string_view account);

// A session and an invitation are found by the hash of their token.
struct StoredSession {
  Session value;
  std::string record_id;
  std::uint64_t modified = 0;
};
[[nodiscard]] Write session_write(const Session& session, const Digest& token_hash);  // a new one
// session_rewrite puts `session` in the place of `stored`, under the same token.
[[nodiscard]] Write session_rewrite(const Session& session, const StoredSession& stored);
[[nodiscard]] Write session_erase(const StoredSession& stored);
[[nodiscard]] std::expected<std::optional<StoredSession>, Problem> find_session(
    const Registry& registry, const Digest& token_hash);
[[nodiscard]] std::expected<std::vector<StoredSession>, Problem> sessions_of(
    const Registry& registry, const PersonId& person);

[[nodiscard]] Write invitation_write(const Invitation& invitation, const std::string& record_id,
                                     std::uint64_t expected_modified);
[[nodiscard]] Write invitation_erase(const std::string& record_id, std::uint64_t modified);
[[nodiscard]] std::string token_record_id(const Digest& token_hash);
[[nodiscard]] Found<Invitation> find_invitation(const Registry& registry,
                                                const std::string& record_id);

}  // namespace counterfoil
