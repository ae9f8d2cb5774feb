#pragma once

#include <array>
#include <string_view>

namespace counterfoil {

// The words that a profile's file has for enumerations: index n is the enumerator of value n. The
// readers and to_toml share them.
inline constexpr std::array<std::string_view, 2> kSecurityWords = {"public", "signed"};
inline constexpr std::array<std::string_view, 4> kEffectWords = {"read", "change", "order",
                                                                 "cancel"};
inline constexpr std::array<std::string_view, 3> kBodyWords = {"none", "form", "any"};
inline constexpr std::array<std::string_view, 11> kHandlerWords = {
    "upstream",
    "authority.api_restrictions",
    "authority.self_revoke",
    "authority.sub_account_create_key",
    "authority.sub_account_create_key_v2",
    "authority.sub_account_list_keys",
    "authority.sub_account_revoke_key",
    "authority.sub_account_set_permissions",
    "authority.sub_account_add_addresses",
    "authority.sub_account_show_addresses",
    "authority.sub_account_remove_addresses"};
inline constexpr std::array<std::string_view, 4> kSubAccountWords = {"never", "asked", "ed25519",
                                                                     "always"};
inline constexpr std::array<std::string_view, 5> kManagementWords = {
    "none", "read_own", "manage_own", "read_all", "manage_all"};
// needs_allow_list = "always": beside true and false.
inline constexpr std::string_view kAlways = "always";
inline constexpr std::array<std::string_view, 2> kSignaturePositionWords = {"anywhere", "last"};
inline constexpr std::array<std::string_view, 2> kSameNameWords = {"pass", "refuse"};
inline constexpr std::array<std::string_view, 2> kReplayedOrdersWords = {"refuse", "pass"};
inline constexpr std::array<std::string_view, 2> kAnswerFormatWords = {"binance", "problem"};
inline constexpr std::array<std::string_view, 4> kLimitTypeWords = {
    "request_weight", "orders", "raw_requests", "account_weight"};
inline constexpr std::array<std::string_view, 2> kLimitOwnerWords = {"address", "account"};
inline constexpr std::array<std::string_view, 4> kLimitIntervalWords = {"second", "minute", "hour",
                                                                        "day"};
inline constexpr std::array<std::string_view, 4> kWeightConditionWords = {"absent", "present",
                                                                          "above", "items_above"};
// Any key will do: written instead of a list of permissions, so that it cannot happen by omission.
inline constexpr std::string_view kAnyPermission = "any";

}  // namespace counterfoil
