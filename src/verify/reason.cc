#include "verify/reason.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace counterfoil {

// clang-format off
constexpr std::array<ReasonRow, kReasonCount> kReasons = {{
    {Reason::kRouteUnknown, "route_unknown", Category::kNotFound,
     "No such route.", "Check method and path against the API's documentation."},
    {Reason::kAddressOverBudget, "address_over_budget", Category::kLimited,
     "This address used more request weight than it may in a minute.", "Wait for Retry-After seconds and send less; all keys behind one address share the budget."},
    {Reason::kAddressBanned, "address_banned", Category::kLimited,
     "This address went on after it was told to wait, and is shut out for a while.", "Stop sending until Retry-After has passed."},
    {Reason::kApiKeyMissing, "api_key_missing", Category::kUnauthenticated,
     "The request names no API key.", "Send the API key in the header the API asks for."},
    {Reason::kApiKeyRepeated, "api_key_repeated", Category::kBadInput,
     "The request names an API key more than once.", "Send the API key header exactly once."},
    {Reason::kApiKeyMalformed, "api_key_malformed", Category::kUnauthenticated,
     "The API key does not have the form of one: 64 letters and digits.", "Copy the API key again, without blanks or quotes; make sure it is the key and not the secret."},
    {Reason::kApiKeyChecksum, "api_key_checksum", Category::kUnauthenticated,
     "The API key's checksum is wrong: a character was lost or mistyped.", "Copy the API key again."},
    {Reason::kSignatureMissing, "signature_missing", Category::kBadInput,
     "The request carries no signature.", "Sign the request and add the signature parameter."},
    {Reason::kTimestampMissing, "timestamp_missing", Category::kBadInput,
     "The request carries no timestamp.", "Add the timestamp parameter, in milliseconds, before signing."},
    {Reason::kReservedParameterRepeated, "reserved_parameter_repeated", Category::kBadInput,
     "signature, timestamp or recvWindow stands more than once in query and body together.", "Send each of them once."},
    {Reason::kReservedParameterDisguised, "reserved_parameter_disguised", Category::kBadInput,
     "A reserved parameter's name is percent-encoded or written in other letter case.", "Write the names signature, timestamp, recvWindow and apiKey exactly so."},
    {Reason::kSignatureNotLast, "signature_not_last", Category::kBadInput,
     "This server demands the signature as the last parameter.", "Append the signature after all other parameters."},
    {Reason::kParameterRepeated, "parameter_repeated", Category::kBadInput,
     "A parameter stands twice in one part of the request.", "Send each parameter once."},
    {Reason::kParameterMalformed, "parameter_malformed", Category::kBadInput,
     "A parameter has no name, no '=', or a broken percent escape.", "Write parameters as name=value joined by single '&'."},
    {Reason::kTooManyParameters, "too_many_parameters", Category::kBadInput,
     "The request has more than 100 parameters.", "Split the request."},
    {Reason::kParameterTooLong, "parameter_too_long", Category::kBadInput,
     "A parameter's name is longer than 64 bytes or its value longer than 4 KiB.", "Shorten it."},
    {Reason::kTimestampMalformed, "timestamp_malformed", Category::kBadInput,
     "The timestamp is not a whole number of 1 to 20 digits.", "Send milliseconds since 1970 as digits only."},
    {Reason::kRecvWindowMalformed, "recv_window_malformed", Category::kBadInput,
     "recvWindow is not a positive number of milliseconds.", "Send for example recvWindow=5000."},
    {Reason::kRecvWindowTooLarge, "recv_window_too_large", Category::kBadInput,
     "recvWindow is above 60000 milliseconds.", "Send 60000 or less; 5000 serves nearly everybody."},
    {Reason::kRecvWindowPrecision, "recv_window_precision", Category::kBadInput,
     "recvWindow has more than three decimals.", "Round it to three decimals."},
    {Reason::kTimestampImplausible, "timestamp_implausible", Category::kBadInput,
     "The timestamp lies before 2017 or more than 10 s ahead: probably seconds instead of milliseconds, or a clock never set.", "Send milliseconds (13 digits) or microseconds (16 digits) and set the clock."},
    {Reason::kTimestampAhead, "timestamp_ahead", Category::kOutsideWindow,
     "The client's clock is 1 s or more ahead of the server's.", "Synchronise the client's clock (NTP), or subtract the offset measured from the time endpoint."},
    {Reason::kTimestampLate, "timestamp_late", Category::kOutsideWindow,
     "The request is older than its recvWindow allows: a slow network, a queue in the client, or a clock behind the server's.", "Synchronise the clock, stamp just before sending, or widen recvWindow."},
    {Reason::kApiKeyUnknown, "api_key_unknown", Category::kUnauthenticated,
     "No API key with this id exists here.", "Check that the key belongs to this environment (live or test)."},
    {Reason::kApiKeyRevoked, "api_key_revoked", Category::kUnauthenticated,
     "This API key was revoked, which is final.", "Create a new API key."},
    {Reason::kPayloadNotAscii, "payload_not_ascii", Category::kUnauthenticated,
     "The signed text holds bytes that are not ASCII.", "Percent-encode parameters first, then sign exactly the text that is sent."},
    {Reason::kSignatureMalformed, "signature_malformed", Category::kUnauthenticated,
     "The signature does not have the form that this key's type has: 64 hex digits for HMAC, padded standard base64 for RSA and Ed25519.", "Encode the signature so, and percent-encode base64 in a URL."},
    {Reason::kSignatureWrong, "signature_wrong", Category::kUnauthenticated,
     "The signature does not belong to the text received and this key.", "Sign exactly the bytes that are sent, with the key pair that belongs to this API key."},
    {Reason::kApiKeySuspended, "api_key_suspended", Category::kUnauthenticated,
     "This API key is suspended.", "Find out who suspended it and why, then resume it."},
    {Reason::kApiKeyExpired, "api_key_expired", Category::kUnauthenticated,
     "This API key has expired.", "Give it a new expiry, or create a new API key."},
    {Reason::kAccountSuspended, "account_suspended", Category::kUnauthenticated,
     "The account that owns this API key is suspended.", "Ask the operator."},
    {Reason::kAddressNotAllowed, "address_not_allowed", Category::kForbidden,
     "The signature is right, but the request came from an address that is not on the key's IP allow-list.", "If the address is yours, add it; if it is not, somebody else has your key: suspend it."},
    {Reason::kPermissionMissing, "permission_missing", Category::kForbidden,
     "This API key lacks the permission that the route needs.", "Tick the permission on the key, or use a key that has it."},
    {Reason::kSymbolNotAllowed, "symbol_not_allowed", Category::kForbidden,
     "The symbol is not on the key's symbol allow-list.", "Add the symbol to the key, or trade another."},
    {Reason::kReplayed, "replayed", Category::kConflict,
     "The same signed request was received before.", "Sign each attempt anew with a fresh timestamp."},
    {Reason::kStampedBeforeStart, "stamped_before_start", Category::kConflict,
     "The request was stamped before this server's start (or the confirmation of its clock) plus one second, so whether it was received before is not known.", "Sign the request anew."},
    {Reason::kPairOverBudget, "pair_over_budget", Category::kLimited,
     "Too many wrong signatures for this key from this address.", "Stop, mend the signing, and try again after a minute."},
    {Reason::kAccountOverWeight, "account_over_weight", Category::kLimited,
     "This account used more request weight than it may.", "Wait for Retry-After seconds."},
    {Reason::kAccountOverOrders, "account_over_orders", Category::kLimited,
     "This account placed more orders than it may in the interval.", "Wait for Retry-After seconds."},
    {Reason::kSelfRevokeMalformed, "self_revoke_malformed", Category::kBadInput,
     "A self-revoke must carry action=self-revoke and apiKey=<the key's id> in the signed text.", "Add both parameters before signing."},
    {Reason::kBodyNotForm, "body_not_form", Category::kBadInput,
     "The body is not application/x-www-form-urlencoded, so its parameters were not read.", "Send parameters as a form body or in the query."},
    {Reason::kContentEncoded, "content_encoded", Category::kUnsupported,
     "Signed routes take no compressed bodies.", "Send the body without Content-Encoding."},
    {Reason::kBodyNotExpected, "body_not_expected", Category::kBadInput,
     "This route takes no body.", "Send the parameters in the query."},
    {Reason::kNotInForce, "not_in_force", Category::kUnavailable,
     "This gateway has no fresh word from the registry and so may not accept anything.", "Try again in a few seconds, or use another gateway."},
    {Reason::kReplayMemoryFull, "replay_memory_full", Category::kUnavailable,
     "The memory of received requests is full.", "Try again in a few seconds."},
    {Reason::kOverloaded, "overloaded", Category::kUnavailable,
     "The gateway has more work than it may queue.", "Try again with a delay that grows."},
    {Reason::kShuttingDown, "shutting_down", Category::kUnavailable,
     "The gateway is shutting down.", "Connect again."},
    {Reason::kUpstreamUnreachable, "upstream_unreachable", Category::kBadGateway,
     "The API behind the gateway could not be reached; the request was not carried out.", "Try again with a delay that grows."},
    {Reason::kUpstreamTimeout, "upstream_timeout", Category::kTimeout,
     "The API behind the gateway did not answer in time; whether the request was carried out is not known.", "Query the state before trying again."},
    {Reason::kUpstreamBroken, "upstream_broken", Category::kBadGateway,
     "The API behind the gateway broke off or answered with something that is not HTTP; whether the request was carried out is not known.", "Query the state before trying again."},
    {Reason::kInternal, "internal", Category::kFault,
     "The gateway failed. The request was not forwarded.", "Tell the operator the request id."},
    {Reason::kApiKeyRestricted, "api_key_restricted", Category::kForbidden,
     "An automatic policy lets this API key only read and cancel, and will suspend it.", "See what the policy wants (keys show), and edit the key: any edit takes the restriction away."},
    {Reason::kUpstreamOut, "upstream_out", Category::kUnavailable,
     "The API behind the gateway has failed again and again and is not asked for the moment; the request was not carried out.", "Wait for Retry-After seconds, then try again with a delay that grows."},
    {Reason::kParameterMissing, "parameter_missing", Category::kBadInput,
     "A parameter that this call must have was not sent or is empty.", "Send the parameter that the answer names."},
    {Reason::kParameterInvalid, "parameter_invalid", Category::kBadInput,
     "A parameter of this call has a value that it cannot have.", "Correct the parameter that the answer names."},
    {Reason::kParameterNotExpected, "parameter_not_expected", Category::kBadInput,
     "A parameter was sent where this call does not take it, such as a public key in the query.", "Send the public key in the body."},
    {Reason::kSubAccountUnknown, "sub_account_unknown", Category::kNotFound,
     "The account of the calling API key has no sub-account of this e-mail.", "Check the e-mail; `counterfoil accounts list --master` shows those of an account."},
    {Reason::kSubAccountSuspended, "sub_account_suspended", Category::kForbidden,
     "The sub-account is suspended and gets no new API keys.", "Ask the operator."},
    {Reason::kSubAccountKeyUnknown, "sub_account_key_unknown", Category::kNotFound,
     "The sub-account has no such API key, or it is revoked.", "List the API keys of the sub-account."},
    {Reason::kPermissionBeyondMaker, "permission_beyond_maker", Category::kForbidden,
     "The calling API key may not give a permission that it lacks itself.", "Ask for less, or use a key that holds the permission."},
    {Reason::kAllowListRequired, "allow_list_required", Category::kBadInput,
     "The API key would hold a permission that needs an IP allow-list, and have none.", "Name the addresses the key is used from: status=2 and ipAddress."},
    {Reason::kAddressNotListed, "address_not_listed", Category::kBadInput,
     "An address that was to be taken off the IP allow-list does not stand there as it was written.", "Send the entries as the list shows them."},
    {Reason::kPublicKeyInvalid, "public_key_invalid", Category::kBadInput,
     "The public key is malformed, too weak, of a type that this call does not take, or cannot be registered here.", "Make a new key pair and send its public key in PEM."},
    {Reason::kTooManyApiKeys, "too_many_api_keys", Category::kConflict,
     "The sub-account has 30 API keys, which is as many as it may.", "Revoke one that is no longer used."},
    {Reason::kOperationUnsupported, "operation_unsupported", Category::kUnsupported,
     "This cannot be done with such an API key, say a FIX permission for a key that is not Ed25519.", "Make an Ed25519 key for it."},
    {Reason::kCallNotNamed, "call_not_named", Category::kBadInput,
     "A signed change over the management API must say in its query which call it is, and this one does not, or names another.", "Add call=METHOD:/path to the query before signing, such as call=POST:/api/v1/keys/KEY/suspend."},
    {Reason::kRoleNotHeld, "role_not_held", Category::kForbidden,
     "This API key acts for all accounts only while somebody who has that role, and may sign in, holds its account; nobody does.", "Have somebody of that role hold the account, or give the key a permission for its own account."},
}};
// clang-format on

