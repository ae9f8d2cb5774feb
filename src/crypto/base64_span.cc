#include "crypto/base64_span.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace counterfoil {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotInAlphabet = 0xff;

constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotInAlphabet);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

// Decoder takes one character after the other and knows when the text has come to its end.
class Decoder {
 public:
  explicit Decoder(std::span<std::uint8_t> out) : out_(out) {}

  // put gives false as soon as the text can no longer be right.
  bool put(char character) {
    if (character == '=') {
      ++padding_;
      // Padding fills a group up and ends the text.
      return digits_ + padding_ <= 4 && digits_ >= 2;
    }
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(character)];
    if (value == kNotInAlphabet || padding_ > 0) {
      return false;
    }
    group_ = (group_ << 6U) | value;
    ++digits_;
    return digits_ < 4 || flush(3);
  }

  // finish gives the number of bytes, nullopt for a cut group or unused bits that are not zero.
  [[nodiscard]] std::optional<std::size_t> finish() {
    if (padding_ == 0) {
      return digits_ == 0 ? std::optional(done_) : std::nullopt;
    }
    if (digits_ + padding_ != 4) {
      return std::nullopt;
    }
    const std::size_t whole_bytes = digits_ - 1;
    group_ <<= 6U * padding_;
    const std::uint32_t unused_bits = group_ & ((1U << (8U * (3U - whole_bytes))) - 1U);
    return unused_bits == 0 && flush(whole_bytes) ? std::optional(done_) : std::nullopt;
  }

 private:
  bool flush(std::size_t whole_bytes) {
    if (out_.size() - done_ < whole_bytes) {
      return false;
    }
    for (std::size_t i = 0; i < whole_bytes; ++i) {
      out_[done_++] = static_cast<std::uint8_t>(group_ >> (16U - (8U * i)));
    }
    group_ = 0;
    digits_ = 0;
    return true;
  }

  std::span<std::uint8_t> out_;
  std::size_t done_ = 0;
  std::uint32_t group_ = 0;
  std::size_t digits_ = 0;   // of the group under way
  std::size_t padding_ = 0;  // '=' seen so far
};

}  // namespace

std::optional<std::size_t> decode_base64(std::string_view text, LineEnds line_ends,
                                         std::span<std::uint8_t> out) {
  Decoder decoder(out);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (line_ends == LineEnds::kSkipped) {
      const bool carriage_return = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
      if (carriage_return || text[i] == '\n') {
        continue;
      }
    }
    if (!decoder.put(text[i])) {
      return std::nullopt;
    }
  }
  return decoder.finish();
}

void encode_base64(ByteView bytes, std::span<std::uint8_t> out) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
    group |= left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8U : 0U;
    group |= left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0U;
    for (std::size_t k = 0; k < 4; ++k) {
      const char digit = k <= left ? kAlphabet[(group >> (18U - (6U * k))) & 63U] : '=';
      out[at++] = static_cast<std::uint8_t>(digit);
    }
  }
}

}  // namespace counterfoil
