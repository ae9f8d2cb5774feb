#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/chunked.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {

// BodyProgress is what one call took from its input.
//
//   consumed  bytes that belong to this body: all of the input, unless the body ended before.
//   complete  the body has ended; what follows belongs to the next message.
struct BodyProgress {
  std::size_t consumed = 0;
  bool complete = false;

  bool operator==(const BodyProgress&) const = default;
};

// body_in_place is the body as it stands at the start of `input`, when it needs no decoding and is
// there in full; else nullopt, and BodyReader is needed. Does not look at any limit: BodyReader's
// begin() does.
[[nodiscard]] std::optional<std::string_view> body_in_place(const BodyFraming& framing,
                                                            std::string_view input);

// BodyReader collects one body after another. It holds no bytes itself.
class BodyReader {
 public:
  // rules: names refused in a trailer section. Its span must outlive this object.
  explicit BodyReader(FieldRules rules = {}) : chunks_(rules) {}

  // begin starts a body. kBodyTooLarge when the head already says so, before a byte is read.
  [[nodiscard]] std::expected<void, Refusal> begin(const BodyFraming& framing,
                                                   const Limits& limits);
  // read takes the next bytes of the stream, cut anywhere, and appends the decoded body to `body`
  // (which it never lets grow by more than limits.body_bytes_max in all). With an empty input it
  // tells whether the body is complete. After a refusal the body is over and `body` worthless.
  //
  //   errors  kBodyTooLarge; for chunked bodies everything that Refusal's chunk and trailer kinds
  //           say. Trailer fields are dropped; framing, identity and API key names there are
  //           refused.
  [[nodiscard]] std::expected<BodyProgress, Refusal> read(std::string_view input,
                                                          std::string& body);
  // may_end_at_close reports whether the peer may close now: the body is complete, or lasts until
  // then. Else it was cut short.
  [[nodiscard]] bool may_end_at_close() const;

 private:
  [[nodiscard]] std::expected<BodyProgress, Refusal> read_chunked(std::string_view input,
                                                                  std::string& body);

  BodyMode mode_ = BodyMode::kNone;
  std::uint64_t remaining_ = 0;  // kLength: of the body; else: of body_bytes_max
  ChunkedDecoder chunks_;
};

// BodyFramer finds the end of a body without decoding it, so that the raw bytes can be relayed as
// they are. It checks the same rules as BodyReader but for the body's size, which is unlimited.
class BodyFramer {
 public:
  explicit BodyFramer(FieldRules rules = {}) : chunks_(rules) {}

  void begin(const BodyFraming& framing, const Limits& limits);
  // advance looks at the next bytes of the stream, cut anywhere: the first `consumed` of them
  // belong to this message and may be passed on. After a refusal (of an upstream's answer: a fault)
  // none of `input` may.
  [[nodiscard]] std::expected<BodyProgress, Refusal> advance(std::string_view input);
  [[nodiscard]] bool may_end_at_close() const;

 private:
  BodyMode mode_ = BodyMode::kNone;
  std::uint64_t remaining_ = 0;  // kLength
  ChunkedDecoder chunks_;
};

}  // namespace counterfoil::http
