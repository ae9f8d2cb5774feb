#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace counterfoil {

// What `doctor --live` reads in the answers of a server that is not ours: any bytes at all may
// come. Every error is half a sentence that says what the answer is not.

inline constexpr std::size_t kServerAnswerBytesMax = std::size_t{16} * 1024;
inline constexpr std::size_t kServerAnswerMembersMax = 128;
inline constexpr std::size_t kServerNameBytesMax = 64;
inline constexpr std::size_t kServerTextBytesMax = 200;

// ServerTime is the answer of the time endpoint: {"serverTime":1499827319559}.
struct ServerTime {
  Timestamp time;
  std::chrono::microseconds resolution;  // 1 ms, or 1 us from 10^15 on
};
// parse_server_time takes times of the years 2017 to 2999.
[[nodiscard]] std::expected<ServerTime, std::string> parse_server_time(std::string_view body);

// KeyRights is the answer of GET /sapi/v1/account/apiRestrictions.
struct KeyRights {
  bool ip_restricted = false;
  std::optional<Timestamp> created;
  std::optional<Timestamp> trading_ends;  // "tradingAuthorityExpirationTime"
  // The other members that are true or false, in the order written: "enableReading", ...
  std::vector<std::pair<std::string, bool>> fields;
  // has: the field stands there and is true.
  [[nodiscard]] bool has(std::string_view field) const;
};
// parse_key_rights wants "ipRestrict" and at least one other boolean; names of up to
// kServerNameBytesMax letters, digits and '_'. Members of other kinds are left out.
[[nodiscard]] std::expected<KeyRights, std::string> parse_key_rights(std::string_view body);

// ServerRefusal is {"code":-2015,"msg":"..."}. The text is fit for a terminal and at most
// kServerTextBytesMax long (and an ellipsis).
struct ServerRefusal {
  std::int64_t code = 0;
  std::string text;
};
[[nodiscard]] std::optional<ServerRefusal> parse_refusal(std::string_view body);

// terminal_text makes the beginning of a text that a stranger sent fit for a terminal and for JSON:
// bytes outside of printable ASCII become '?'; beyond kServerTextBytesMax an ellipsis stands.
[[nodiscard]] std::string terminal_text(std::string_view text);

}  // namespace counterfoil
