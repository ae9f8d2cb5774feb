#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/person_id.h"
#include "base/account_id.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

inline constexpr std::chrono::hours kEnrolmentLinkLife{24};
inline constexpr std::chrono::minutes kEnrolmentLinkLifeMin{1};
inline constexpr std::chrono::hours kEnrolmentLinkLifeMax{24 * 7};
// How long after its end a link is still listed.
inline constexpr std::chrono::hours kEnrolmentLinkKept{24 * 7};
inline constexpr std::size_t kOpenLinksPerAccountMax = 10;

// EnrolmentLink lets its bearer make the key pair of one API key that somebody else prepared: what
// the key may do is in the link, who holds its secret half is not. It is found by the hash of its
// token, serves once, and runs out. A link that was withdrawn is erased.
struct EnrolmentLink {
  struct Use {
    Timestamp at{};
    std::string api_key;
    bool operator==(const Use&) const = default;
  };

  std::string id;  // 32 hex digits; says nothing of the token
  AccountId account;
  Scheme scheme = Scheme::kEd25519;
  std::string label = {};
  std::string permissions = {};  // comma list of names
  std::string allow_list = {};   // "any" or a comma list
  std::vector<std::string> symbols = {};
  std::string vendor = {};
  std::optional<Timestamp> expires_at = std::nullopt;  // nullopt: as `never_expires` says
  bool never_expires = false;                          // else the usual life, from the use on
  std::string made_by = {};                            // an actor of the audit log
  // Who prepared it, if that was a person: it ends with their right to make such a key.
  std::optional<PersonId> person = std::nullopt;
  Timestamp created{};
  Timestamp ends_at{};
  std::optional<Use> used = std::nullopt;
  bool operator==(const EnrolmentLink&) const = default;
};

// is_open: neither used nor run out at `now`.
[[nodiscard]] inline bool is_open(const EnrolmentLink& link, Timestamp now) {
  return !link.used && now < link.ends_at;
}
// is_past: it need not be listed any more.
[[nodiscard]] inline bool is_past(const EnrolmentLink& link, Timestamp now) {
  return now >= (link.used ? link.used->at : link.ends_at) + kEnrolmentLinkKept;
}

// The stored form: one version byte, then tagged fields. decode gives nullopt for an unknown
// version or field, a field that is missing, doubled, out of order or impossible, and trailing
// bytes (fail closed).
inline constexpr std::uint8_t kEnrolmentLinkRecordVersion = 1;
[[nodiscard]] std::string encode_enrolment_link(const EnrolmentLink& link);
[[nodiscard]] std::optional<EnrolmentLink> decode_enrolment_link(std::string_view bytes);

}  // namespace counterfoil
