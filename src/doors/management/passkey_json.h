#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "authority/people_desk.h"
#include "authority/second_factor.h"
#include "base/bytes.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"

namespace counterfoil {

// Passkeys as browsers write and read them (W3C Web Authentication Level 3, section 5.1: what
// PublicKeyCredential.toJSON gives, and what parseRequestOptionsFromJSON and
// parseCreationOptionsFromJSON take). Bytes are base64url without padding, within the limits of
// accounts/passkey.h. What a browser adds to a credential beside what we read is passed over.

// read_passkey_answer reads {"challenge_id", "credential": AuthenticationResponseJSON} as the
// member `name`. nullopt: it is absent, or refused.
[[nodiscard]] std::optional<PasskeyAnswer> read_passkey_answer(MemberReader& members,
                                                               std::string_view name);
// read_passkey_registration reads a RegistrationResponseJSON.
[[nodiscard]] PasskeyRegistration read_passkey_registration(MemberReader& members,
                                                            std::string_view name);

// request_options and creation_options are what navigator.credentials is called with. A PIN or a
// finger is always asked for: a touch alone is one factor.
[[nodiscard]] Json request_options(const RelyingParty& party, ByteView challenge,
                                   const std::vector<std::vector<std::uint8_t>>& allowed);
[[nodiscard]] Json creation_options(const RelyingParty& party, ByteView challenge,
                                    const Person& person);

}  // namespace counterfoil
