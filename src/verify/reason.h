#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace counterfoil {

// Reason says why a request was refused. Values are stored in the journal: append, never renumber.
enum class Reason : std::uint8_t {
  kRouteUnknown,
  kAddressOverBudget,
  kAddressBanned,
  kApiKeyMissing,
  kApiKeyRepeated,
  kApiKeyMalformed,
  kApiKeyChecksum,
  kSignatureMissing,
  kTimestampMissing,
  kReservedParameterRepeated,
  kReservedParameterDisguised,
  kSignatureNotLast,
  kParameterRepeated,
  kParameterMalformed,
  kTooManyParameters,
  kParameterTooLong,
  kTimestampMalformed,
  kRecvWindowMalformed,
  kRecvWindowTooLarge,
  kRecvWindowPrecision,
  kTimestampImplausible,
  kTimestampAhead,
  kTimestampLate,
  kApiKeyUnknown,
  kApiKeyRevoked,
  kPayloadNotAscii,
  kSignatureMalformed,
  kSignatureWrong,
  kApiKeySuspended,
  kApiKeyExpired,
  kAccountSuspended,
  kAddressNotAllowed,
  kPermissionMissing,
  kSymbolNotAllowed,
  kReplayed,
  kStampedBeforeStart,
  kPairOverBudget,
  kAccountOverWeight,
  kAccountOverOrders,
  kSelfRevokeMalformed,
  kBodyNotForm,
  kContentEncoded,
  kBodyNotExpected,
  kNotInForce,
  kReplayMemoryFull,
  kOverloaded,
  kShuttingDown,
  kUpstreamUnreachable,
  kUpstreamTimeout,
  kUpstreamBroken,
  kInternal,
  kApiKeyRestricted,
  kUpstreamOut,
  // What the authority refuses of a call that manages API keys. Its signature was right.
  kParameterMissing,
  kParameterInvalid,
  kParameterNotExpected,
  kSubAccountUnknown,
  kSubAccountSuspended,
  kSubAccountKeyUnknown,
  kPermissionBeyondMaker,
  kAllowListRequired,
  kAddressNotListed,
  kPublicKeyInvalid,
  kTooManyApiKeys,
  kOperationUnsupported,
  // Of a signed call of the management API. Its signature was right.
  kCallNotNamed,
  kRoleNotHeld,
};
inline constexpr std::size_t kReasonCount = 67;

// Category is all a door needs to answer where a profile gives a reason no answer of its own.
enum class Category : std::uint8_t {
  kBadInput,         // 400
  kUnauthenticated,  // 401, one body for all
  kOutsideWindow,    // 401, by the clock alone, before any key is looked at
  kForbidden,        // 403, one body for all
  kNotFound,         // 404
  kConflict,         // 409
  kUnsupported,      // 415
  kLimited,          // 429
  kBadGateway,       // 502
  kUnavailable,      // 503
  kTimeout,          // 504
  kFault,            // 500
};

// ReasonRow describes one Reason. `name` is its stable name in profiles, journal, metrics and JSON.
// `owner_text` is what the API key's owner is told (never the caller); `fix` is the next step, one
// sentence.
struct ReasonRow {
  Reason reason;
  std::string_view name;
  Category category;
  std::string_view owner_text;
  std::string_view fix;
};

extern const std::array<ReasonRow, kReasonCount> kReasons;

[[nodiscard]] const ReasonRow& describe(Reason reason);
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view name);
// http_status is the status of a category where no profile says otherwise.
[[nodiscard]] int http_status(Category category);
// public_text is what a caller is told where no profile says otherwise: it says nothing of key
// state.
[[nodiscard]] std::string_view public_text(Category category);

}  // namespace counterfoil
