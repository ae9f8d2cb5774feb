#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "base/time.h"
#include "outbound/http_client.h"

namespace counterfoil {

// TimedReply is an answer, and what its round trip was: without looking the name up, connecting and
// TLS, which a client that keeps its connection does not wait for.
struct TimedReply {
  HttpReply reply;
  BootTime sent_at;      // as the first byte of the request was about to go out
  BootTime answered_at;  // as the last byte of the answer was in
};

// timed_call is HttpClient::call to a peer, with its limits and errors. It reads the authorities
// anew each time.
[[nodiscard]] std::expected<TimedReply, std::string> timed_call(const HttpPeer& peer,
                                                                const HttpCall& call,
                                                                std::chrono::milliseconds at_most);

}  // namespace counterfoil
