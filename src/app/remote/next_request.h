#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "base/time.h"

namespace counterfoil {

// NextRequest is what became of a request.
struct NextRequest {
  bool accepted = false;
  std::string address;  // accepted: from where, and for what
  std::string route;
  NodeJson refusal;  // refused: with what its autopsy found, where that is there
};

inline constexpr std::chrono::minutes kWaitForRequest{15};

// wait_for_request waits for the first request with an API key after `since`. Failure kCannotTell:
// none came within kWaitForRequest.
[[nodiscard]] std::expected<NextRequest, Failure> wait_for_request(const NodeApi& api,
                                                                   CommandContext& context,
                                                                   const NodeJson& key,
                                                                   Timestamp since);

}  // namespace counterfoil
