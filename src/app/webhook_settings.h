#pragma once

#include <expected>

#include "app/command_context.h"
#include "app/config.h"
#include "outbound/webhook_receiver.h"

namespace counterfoil {

// read_webhooks gives where webhooks may go besides public addresses and port 443. The failure
// names the setting and what to write instead.
[[nodiscard]] std::expected<ReceiverRules, Failure> read_webhooks(const Config& config);

}  // namespace counterfoil
