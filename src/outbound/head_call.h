#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "outbound/http_client.h"

namespace counterfoil {

// kReplyStartBytesMax is all that head_call reads of an answer.
inline constexpr std::size_t kReplyStartBytesMax = 4UL * 1024;

// head_call is HttpClient::call for whom the body of an answer is of no interest, whatever it is:
// the head has to be within kReplyStartBytesMax, and nothing is kept of what came of the body with
// it. It reads the authorities anew each time.
[[nodiscard]] std::expected<HttpReply, std::string> head_call(const HttpPeer& peer,
                                                              const HttpCall& call,
                                                              std::chrono::milliseconds at_most);

// is_address_refused tells the sentence for a name that leads to an address which
// HttpPeer::addresses does not allow: then nothing was connected to.
[[nodiscard]] bool is_address_refused(std::string_view sentence);

}  // namespace counterfoil