static_assert(std::ranges::all_of(kReasons, [](const ReasonRow& row) {
  return &kReasons[static_cast<std::size_t>(row.reason)] == &row && !row.name.empty() &&
         !row.fix.empty();
}));  // Row n describes enumerator n, and the table is complete.
static_assert(static_cast<std::size_t>(Reason::kRoleNotHeld) + 1 == kReasonCount);

const ReasonRow& describe(Reason reason) { return kReasons[static_cast<std::size_t>(reason)]; }

std::optional<Reason> parse_reason(std::string_view name) {
  const auto row = std::ranges::find(kReasons, name, &ReasonRow::name);
  return row == kReasons.end() ? std::nullopt : std::optional(row->reason);
}

int http_status(Category category) {
  switch (category) {
    case Category::kBadInput:
      return 400;
    case Category::kUnauthenticated:
    case Category::kOutsideWindow:
      return 401;
    case Category::kForbidden:
      return 403;
    case Category::kNotFound:
      return 404;
    case Category::kConflict:
      return 409;
    case Category::kUnsupported:
      return 415;
    case Category::kLimited:
      return 429;
    case Category::kBadGateway:
      return 502;
    case Category::kUnavailable:
      return 503;
    case Category::kTimeout:
      return 504;
    case Category::kFault:
      return 500;
  }
  std::unreachable();
}

std::string_view public_text(Category category) {
  switch (category) {
    case Category::kBadInput:
      return "The request is malformed.";
    case Category::kUnauthenticated:
      return "The request is not authenticated.";
    case Category::kOutsideWindow:
      return "The timestamp is outside recvWindow.";
    case Category::kForbidden:
      return "The API key may not do this from here.";
    case Category::kNotFound:
      return "Not found.";
    case Category::kConflict:
      return "This signed request was already received; sign each attempt anew.";
    case Category::kUnsupported:
      return "Unsupported content.";
    case Category::kLimited:
      return "Too many requests.";
    case Category::kBadGateway:
      return "The API behind this gateway could not be reached.";
    case Category::kUnavailable:
      return "Temporarily unavailable; try again.";
    case Category::kTimeout:
      return "The API behind this gateway did not answer in time; the outcome is unknown.";
    case Category::kFault:
      return "Internal error.";
  }
  std::unreachable();
}

}  // namespace counterfoil
