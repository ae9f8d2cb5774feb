#include "wire/http/chunked.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "wire/http/byte_classes.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

constexpr std::size_t kSizeDigitsMax = 16;

std::unexpected<Refusal> refused(RefusalKind kind) { return std::unexpected(refuse(kind)); }

}  // namespace

void ChunkedDecoder::begin(const Limits& limits) {
  limits_ = limits;
  state_ = State::kSize;
  remaining_ = 0;
  size_digits_ = 0;
  line_bytes_ = 0;
  extension_bytes_ = 0;
  trailer_bytes_ = 0;
  name_size_ = 0;
}

std::expected<ChunkedDecoder::Piece, Refusal> ChunkedDecoder::next(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size() && state_ != State::kComplete) {
    if (state_ == State::kData) {
      const std::string_view data = input.substr(
          at, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - at)));
      remaining_ -= data.size();
      state_ = remaining_ == 0 ? State::kDataReturn : State::kData;
      return Piece{.consumed = at + data.size(), .data = data};
    }
    if (const Step step = take(input[at]); !step) {
      return std::unexpected(step.error());
    }
    ++at;
  }
  return Piece{.consumed = at, .data = {}};
}

ChunkedDecoder::Step ChunkedDecoder::take(char byte) {
  switch (state_) {
    case State::kSize:
    case State::kExtensionStart:
    case State::kExtension:
    case State::kSizeLineFeed:
      return take_in_size_line(byte);
    case State::kDataReturn:
      state_ = State::kDataLineFeed;
      return byte == '\r' ? Step() : refused(RefusalKind::kChunkDataEnd);
    case State::kDataLineFeed:
      state_ = State::kSize;
      return byte == '\n' ? Step() : refused(RefusalKind::kChunkDataEnd);
    case State::kTrailerStart:
    case State::kTrailerName:
    case State::kTrailerValue:
    case State::kTrailerLineFeed:
    case State::kLastLineFeed:
      return take_in_trailer(byte);
    case State::kData:
    case State::kComplete:
      break;
  }
  return {};
}

// RFC 9112 section 7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
ChunkedDecoder::Step ChunkedDecoder::take_in_size_line(char byte) {
  if (state_ == State::kSizeLineFeed) {
    if (byte != '\n') {
      return refused(RefusalKind::kBareCarriageReturn);
    }
    end_size_line();
    return {};
  }
  if (byte == '\n') {
    return refused(RefusalKind::kBareLineFeed);
  }
  if (byte != '\r' && ++line_bytes_ > limits_.chunk_line_bytes_max) {
    return refused(RefusalKind::kChunkLineTooLong);
  }
  return state_ == State::kSize ? take_size(byte) : take_extension(byte);
}

ChunkedDecoder::Step ChunkedDecoder::take_size(char byte) {
  if (const int digit = hex_value(byte); digit >= 0 && size_digits_ < kSizeDigitsMax) {
    remaining_ = (remaining_ << 4U) | static_cast<std::uint64_t>(digit);
    ++size_digits_;
    return {};
  }
  if (size_digits_ == 0) {
    return refused(RefusalKind::kChunkSize);
  }
  if (byte == '\r') {
    state_ = State::kSizeLineFeed;
    return {};
  }
  if (byte != ';') {
    return refused(RefusalKind::kChunkSize);
  }
  state_ = State::kExtensionStart;
  return count_extension_byte();
}

// Extensions are skipped. Their name has to begin right behind the semicolon, and what could end
// the line for another reader is refused, in quotes too.
ChunkedDecoder::Step ChunkedDecoder::take_extension(char byte) {
  if (state_ == State::kExtensionStart) {
    if (kTokenByte[byte_index(byte)] == 0) {
      return refused(RefusalKind::kChunkExtension);
    }
    state_ = State::kExtension;
  } else if (byte == '\r') {
    state_ = State::kSizeLineFeed;
    return {};
  }
  if (is_control(byte) && byte != '\t') {
    return refused(RefusalKind::kChunkExtension);
  }
  return count_extension_byte();
}

ChunkedDecoder::Step ChunkedDecoder::count_extension_byte() {
  return ++extension_bytes_ > limits_.chunk_extensions_bytes_max
             ? Step(refused(RefusalKind::kChunkExtensionsTooLarge))
             : Step();
}

void ChunkedDecoder::end_size_line() {
  state_ = remaining_ == 0 ? State::kTrailerStart : State::kData;
  size_digits_ = 0;
  line_bytes_ = 0;
}

// RFC 9112 section 7.1.2: trailer-section = *( field-line CRLF ), then an empty line.
ChunkedDecoder::Step ChunkedDecoder::take_in_trailer(char byte) {
  if (state_ == State::kLastLineFeed) {
    state_ = State::kComplete;
    return byte == '\n' ? Step() : refused(RefusalKind::kBareCarriageReturn);
  }
  if (state_ == State::kTrailerStart && byte == '\r') {
    state_ = State::kLastLineFeed;
    return {};
  }
  if (++trailer_bytes_ > limits_.trailers_bytes_max) {
    return refused(RefusalKind::kTrailersTooLarge);
  }
  if (state_ == State::kTrailerLineFeed) {
    state_ = State::kTrailerStart;
    return byte == '\n' ? Step() : refused(RefusalKind::kBareCarriageReturn);
  }
  if (byte == '\n') {
    return refused(RefusalKind::kBareLineFeed);
  }
  if (state_ != State::kTrailerValue) {
    return take_trailer_name(byte);
  }
  if (byte == '\r') {
    state_ = State::kTrailerLineFeed;
    return {};
  }
  return is_control(byte) && byte != '\t' ? Step(refused(RefusalKind::kTrailerMalformed)) : Step();
}

ChunkedDecoder::Step ChunkedDecoder::take_trailer_name(char byte) {
  if (state_ == State::kTrailerStart) {
    name_size_ = 0;
    state_ = State::kTrailerName;
  }
  if (byte == ':' && name_size_ != 0) {
    state_ = State::kTrailerValue;
    return is_forbidden_trailer() ? Step(refused(RefusalKind::kTrailerForbidden)) : Step();
  }
  if (kTokenByte[byte_index(byte)] == 0) {
    return refused(RefusalKind::kTrailerMalformed);
  }
  if (name_size_ < name_.size()) {
    name_[name_size_] = byte;
  }
  ++name_size_;
  return {};
}

// No reserved name is longer than what is kept, but identity headers go by their beginning.
bool ChunkedDecoder::is_forbidden_trailer() const {
  const std::string_view kept(name_.data(), std::min(name_size_, name_.size()));
  if (is_identity_header(kept)) {
    return true;
  }
  return name_size_ <= name_.size() &&
         (is_framing_name(kept) ||
          std::ranges::any_of(rules_.api_key_names, [kept](std::string_view api_key_name) {
            return same_field_name(kept, api_key_name);
          }));
}

}  // namespace counterfoil::http
