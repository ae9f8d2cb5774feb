#include "wire/http/head_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string_view>

#include "wire/http/byte_classes.h"
#include "wire/http/byte_scan.h"
#include "wire/http/field_rules.h"
#include "wire/http/host.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

constexpr std::size_t kLineEndBytes = 2;
constexpr std::size_t kEmptyLinesMax = 2;

// read_content_length takes 1*DIGIT up to 2^63-1: what every reader behind us can hold, signed or
// not.
std::optional<std::uint64_t> read_content_length(std::string_view text) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (!is_digit(c) || value > (kLargest - digit) / 10) {
      return std::nullopt;
    }
    value = value * 10 + digit;
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

bool is_api_key_name(std::string_view name, const FieldRules& rules) {
  return std::ranges::any_of(rules.api_key_names, [name](std::string_view api_key_name) {
    return same_field_name(name, api_key_name);
  });
}

}  // namespace

std::expected<std::optional<std::size_t>, RefusalKind> HeadParser::parse() {
  // A buffer shorter than what was seen already cannot hold the same bytes: a new message.
  if (head_.stage_ == MessageHead::Stage::kDone || buffer_.size() < head_.scanned_) {
    begin();
  }
  const bool resumed = head_.stage_ == MessageHead::Stage::kFields;
  Reading reading = resumed ? Reading::kDone : read_first_line();
  if (reading == Reading::kDone) {
    reading = read_field_lines();
  }
  if (reading == Reading::kDone && resumed) {
    reading = take_first_line(buffer_.substr(head_.first_line_begin_, head_.first_line_size_));
  }
  if (reading == Reading::kDone) {
    reading = finish();
  }
  if (reading == Reading::kMore) {
    return std::nullopt;
  }
  head_.stage_ = MessageHead::Stage::kDone;
  if (reading == Reading::kRefused) {
    return std::unexpected(refusal_);
  }
  return head_.line_begin_;
}

void HeadParser::begin() {
  head_.stage_ = MessageHead::Stage::kFirstLine;
  head_.line_begin_ = 0;
  head_.scanned_ = 0;
  head_.field_lines_ = 0;
  head_.fields_count_ = 0;
  head_.host_lines_ = 0;
  head_.expect_lines_ = 0;
  head_.has_connection_field_ = false;
  head_.says_close_ = false;
  head_.says_keep_alive_ = false;
  head_.chunked_ = false;
  head_.keep_alive_ = false;
  head_.content_length_.reset();
}

// read_line finds the end of the line that begins at line_begin_ and puts it into line_. A line
// longer than bytes_max is refused at its first byte too many.
HeadParser::Reading HeadParser::read_line(std::size_t bytes_max, RefusalKind too_long) {
  const std::size_t begin = head_.line_begin_;
  const bool all_in_reach = buffer_.size() - begin <= bytes_max;
  const std::size_t bound = all_in_reach ? buffer_.size() : begin + bytes_max + 1;
  const std::size_t stop = find_control(buffer_, std::min(head_.scanned_, bound), bound);
  if (stop == bound) {
    head_.scanned_ = stop;
    return all_in_reach ? Reading::kMore : refuse_for(too_long);
  }
  if (buffer_[stop] != '\r') {
    return refuse_for(buffer_[stop] == '\n' ? RefusalKind::kBareLineFeed
                                            : RefusalKind::kControlByte);
  }
  if (stop + 1 == buffer_.size()) {
    head_.scanned_ = stop;
    return Reading::kMore;
  }
  if (buffer_[stop + 1] != '\n') {
    return refuse_for(RefusalKind::kBareCarriageReturn);
  }
  line_ = buffer_.substr(begin, stop - begin);
  head_.line_begin_ = stop + kLineEndBytes;
  head_.scanned_ = head_.line_begin_;
  return Reading::kDone;
}

