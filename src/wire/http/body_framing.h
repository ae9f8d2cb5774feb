#pragma once

#include <cstdint>

namespace counterfoil::http {

// BodyMode says how the end of a body is found.
enum class BodyMode : std::uint8_t {
  kNone,        // there is no body
  kLength,      // after BodyFraming::length bytes
  kChunked,     // by the chunked coding, trailer section included
  kUntilClose,  // where the peer closes; answers only
};

// BodyFraming is what a head says of the body behind it. Heads give it, BodyReader and BodyFramer
// take it.
struct BodyFraming {
  BodyMode mode = BodyMode::kNone;
  std::uint64_t length = 0;  // bytes; kLength only

  bool operator==(const BodyFraming&) const = default;
};

}  // namespace counterfoil::http
