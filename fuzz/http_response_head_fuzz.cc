// Target: parse_response_head(). Properties: the answer does not depend on how the bytes arrive; a
// head never claims more bytes than there are; what passes has one framing, none where there can be
// none, and header lines that stay single lines when they are passed on.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/http/body_framing.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"
#include "wire/http/write.h"

namespace {

using namespace counterfoil::http;  // NOLINT(google-build-using-namespace)

using Parsed = std::expected<std::optional<std::size_t>, ResponseFault>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

constexpr Limits kLimits{.request_line_bytes_max = 100,
                         .field_line_bytes_max = 100,
                         .fields_bytes_max = 300,
                         .fields_max = 8};

std::string lines_of(const ResponseHead& head) {
  std::string lines;
  for (const Field& field : head.fields()) {
    append_field(lines, field.name, field.value);
  }
  return lines;
}

// Answer is what the parser says, in copies.
struct Answer {
  Parsed parsed;
  int status = 0;
  std::string reason;
  std::string lines;
  BodyFraming framing;
  bool keeps_connection = false;

  bool operator==(const Answer&) const = default;
};

void check_accepted(const ResponseHead& head) {
  require(head.status() >= 100 && head.status() <= 599);
  require(!(head.chunked() && head.content_length()));
  require(head.body_framing(Method::kHead).mode == BodyMode::kNone);
  if (head.status() < 200 || head.status() == 204 || head.status() == 304) {
    require(head.body_framing(Method::kGet).mode == BodyMode::kNone);
  }
  for (const Field& field : head.fields()) {
    require(is_token(field.name));
  }
  // Passed on, each line is one line: the answer has as many of them.
  const std::string written = "HTTP/1.1 200 OK\r\n" + lines_of(head) + "\r\n";
  Limits limits = kLimits;
  limits.field_line_bytes_max += 1;
  limits.fields_bytes_max += limits.fields_max;
  ResponseHead again;
  const Parsed parsed = parse_response_head(written, limits, again);
  // An old version may say less of framing than this one must.
  require(parsed && *parsed == written.size());
  require(again.fields().size() == head.fields().size() && lines_of(again) == lines_of(head));
}

Answer read_grown(std::string_view input, std::size_t first, std::size_t step) {
  ResponseHead head;
  for (std::size_t size = std::min(first, input.size());;
       size = std::min(size + step, input.size())) {
    const std::vector<char> block(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
    Answer answer{.parsed = parse_response_head({block.data(), block.size()}, kLimits, head)};
    if (const std::size_t taken = answer.parsed ? answer.parsed->value_or(0) : 0; taken != 0) {
      require(taken <= size);
      check_accepted(head);
      answer.status = head.status();
      answer.reason = head.reason();
      answer.lines = lines_of(head);
      answer.framing = head.body_framing(Method::kGet);
      answer.keeps_connection = head.keeps_connection(Method::kGet);
      return answer;
    }
    if (!answer.parsed || size == input.size()) {
      return answer;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Answer whole = read_grown(input, size, 1);
  require(read_grown(input, 0, 1) == whole);
  require(read_grown(input, size / 2, size + 1) == whole);
  require(read_grown(input, 1, 7) == whole);
  return 0;
}