HeadParser::Reading HeadParser::read_first_line() {
  do {
    const std::size_t begin = head_.line_begin_;
    const Reading reading =
        read_line(limits_.request_line_bytes_max, RefusalKind::kRequestLineTooLong);
    if (reading != Reading::kDone) {
      return reading;
    }
    // RFC 9112 section 2.2: "a server that is expecting to receive and parse a request-line SHOULD
    // ignore at least one empty line (CRLF) received prior to the request-line."
    if (line_.empty() && kind_ == Kind::kRequest && begin == kEmptyLinesMax * kLineEndBytes) {
      return refuse_for(RefusalKind::kTooManyEmptyLines);
    }
    head_.first_line_begin_ = begin;
  } while (line_.empty() && kind_ == Kind::kRequest);
  head_.first_line_size_ = line_.size();
  head_.fields_begin_ = head_.line_begin_;
  head_.stage_ = MessageHead::Stage::kFields;
  return take_first_line(line_);
}

HeadParser::Reading HeadParser::read_field_lines() {
  const std::size_t lines_max = std::min(limits_.fields_max, MessageHead::kFieldsCapacity);
  for (;;) {
    const std::size_t begin = head_.line_begin_;
    if (head_.field_lines_ == lines_max && begin < buffer_.size() && buffer_[begin] != '\r') {
      return refuse_for(RefusalKind::kTooManyFields);
    }
    const std::size_t used = begin - head_.fields_begin_ + kLineEndBytes;
    const std::size_t left = limits_.fields_bytes_max - std::min(used, limits_.fields_bytes_max);
    const bool line_is_tighter = limits_.field_line_bytes_max <= left;
    const Reading reading =
        read_line(std::min(limits_.field_line_bytes_max, left),
                  line_is_tighter ? RefusalKind::kFieldLineTooLong : RefusalKind::kFieldsTooLarge);
    if (reading != Reading::kDone || line_.empty()) {
      return reading;
    }
    ++head_.field_lines_;
    if (take_field(line_) == Reading::kRefused) {
      return Reading::kRefused;
    }
  }
}

HeadParser::Reading HeadParser::finish() {
  for (std::size_t i = 0; i < head_.fields_count_; ++i) {
    const MessageHead::Place& place = head_.places_[i];
    head_.fields_[i] = {.name = buffer_.substr(place.name_at, place.name_size),
                        .value = buffer_.substr(place.value_at, place.value_size)};
  }
  // RFC 9112 section 9.3: HTTP/1.1 persists unless "close" is said, HTTP/1.0 only if "keep-alive"
  // is.
  head_.keep_alive_ = !head_.says_close_ && (head_.minor_version_ == 1 || head_.says_keep_alive_);
  return check_whole();
}

HeadParser::Reading HeadParser::take_field(std::string_view line) {
  std::size_t name_size = 0;
  std::uint8_t bits = 0;
  for (std::uint8_t bit = 0;
       name_size < line.size() && (bit = kTokenByte[byte_index(line[name_size])]) != 0;
       ++name_size) {
    bits |= bit;
  }
  if (name_size == 0 && is_blank(line.front())) {
    return refuse_for(RefusalKind::kFieldFolded);
  }
  if (name_size == line.size() || line[name_size] != ':') {
    return refuse_for(line.contains(':') ? RefusalKind::kFieldName
                                         : RefusalKind::kFieldWithoutColon);
  }
  if (name_size == 0) {
    return refuse_for(RefusalKind::kFieldName);
  }
  const Field field{.name = line.substr(0, name_size),
                    .value = trim_blanks(line.substr(name_size + 1))};
  if (kind_ == Kind::kRequest) {
    bool dropped = false;
    if (take_request_name(field.name, bits, dropped) == Reading::kRefused) {
      return Reading::kRefused;
    }
    if (dropped) {
      return Reading::kDone;
    }
  }
  const auto place = [this](std::string_view part) {
    return static_cast<std::uint32_t>(part.data() - buffer_.data());
  };
  head_.places_[head_.fields_count_] = {
      .name_at = place(field.name),
      .name_size = static_cast<std::uint32_t>(field.name.size()),
      .value_at = place(field.value),
      .value_size = static_cast<std::uint32_t>(field.value.size())};
  ++head_.fields_count_;
  return take_meaning(field);
}

