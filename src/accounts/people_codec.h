#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/invitation.h"
#include "accounts/notice.h"
#include "accounts/person.h"
#include "accounts/session.h"
#include "accounts/throttle.h"

namespace counterfoil {

// The stored forms of people and of what belongs to them: one version byte, then tagged fields
// (base/tagged_fields.h). Each decode gives nullopt for an unknown version or field, a field that
// is missing, doubled, out of order or impossible, and trailing bytes (fail closed).
inline constexpr std::uint8_t kPersonRecordVersion = 1;
inline constexpr std::uint8_t kSessionRecordVersion = 1;
inline constexpr std::uint8_t kThrottleRecordVersion = 1;
inline constexpr std::uint8_t kInvitationRecordVersion = 1;
inline constexpr std::uint8_t kNoticeRecordVersion = 1;

[[nodiscard]] std::string encode_person(const Person& person);
[[nodiscard]] std::optional<Person> decode_person(std::string_view bytes);

[[nodiscard]] std::string encode_session(const Session& session);
[[nodiscard]] std::optional<Session> decode_session(std::string_view bytes);

[[nodiscard]] std::string encode_counter(const TryCounter& counter);
[[nodiscard]] std::optional<TryCounter> decode_counter(std::string_view bytes);

[[nodiscard]] std::string encode_invitation(const Invitation& invitation);
[[nodiscard]] std::optional<Invitation> decode_invitation(std::string_view bytes);

[[nodiscard]] std::string encode_notice(const Notice& notice);
[[nodiscard]] std::optional<Notice> decode_notice(std::string_view bytes);

}  // namespace counterfoil
