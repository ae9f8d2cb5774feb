#include "wire/http/response_head.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/byte_classes.h"
#include "wire/http/head_parser.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {
namespace {

constexpr int kStatusMin = 100;
constexpr int kStatusMax = 599;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

bool is_informational(int status) { return status < 200; }

// read_status gives 0 for what is not three digits in range.
int read_status(std::string_view digits) {
  if (digits.size() != 3 || !std::ranges::all_of(digits, is_digit)) {
    return 0;
  }
  const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  return status >= kStatusMin && status <= kStatusMax ? status : 0;
}

}  // namespace

// ResponseParser adds to HeadParser what a status line says.
class ResponseParser final : public HeadParser {
 public:
  ResponseParser(std::string_view buffer, const Limits& limits, ResponseHead& head)
      : HeadParser(buffer, limits, head, Kind::kAnswer), head_(head) {}

 private:
  Reading take_first_line(std::string_view line) override;
  Reading check_whole() override;

  ResponseHead& head_;
};

HeadParser::Reading ResponseParser::take_first_line(std::string_view line) {
  // RFC 9112 section 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
  constexpr std::size_t kVersionSize = 8;
  constexpr std::size_t kStatusAt = kVersionSize + 1;
  constexpr std::size_t kReasonAt = kStatusAt + 4;
  const std::string_view version = line.substr(0, kVersionSize);
  const bool minor_1 = version == "HTTP/1.1";
  if (!minor_1 && version != "HTTP/1.0") {
    return refuse_for(RefusalKind::kStatusLineMalformed);
  }
  set_minor_version(minor_1 ? 1 : 0);
  if (line.size() < kReasonAt || line[kVersionSize] != ' ' || line[kReasonAt - 1] != ' ') {
    return refuse_for(RefusalKind::kStatusLineMalformed);
  }
  head_.status_ = read_status(line.substr(kStatusAt, 3));
  head_.reason_ = line.substr(kReasonAt);
  return head_.status_ == 0 ? refuse_for(RefusalKind::kStatusLineMalformed) : Reading::kDone;
}

HeadParser::Reading ResponseParser::check_whole() {
  // RFC 9110 section 8.6 and RFC 9112 section 6.1 forbid both headers here. A length of 0, which
  // well-known servers write all the same, is one that no reader can misread.
  const bool never_framed = is_informational(head_.status_) || head_.status_ == kNoContent;
  const bool announces_body = head_.chunked() || head_.content_length().value_or(0) != 0;
  return never_framed && announces_body ? refuse_for(RefusalKind::kFramingConflict)
                                        : Reading::kDone;
}

BodyFraming ResponseHead::body_framing(Method method) const {
  if (method == Method::kHead || is_informational(status_) || status_ == kNoContent ||
      status_ == kNotModified) {
    return {};
  }
  if (chunked()) {
    return {.mode = BodyMode::kChunked};
  }
  if (const auto length = content_length()) {
    return {.mode = BodyMode::kLength, .length = *length};
  }
  return {.mode = BodyMode::kUntilClose};
}

std::expected<std::optional<std::size_t>, ResponseFault> parse_response_head(
    std::string_view buffer, const Limits& limits, ResponseHead& head) {
  const auto parsed = ResponseParser(buffer, limits, head).parse();
  if (!parsed) {
    return std::unexpected(ResponseFault{.kind = parsed.error()});
  }
  return *parsed;
}

}  // namespace counterfoil::http
