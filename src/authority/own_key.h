#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "base/ip_address.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "policy/profile.h"
#include "verify/reason.h"

namespace counterfoil {

// What the authority answers itself to a request that an API key signed: no upstream sees it. Each
// answer is a whole JSON body for status 200.

// api_restrictions_body answers Handler::kApiRestrictions: what the calling API key may do. Fields:
// "ipRestrict" (true: it has an IP allow-list), "createTime" (unix milliseconds), then one boolean
// for each of the profile's api_restriction_fields. Neither label nor addresses nor type of key
// stand in it. Pure, takes microseconds: for the event loop.
//
// Source: the vendor's wallet documents, GET /sapi/v1/account/apiRestrictions.
[[nodiscard]] std::string api_restrictions_body(const LiveKey& key, const Profile& profile);

// check_self_revoke says whether the parameters ask for the end of the very API key that signed
// them: action=self-revoke and apiKey=<its id>, each exactly once, written without any escape,
// whatever else stands beside them. So no captured request for something else can be sent here
// (the vendor's signature covers neither method nor path). `query` is without '?', `body` is the
// form body or empty. Returns kSelfRevokeMalformed otherwise.
[[nodiscard]] std::expected<void, Reason> check_self_revoke(std::string_view query,
                                                            std::string_view body,
                                                            const ApiKeyId& own);

// self_revoke answers Handler::kSelfRevoke: it revokes the API key that signed the admitted request
// and returns once that is in force. It waits for the store and for every event loop, so it must
// not be called on one.
//
// A key that is suspended or expired, or whose account is suspended, may still revoke itself
// (verify's Standing::kNotRevoked): both can be undone, and its holder asks for the end. Its IP
// allow-list holds: elsewhere the key does no harm, and a thief elsewhere must not be able to stop
// a trader with open positions. A key that is revoked already is refused like an unknown one, for
// nobody holds anything to check its signature with.
//
// Errors: kSelfRevokeMalformed (nothing was done); kNotInForce (the store did not answer or a loop
// did not confirm: the revocation may be stored, and the caller may send a new request). Give the
// admission back (Gatekeeper::withdraw) after either.
[[nodiscard]] std::expected<std::string, Reason> self_revoke(Issuer& issuer,
                                                             const Admission& admission,
                                                             std::string_view query,
                                                             std::string_view body,
                                                             const IpAddress& source);

}  // namespace counterfoil
