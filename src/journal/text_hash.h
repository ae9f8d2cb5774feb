#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace counterfoil {

// TextHash hashes a run of numbers and texts under a key, by the rounds of SipHash-1-3. Strangers
// choose the texts that a recorder sums up by (User-Agents, API keys); without knowing the key they
// cannot choose many of one hash. Unlike a plain concatenation, ("ab", "c") and ("a", "bc") differ.
//
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
class TextHash {
 public:
  using Key = std::array<std::uint64_t, 2>;

  explicit TextHash(const Key& key)
      : v0_(key[0] ^ 0x736f6d6570736575U),
        v1_(key[1] ^ 0x646f72616e646f6dU),
        v2_(key[0] ^ 0x6c7967656e657261U),
        v3_(key[1] ^ 0x7465646279746573U) {}

  TextHash& number(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
    return *this;
  }

  TextHash& text(std::string_view text) {
    number(text.size());
    while (text.size() >= sizeof(std::uint64_t)) {
      number(word_at(text, sizeof(std::uint64_t)));
      text.remove_prefix(sizeof(std::uint64_t));
    }
    return text.empty() ? *this : number(word_at(text, text.size()));
  }

  [[nodiscard]] std::uint64_t finish() {
    v2_ ^= 0xffU;
    return folded();
  }

  // Wide is for who does not want to compare the texts: that two runs of a table of a million have
  // one and the same is less likely than 2^-87.
  struct Wide {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const Wide&) const = default;
  };
  [[nodiscard]] Wide finish_wide() {
    v2_ ^= 0xeeU;
    const std::uint64_t high = folded();
    v1_ ^= 0xddU;
    return {.high = high, .low = folded()};
  }

 private:
  // The missing bytes of a last word are zero: the length went before.
  static std::uint64_t word_at(std::string_view text, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), size);
    return word;
  }

  std::uint64_t folded() {
    round();
    round();
    round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

}  // namespace counterfoil
