#pragma once

#include <optional>
#include <string>

#include "autopsy/evidence.h"
#include "base/time.h"
#include "wire/pasted/pasted.h"

namespace counterfoil {

// take_evidence makes a request out of a text what an autopsy looks at. What the text does not tell
// (an address, a connection's session) stays empty. It takes what may be secret out of `request`
// (query, body, headers, message) and leaves the rest.
[[nodiscard]] autopsy::RefusedRequest take_evidence(pasted::Request& request);

// stamp_of gives the instant that a request claims for itself: its timestamp in seconds, milli-,
// micro- or nanoseconds, by its number of digits, or SendingTime; nullopt: it has no such one.
[[nodiscard]] std::optional<Timestamp> stamp_of(const autopsy::RefusedRequest& request);

// api_key_of gives the text that stands in the place of the API key; empty: none.
[[nodiscard]] std::string api_key_of(const autopsy::RefusedRequest& request);

}  // namespace counterfoil
