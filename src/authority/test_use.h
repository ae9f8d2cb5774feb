#pragma once

#include <cstdint>
#include <string>

#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"

// For tests alone.
namespace counterfoil {

// test_use is one accepted request of an API key, from 192.0.2.7.
inline UsageRow test_use(const std::string& api_key, Timestamp at, std::uint32_t pair = 1) {
  return {.api_key = api_key,
          .pair = pair,
          .address = IpAddress::parse("192.0.2.7").value(),
          .client = "bot",
          .route = "GET /v1/account",
          .first = at,
          .last = at,
          .count = 1,
          .last_request_id = "r"};
}

}  // namespace counterfoil
