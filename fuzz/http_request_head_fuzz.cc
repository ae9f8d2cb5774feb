// Target: parse_request_head() on a stream of pipelined requests. Properties: the answer does not
// depend on how the bytes arrive; a head never claims more bytes than there are; what passes holds
// no byte that a later reader could take for structure; and the head that is written anew from the
// parsed form is read as the same request.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace {

using namespace counterfoil::http;  // NOLINT(google-build-using-namespace)

using Parsed = std::expected<std::optional<std::size_t>, Refusal>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Small enough that the fuzzer reaches every one of them.
constexpr Limits kLimits{.request_line_bytes_max = 200,
                         .field_line_bytes_max = 100,
                         .fields_bytes_max = 300,
                         .fields_max = 8};

// Head is what a RequestHead says, in copies.
struct Head {
  Method method;
  TargetForm form;
  std::string target;
  std::string path;
  std::string query;
  std::string host;
  bool has_query;
  bool high_bytes;
  bool keep_alive;
  bool expect_continue;
  int minor_version;
  std::optional<std::uint64_t> length;
  bool chunked;
  std::vector<std::pair<std::string, std::string>> fields;

  bool operator==(const Head&) const = default;
};

Head copy_of(const RequestHead& head) {
  Head copy{.method = head.method(),
            .form = head.target_form(),
            .target = std::string(head.target()),
            .path = std::string(head.path()),
            .query = std::string(head.query()),
            .host = std::string(head.host()),
            .has_query = head.has_query(),
            .high_bytes = head.query_has_high_bytes(),
            .keep_alive = head.keep_alive(),
            .expect_continue = head.expect_continue(),
            .minor_version = head.minor_version(),
            .length = head.content_length(),
            .chunked = head.chunked(),
            .fields = {}};
  for (const Field& field : head.fields()) {
    copy.fields.emplace_back(field.name, field.value);
  }
  return copy;
}

struct Answer {
  Parsed parsed;
  std::size_t size = 0;  // of a head that is whole
  std::optional<Head> head;

  bool operator==(const Answer&) const = default;
};

// read_grown shows the parser the first bytes, then `step` more at a time, each time in a block of
// memory of exactly that size.
Answer read_grown(std::string_view input, std::size_t first, std::size_t step) {
  RequestHead head;
  for (std::size_t size = std::min(first, input.size());;
       size = std::min(size + step, input.size())) {
    const std::vector<char> block(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
    const Parsed parsed = parse_request_head({block.data(), block.size()}, kLimits, head);
    if (const std::size_t taken = parsed ? parsed->value_or(0) : 0; taken != 0) {
      require(taken <= size);
      return {.parsed = parsed, .size = taken, .head = copy_of(head)};
    }
    if (!parsed || size == input.size()) {
      return {.parsed = parsed};
    }
  }
}

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

void check_accepted(const Head& head) {
  require(!head.host.empty());
  require(!(head.chunked && head.length));
  require(head.path.starts_with('/') || head.path == "*");
  require(head.target == (head.has_query ? head.path + "?" + head.query : head.path));
  require(head.path.find_first_of("\\;#? ") == std::string::npos);
  require(!head.path.contains("//") && !(head.path + "/").contains("/../") &&
          !(head.path + "/").contains("/./"));
  require(is_one_line(head.target) && head.target.find_first_of(" \t#") == std::string::npos);
  for (const auto& [name, value] : head.fields) {
    require(is_token(name) && is_one_line(value));
    require(!name.contains('_') && !is_identity_header(name));
  }
}

void check_written_anew(const Head& head) {
  std::string written;
  append_request_line(written, head.method, head.target);
  for (const auto& [name, value] : head.fields) {
    append_field(written, name, value);
  }
  append_end_of_head(written);
  Limits limits = kLimits;  // "Name: " may be longer than what was sent
  limits.field_line_bytes_max += 1;
  limits.fields_bytes_max += limits.fields_max;
  RequestHead again;
  const Parsed parsed = parse_request_head(written, limits, again);
  // HTTP/1.1 is written whatever was received; what depends on the version is not compared.
  require(parsed && *parsed == written.size());
  Head copy = copy_of(again);
  copy.form = head.form;
  copy.minor_version = head.minor_version;
  copy.keep_alive = head.keep_alive;
  copy.expect_continue = head.expect_continue;
  require(copy == head);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const Answer whole = read_grown(rest, rest.size(), 1);
    require(read_grown(rest, 0, 1) == whole);
    require(read_grown(rest, rest.size() / 2, rest.size() + 1) == whole);
    require(read_grown(rest, 1, 7) == whole);
    if (!whole.head) {
      require(whole.parsed || whole.parsed.error().close);
      return 0;
    }
    // What follows does not change what was read.
    require(read_grown(rest.substr(0, whole.size), rest.size(), 1) == whole);
    check_accepted(*whole.head);
    check_written_anew(*whole.head);
    rest.remove_prefix(whole.size);
  }
}
