#pragma once

#include <string_view>

namespace counterfoil {

// The indexes of API keys. Names are stored: never reuse one with another rule.
inline constexpr std::string_view kAccountIndex = "account";  // kMany: every API key of an account
// kMany: those that are not revoked. At most kKeysPerAccountMax of an account, so one
// find_by_index() gives them all.
inline constexpr std::string_view kLivingIndex = "account_living";
inline constexpr std::string_view kLabelIndex = "label";    // kMany
inline constexpr std::string_view kVendorIndex = "vendor";  // kMany
// kMany: of those that are not revoked, the minute since 1970 in which they run out.
inline constexpr std::string_view kExpiryIndex = "expiry_minute";
// kMany: kQuietValue for those with a retiring pair that ends when it is quiet.
inline constexpr std::string_view kQuietIndex = "until_quiet";
inline constexpr std::string_view kQuietValue = "yes";
// kUnique: KeyPair::lookup_hash in hex. The vendor's signature does not cover the API key's id, so
// with one secret or public key under two ids a request of one would pass as the other's.
inline constexpr std::string_view kLookupIndex = "lookup";

}  // namespace counterfoil
