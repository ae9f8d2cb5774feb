#pragma once

#include <optional>
#include <string_view>

#include "autopsy/evidence.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::autopsy {

// PastedRequest is a request out of a pasted text, as a server would have seen it, and what is
// known beside it. What the text does not tell (the source address, the session) is empty, so
// nothing is named that only a server can see.
struct PastedRequest {
  RefusedRequest request;
  // The API key that it names where it should; empty: none is told.
  std::string api_key;
  // The instant to judge its time by, and whether somebody told it: else it is the request's own
  // timestamp, and nothing can be said of the clock.
  Timestamp now{};
  bool is_time_told = false;
};

// from_pasted makes it. `at` is when the server got it, if anybody knows; else the Date of the
// answer counts, then the time at which it was written down. A form that shows no headers (a URL, a
// log line) shows no API key either: then `api_key` stands for it, or a stand-in if that is empty.
[[nodiscard]] PastedRequest from_pasted(const pasted::Request& pasted, std::string_view api_key,
                                        std::optional<Timestamp> at);

// guess_scheme tells by its looks what a request was signed with, for whoever has no key to ask.
[[nodiscard]] Scheme guess_scheme(const RefusedRequest& request);

}  // namespace counterfoil::autopsy
