#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// The bytes of stored records: a run of fields, each a tag byte, the length as LEB128 (at most 5
// bytes) and that many bytes. Integers are 8 bytes, little-endian.

class FieldWriter {
 public:
  void put(std::uint8_t tag, std::string_view bytes);
  void put_u64(std::uint8_t tag, std::uint64_t value);
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

struct TaggedField {
  std::uint8_t tag;
  std::string_view bytes;
  // as_u64 gives nullopt unless the field has exactly 8 bytes.
  [[nodiscard]] std::optional<std::uint64_t> as_u64() const;
};

// FieldReader walks the fields of borrowed bytes.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}
  // next gives nullopt at the end and after an error; failed() tells which.
  [[nodiscard]] std::optional<TaggedField> next();
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace counterfoil
