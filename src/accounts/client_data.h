#pragma once

#include <optional>
#include <string_view>

#include "accounts/passkey.h"
#include "base/bytes.h"

namespace counterfoil {

// Inside the room: what a browser says of a ceremony (WebAuthn section 5.8.1).

// fault_of_client_data checks type, challenge, origin and crossOrigin, exactly; nullopt: all as it
// must be. Members that are not known are let be, as the standard demands; a name twice is not.
[[nodiscard]] std::optional<PasskeyFault> fault_of_client_data(std::string_view json,
                                                               std::string_view type,
                                                               ByteView challenge,
                                                               const RelyingParty& party);

}  // namespace counterfoil