// take_request_name drops what clients must not say, and refuses what a reader that takes '_' for
// '-' would understand as something else than we do.
HeadParser::Reading HeadParser::take_request_name(std::string_view name, std::uint8_t bits,
                                                  bool& dropped) {
  const bool has_underscore = (bits & kIsUnderscore) != 0;
  const bool is_identity = is_identity_header(name);
  if (has_underscore &&
      (is_identity || is_framing_name(name) || is_api_key_name(name, head_.rules_))) {
    return refuse_for(RefusalKind::kFieldNameUnderscore);
  }
  dropped = has_underscore || (is_identity && head_.rules_.identity == IdentityFields::kDropped);
  return Reading::kDone;
}

// take_meaning keeps what a few names say. Their lengths tell them apart from nearly all others.
HeadParser::Reading HeadParser::take_meaning(const Field& field) {
  const auto is = [&field](std::string_view name) {
    return equals_ignoring_case(field.name, name);
  };
  switch (field.name.size()) {
    case std::string_view("host").size():
      return kind_ == Kind::kRequest && is("host") ? take_host(field.value) : Reading::kDone;
    case std::string_view("expect").size():
      return kind_ == Kind::kRequest && is("expect") ? take_expect(field.value) : Reading::kDone;
    case std::string_view("connection").size():
      return is("connection") ? take_connection(field.value) : Reading::kDone;
    case std::string_view("content-length").size():
      return is("content-length") ? take_content_length(field.value) : Reading::kDone;
    case std::string_view("transfer-encoding").size():
      return is("transfer-encoding") ? take_transfer_encoding(field.value) : Reading::kDone;
    default:
      return Reading::kDone;
  }
}

HeadParser::Reading HeadParser::take_host(std::string_view value) {
  if (head_.host_lines_ != 0) {
    return refuse_for(RefusalKind::kHostRepeated);
  }
  if (!is_host_and_port(value)) {
    return refuse_for(RefusalKind::kHostMalformed);
  }
  head_.host_lines_ = 1;
  head_.host_index_ = head_.fields_count_ - 1;
  return Reading::kDone;
}

HeadParser::Reading HeadParser::take_expect(std::string_view value) {
  if (head_.expect_lines_ != 0 || !equals_ignoring_case(value, "100-continue")) {
    return refuse_for(RefusalKind::kExpectation);
  }
  head_.expect_lines_ = 1;
  return Reading::kDone;
}

HeadParser::Reading HeadParser::take_connection(std::string_view value) {
  if (!is_list_of_tokens(value)) {
    return refuse_for(RefusalKind::kConnectionMalformed);
  }
  head_.has_connection_field_ = true;
  head_.says_close_ = head_.says_close_ || lists(value, "close");
  head_.says_keep_alive_ = head_.says_keep_alive_ || lists(value, "keep-alive");
  return Reading::kDone;
}

HeadParser::Reading HeadParser::take_content_length(std::string_view value) {
  if (head_.content_length_) {
    return refuse_for(RefusalKind::kContentLengthRepeated);
  }
  head_.content_length_ = read_content_length(value);
  if (!head_.content_length_) {
    return refuse_for(RefusalKind::kContentLengthMalformed);
  }
  return head_.chunked_ ? refuse_for(RefusalKind::kFramingConflict) : Reading::kDone;
}

HeadParser::Reading HeadParser::take_transfer_encoding(std::string_view value) {
  if (head_.chunked_) {
    return refuse_for(RefusalKind::kTransferEncodingRepeated);
  }
  if (!equals_ignoring_case(value, "chunked")) {
    return refuse_for(RefusalKind::kTransferEncoding);
  }
  // RFC 9112 section 6.1: "A server or client that receives an HTTP/1.0 message containing a
  // Transfer-Encoding header field MUST treat the message as if the framing is faulty".
  if (head_.minor_version_ == 0) {
    return refuse_for(RefusalKind::kTransferEncodingVersion);
  }
  head_.chunked_ = true;
  return head_.content_length_ ? refuse_for(RefusalKind::kFramingConflict) : Reading::kDone;
}

}  // namespace counterfoil::http
