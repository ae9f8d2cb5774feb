// Target: BodyReader and BodyFramer on a chunked body. Properties: both find the same end and the
// same fault (but for the size, which the framer does not limit), however the bytes arrive; the
// body never outgrows its limit; and the decoded body, coded anew, decodes to itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/http/body.h"
#include "wire/http/body_framing.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/write.h"

namespace {

using namespace counterfoil::http;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

constexpr Limits kLimits{.body_bytes_max = 40,
                         .chunk_line_bytes_max = 30,
                         .chunk_extensions_bytes_max = 40,
                         .trailers_bytes_max = 60};
constexpr BodyFraming kChunked{.mode = BodyMode::kChunked};

struct Outcome {
  std::size_t consumed = 0;
  bool complete = false;
  std::optional<RefusalKind> refusal;
  std::string body;

  bool operator==(const Outcome&) const = default;
};

// feed gives `take` the input, `step` bytes at a time, each piece in a block of memory of its own,
// until the body ends or is refused. What a refused body holds by then does not matter.
template <typename Take>
Outcome feed(std::string_view input, std::size_t step, Take take) {
  Outcome outcome;
  while (outcome.consumed < input.size() && !outcome.complete) {
    const std::string_view piece = input.substr(outcome.consumed, step);
    const std::vector<char> block(piece.begin(), piece.end());
    const auto progress = take(std::string_view(block.data(), block.size()), outcome.body);
    if (!progress) {
      return {.refusal = progress.error().kind};
    }
    require(progress->consumed <= block.size());
    require(progress->consumed == block.size() || progress->complete);
    outcome.consumed += progress->consumed;
    outcome.complete = progress->complete;
  }
  return outcome;
}

Outcome read(std::string_view input, std::size_t step, const Limits& limits = kLimits) {
  BodyReader reader;
  require(reader.begin(kChunked, limits).has_value());
  const Outcome outcome = feed(input, step, [&](std::string_view piece, std::string& body) {
    const auto progress = reader.read(piece, body);
    require(body.size() <= limits.body_bytes_max);
    return progress;
  });
  require(outcome.refusal || reader.may_end_at_close() == outcome.complete);
  return outcome;
}

Outcome frame(std::string_view input, std::size_t step) {
  BodyFramer framer;
  framer.begin(kChunked, kLimits);
  return feed(input, step,
              [&](std::string_view piece, std::string&) { return framer.advance(piece); });
}

void check_coded_anew(const std::string& body) {
  std::string coded;
  const std::size_t half = body.size() / 2;
  append_chunk(coded, std::string_view(body).substr(0, half));
  append_chunk(coded, std::string_view(body).substr(half));
  append_last_chunk(coded);
  const Outcome again = read(coded, coded.size());
  require(again.complete && again.consumed == coded.size() && again.body == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t whole_step = std::max<std::size_t>(size, 1);
  const Outcome whole = read(input, whole_step);
  require(read(input, 1) == whole);
  require(read(input, 7) == whole);
  require(read(input, size / 2 + 1) == whole);

  Outcome framed = frame(input, whole_step);
  require(frame(input, 1) == framed);
  require(frame(input, 7) == framed);
  if (whole.refusal != RefusalKind::kBodyTooLarge) {
    framed.body = whole.body;
    require(framed == whole);
  }
  if (whole.complete) {
    check_coded_anew(whole.body);
  }
  return 0;
}
