#include "base/tagged_fields.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace counterfoil {

void FieldWriter::put(std::uint8_t tag, std::string_view bytes) {
  bytes_.push_back(static_cast<char>(tag));
  std::uint64_t size = bytes.size();
  for (; size >= 0x80; size >>= 7U) {
    bytes_.push_back(static_cast<char>((size & 0x7fU) | 0x80U));
  }
  bytes_.push_back(static_cast<char>(size));
  bytes_.append(bytes);
}

void FieldWriter::put_u64(std::uint8_t tag, std::uint64_t value) {
  std::array<char, 8> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xffU);
    value >>= 8U;
  }
  put(tag, {bytes.data(), bytes.size()});
}

std::optional<std::uint64_t> TaggedField::as_u64() const {
  if (bytes.size() != 8) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) {
    value = (value << 8U) | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

std::optional<TaggedField> FieldReader::next() {
  if (rest_.empty() || failed_) {
    return std::nullopt;
  }
  const auto tag = static_cast<std::uint8_t>(rest_[0]);
  std::uint64_t size = 0;
  std::size_t used = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (used == rest_.size() || shift > 28) {
      failed_ = true;
      return std::nullopt;
    }
    const auto byte = static_cast<std::uint8_t>(rest_[used]);
    ++used;
    size |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) {
      break;
    }
  }
  if (size > rest_.size() - used) {
    failed_ = true;
    return std::nullopt;
  }
  const TaggedField field{tag, rest_.substr(used, size)};
  rest_.remove_prefix(used + size);
  return field;
}

}  // namespace counterfoil
