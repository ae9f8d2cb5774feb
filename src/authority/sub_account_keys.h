#pragma once

#include "authority/call_refusal.h"
#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "base/ip_address.h"
#include "policy/profile.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {

// SubAccountCall is one admitted request of a handler that manages keys (policy/route.h).
struct SubAccountCall {
  const Admission& admission;  // its route says which call it is
  const rest::SignedParameters& parameters;
  IpAddress source;
};

// answer_sub_account_call lets an API key with a permission that manages keys make, list, change
// and revoke the API keys of the sub-accounts of its own account. It waits for the store and for
// every event loop, so it must not be called on one.
//
// Which sub-account is said by `email`; one that another master has is answered like one that
// nobody has. Whatever API key of it is named may be changed, whoever made it; none gets a
// permission that the caller lacks, nor the one to manage keys. A key that is made so:
//
//   * has the caller as parent, and so is told of when the caller is revoked;
//   * holds the permissions of SubAccountGift::kAlways as far as the caller does, and those asked
//     for by their sub_account_field;
//   * may trade the symbols that the caller may, if those are limited;
//   * is held to the account's number of keys, the default life and the allow-list of its
//     permissions like any other;
//   * with a public key is registered without a proof of possession, for which the wire has no
//     place (IssuerRules::public_keys_by_keys).
//
//   status    1: usable from anywhere; 2: from `ipAddress` alone; 3: by the application named in
//             `thirdPartyName`, which becomes the key's vendor. Nobody here knows a third party's
//             addresses, so with 3 `ipAddress` may name them.
//   ipAddress comma list of addresses and networks, 500 characters at most. Adding keeps what was
//             listed; the last address is not taken off, for a list of none would be a dead key.
//   flags     a flag that is not sent is false for a new key, and changes nothing of one that is.
//
// Refused with kParameterMissing, kParameterInvalid, kParameterNotExpected (each names one),
// kSubAccountUnknown, kSubAccountSuspended, kSubAccountKeyUnknown (revoked ones too, but for a
// repeated revocation), kPermissionBeyondMaker, kPermissionMissing (the caller was ended or lost
// the permission meanwhile), kAllowListRequired, kAddressNotListed, kPublicKeyInvalid,
// kTooManyApiKeys, kOperationUnsupported; kNotInForce: the store did not answer, and whether it was
// done is not known.
//
// Source: the vendor's sub-account documents, "API Management".
[[nodiscard]] OwnAnswer answer_sub_account_call(Issuer& issuer, const Profile& profile,
                                                const SubAccountCall& call);

}  // namespace counterfoil
