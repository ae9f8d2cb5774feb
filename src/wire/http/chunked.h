#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {

// ChunkedDecoder takes the chunked coding apart (RFC 9112 section 7.1), strictly: sizes of 1 to 16
// hex digits, CR LF and nothing else, no white space. BodyReader and BodyFramer use it; others want
// those. Every input byte is looked at once, and none is kept but the start of a trailer's name.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(FieldRules rules) : rules_(rules) {}

  // begin starts a body.
  void begin(const Limits& limits);

  // Piece is what one step found: `data`, a run of body bytes inside the input (or empty), after
  // `consumed` bytes of it. The step ended with the run, with the body, or with the input.
  struct Piece {
    std::size_t consumed;
    std::string_view data;
  };
  [[nodiscard]] std::expected<Piece, Refusal> next(std::string_view input);

  [[nodiscard]] bool complete() const { return state_ == State::kComplete; }
  // announced is how many data bytes of the present chunk are still to come; 0 before its size line
  // has ended.
  [[nodiscard]] std::uint64_t announced() const { return state_ == State::kData ? remaining_ : 0; }

 private:
  enum class State : std::uint8_t {
    kSize,
    kExtensionStart,
    kExtension,
    kSizeLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLineFeed,
    kLastLineFeed,
    kComplete,
  };

  using Step = std::expected<void, Refusal>;
  [[nodiscard]] Step take(char byte);
  [[nodiscard]] Step take_in_size_line(char byte);
  [[nodiscard]] Step take_size(char byte);
  [[nodiscard]] Step take_extension(char byte);
  [[nodiscard]] Step count_extension_byte();
  [[nodiscard]] Step take_in_trailer(char byte);
  [[nodiscard]] Step take_trailer_name(char byte);
  void end_size_line();
  [[nodiscard]] bool is_forbidden_trailer() const;

  FieldRules rules_;
  Limits limits_;
  State state_ = State::kComplete;
  std::uint64_t remaining_ = 0;  // data bytes of this chunk
  std::size_t size_digits_ = 0;
  std::size_t line_bytes_ = 0;
  std::size_t extension_bytes_ = 0;  // of the whole body
  std::size_t trailer_bytes_ = 0;    // of the whole section
  std::size_t name_size_ = 0;        // of this trailer; may exceed what is kept
  std::array<char, kReservedNameSizeMax> name_{};
};

}  // namespace counterfoil::http
