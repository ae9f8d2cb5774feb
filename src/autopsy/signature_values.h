#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/evidence.h"
#include "base/bytes.h"

namespace counterfoil::autopsy {

// Writing is how the bytes of a signature are written.
enum class Writing : std::uint8_t { kHex, kBase64 };

// SignatureValue is one way to read the value that was sent, with the mistakes in its writing.
struct SignatureValue {
  std::vector<std::string_view> causes;
  Writing writing{};
  std::vector<std::uint8_t> bytes;
};

// SignatureValues are the readings of one signature value, those with fewer mistakes first.
// Lenient, for diagnosis only.
class SignatureValues {
 public:
  SignatureValues() = default;
  // read takes off up to two layers that clients put around a value (value_causes()).
  [[nodiscard]] static SignatureValues read(std::string_view signature, Transport transport);

  // match gives the mistakes in the writing of `right`, which is a MAC, where `expected` is how its
  // scheme writes; nullopt: no reading is this MAC. Knows a cut value and lost zeros, too.
  [[nodiscard]] std::optional<std::vector<std::string_view>> match(ByteView right,
                                                                   Writing expected) const;

  // of_size gives the readings that have so many bytes.
  [[nodiscard]] std::vector<const SignatureValue*> of_size(std::size_t bytes) const;
  // causes_of gives a reading's mistakes where `expected` is how the scheme writes.
  [[nodiscard]] static std::vector<std::string_view> causes_of(const SignatureValue& value,
                                                               Writing expected);
  [[nodiscard]] const std::vector<SignatureValue>& all() const { return values_; }
  // hex_digits is how many hex digits the value, without its layers, consists of; 0: it is no hex.
  [[nodiscard]] std::size_t hex_digits() const;

 private:
  // Partial is a value that may be a part of the right one.
  struct Partial {
    std::vector<std::string_view> causes;
    std::string text;
  };
  std::vector<SignatureValue> values_;
  std::vector<Partial> partials_;
};

}  // namespace counterfoil::autopsy
