#pragma once

#include <string_view>

#include "base/time.h"
#include "verify/claims.h"

namespace counterfoil {

// replay_horizon is the last instant at which the signed payload could be accepted in any reading
// of it: until then it has to be remembered.
//
// The payload is the query and the body with nothing in between, so a thief may divide the same
// signed bytes elsewhere: "recvW" and "indow=1000" hide the window, and the default one, which may
// be longer, holds; "50" and "00" shorten it; "my" and "recvWindow=60000" show one that was not
// meant. So the horizon is the timestamp plus the longest of the window that was read, the default
// window, and every number that stands behind the parameter's name anywhere in the payload (at
// most kRecvWindowMax). The timestamp itself cannot be moved later by dividing elsewhere: it has to
// be there exactly once, and one division cannot both hide one and show another.
[[nodiscard]] Timestamp replay_horizon(const Claims& claims, std::string_view payload,
                                       std::string_view recv_window_parameter);

}  // namespace counterfoil
