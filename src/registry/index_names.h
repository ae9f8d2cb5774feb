#pragma once

#include <string_view>

namespace counterfoil {

// The indexes of API keys. Names are stored: never reuse one with another rule. A record gets its
// entries with every write, so an index that is added later finds what is written from then on.
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
// kMany: those that are not revoked, by the API key that made them. No record from before this
// index names a maker.
inline constexpr std::string_view kParentIndex = "parent_living";
// kUnique: KeyPair::lookup_hash in hex. The vendor's signature does not cover the API key's id, so
// with one secret or public key under two ids a request of one would pass as the other's.
inline constexpr std::string_view kLookupIndex = "lookup";

// The indexes of accounts; no record from before them is a sub-account.
inline constexpr std::string_view kMasterIndex = "account_master";  // kMany: of one master
inline constexpr std::string_view kEmailIndex = "account_email";    // kUnique: of all masters

// The indexes of people and of what belongs to them.
inline constexpr std::string_view kPersonEmailIndex = "person_email";      // kUnique: normal_email
inline constexpr std::string_view kPersonRoleIndex = "person_role";        // kMany
inline constexpr std::string_view kPersonAccountIndex = "person_account";  // kMany: holders of one
// kUnique: the hash of the token with which a person may set a new password.
inline constexpr std::string_view kPasswordResetIndex = "password_reset";
// kUnique: SHA-256 in hex of a passkey's id, which may be longer than an index value.
inline constexpr std::string_view kPasskeyIndex = "passkey";
inline constexpr std::string_view kIdentityIndex = "identity";       // kUnique: identity_id
inline constexpr std::string_view kSessionIndex = "session_person";  // kMany: of one person
inline constexpr std::string_view kSetupIndex = "setup";  // kMany: kSetupValue for set-up tokens
inline constexpr std::string_view kSetupValue = "yes";
inline constexpr std::string_view kEnrolmentIdIndex = "enrolment_id";            // kUnique
inline constexpr std::string_view kEnrolmentAccountIndex = "enrolment_account";  // kMany
inline constexpr std::string_view kWebhookAccountIndex = "webhook_account";      // kMany
// kUnique: "<account>/<n>", n from 1 to kWebhooksPerAccountMax: so there are no more.
inline constexpr std::string_view kWebhookSlotIndex = "webhook_slot";
inline constexpr std::string_view kBegunIndex = "invitation_begun";  // kUnique: by the person

}  // namespace counterfoil
