#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace counterfoil {

// UpstreamStanding says whether a target of the upstream gets requests.
enum class UpstreamStanding : std::uint8_t {
  kUp,
  kOnTrial,  // back after it was out: the next fault puts it out again, the next answer ends it
  kOut,      // gets none until a probe goes well
};

// UpstreamFault is what counts against a target.
enum class UpstreamFault : std::uint8_t {
  kUnreachable,  // refused, no route, not in time, or no handshake
  kTimeout,      // it answered neither this request in time nor any other meanwhile
  kBroken,       // it broke off its answer, or that was not HTTP
  kUnwell,       // it answered the health path with other than 2xx or 3xx
};

// UpstreamTargetState is one target at one instant, for the operator.
struct UpstreamTargetState {
  std::string url;
  UpstreamStanding standing = UpstreamStanding::kUp;
  std::uint32_t failures = 0;  // in a row, up to now
  std::optional<UpstreamFault> last_fault;
  // Of one that is out:
  std::chrono::milliseconds out_for{0};
  std::chrono::milliseconds next_probe_in{0};
};

// UpstreamChange says that a target went out or came back.
struct UpstreamChange {
  std::string url;
  bool is_out = false;
  UpstreamFault fault = UpstreamFault::kUnreachable;  // the last one
  std::chrono::milliseconds next_probe_in{0};         // when it went out
};

[[nodiscard]] inline std::string_view name_of(UpstreamStanding standing) {
  switch (standing) {
    case UpstreamStanding::kUp:
      return "up";
    case UpstreamStanding::kOnTrial:
      return "on_trial";
    case UpstreamStanding::kOut:
      return "out";
  }
  std::unreachable();
}

[[nodiscard]] inline std::string_view name_of(UpstreamFault fault) {
  switch (fault) {
    case UpstreamFault::kUnreachable:
      return "unreachable";
    case UpstreamFault::kTimeout:
      return "timeout";
    case UpstreamFault::kBroken:
      return "broken";
    case UpstreamFault::kUnwell:
      return "unwell";
  }
  std::unreachable();
}

}  // namespace counterfoil
