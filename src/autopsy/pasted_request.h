#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "autopsy/evidence.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::autopsy {

// What makes evidence of a request out of a pasted text.

// take_evidence makes the request as a server would have seen it. What the text does not tell (an
// address, a connection's session) stays empty, so nothing is named that only a server can see. It
// takes what may be secret out of `request` (query, body, headers, message) and leaves the rest.
[[nodiscard]] RefusedRequest take_evidence(pasted::Request& request);

// api_key_of gives the text that stands in the place of the API key; empty: none.
[[nodiscard]] std::string api_key_of(const RefusedRequest& request);

// tells_headers: a text of this form has the request's headers, so that a missing one is missing.
[[nodiscard]] bool tells_headers(pasted::Form form);

// stamp_of gives the instant that a request claims for itself: its timestamp in seconds, milli-,
// micro- or nanoseconds, by its number of digits, or SendingTime; nullopt: it has no such one.
[[nodiscard]] std::optional<Timestamp> stamp_of(const RefusedRequest& request);

// JudgedAt is the instant by which a request's time is judged. `is_told`: somebody tells when it
// came; else it is what the request says of itself, and nothing can be said of the clock.
struct JudgedAt {
  Timestamp time{};
  bool is_told = false;
};
// judged_at: `at` is when the server got it, if anybody knows; else the Date of the answer counts,
// then the time at which `text` says that it was sent. Without all of them and without a timestamp:
// the beginning of time.
[[nodiscard]] JudgedAt judged_at(const RefusedRequest& request, const pasted::Request& text,
                                 std::optional<Timestamp> at);

// guess_scheme tells by its looks what a request was signed with, for whoever has no key to ask.
[[nodiscard]] Scheme guess_scheme(const RefusedRequest& request);

}  // namespace counterfoil::autopsy
