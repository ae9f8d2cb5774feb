#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {

// HeadParser is what reading the heads of requests and answers has in common; parse_request_head()
// and parse_response_head() are for callers. One object lives for one call; what has to outlive it
// is in the MessageHead.
//
// Everything is decided in the order of the bytes: each byte of a line is held against the limits
// and the control bytes as soon as it is there, the line's grammar when its CR LF is. So the answer
// does not depend on how the bytes arrived.
class HeadParser {
 public:
  virtual ~HeadParser() = default;

  // parse returns the size of the head, nullopt when it is incomplete, or why it is refused.
  [[nodiscard]] std::expected<std::optional<std::size_t>, RefusalKind> parse();

 protected:
  enum class Kind : std::uint8_t { kRequest, kAnswer };
  enum class Reading : std::uint8_t { kDone, kMore, kRefused };

  HeadParser(std::string_view buffer, const Limits& limits, MessageHead& head, Kind kind)
      : buffer_(buffer), limits_(limits), head_(head), kind_(kind) {}

  // take_first_line reads the request or status line. It is called when the line is whole and, if
  // that was in an earlier call of parse(), once more at the end, for views into today's buffer.
  virtual Reading take_first_line(std::string_view line) = 0;
  // check_whole judges what only the whole head can tell; fields() is filled.
  virtual Reading check_whole() = 0;

  Reading refuse_for(RefusalKind kind) {
    refusal_ = kind;
    return Reading::kRefused;
  }
  void set_minor_version(int version) { head_.minor_version_ = version; }
  [[nodiscard]] bool has_host() const { return head_.host_lines_ != 0; }
  [[nodiscard]] std::string_view host() const { return head_.fields_[head_.host_index_].value; }
  [[nodiscard]] bool has_expect() const { return head_.expect_lines_ != 0; }

 private:
  void begin();
  Reading read_line(std::size_t bytes_max, RefusalKind too_long);
  Reading read_first_line();
  Reading read_field_lines();
  Reading finish();

  Reading take_field(std::string_view line);
  Reading take_request_name(std::string_view name, std::uint8_t bits, bool& dropped);
  Reading take_meaning(const Field& field);
  Reading take_host(std::string_view value);
  Reading take_expect(std::string_view value);
  Reading take_connection(std::string_view value);
  Reading take_content_length(std::string_view value);
  Reading take_transfer_encoding(std::string_view value);

  std::string_view buffer_;
  const Limits& limits_;
  MessageHead& head_;
  Kind kind_;
  RefusalKind refusal_{};
  std::string_view line_;  // what read_line() found, without its CR LF
};

}  // namespace counterfoil::http
