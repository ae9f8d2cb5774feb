#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {

// StrictReader reads fields in the order of their tags, each exactly once unless it is said that
// there may be none or many. After the first thing wrong it only says so: whole() is false.
class StrictReader {
 public:
  StrictReader(std::string_view bytes, std::uint8_t version) : fields_(body_of(bytes)) {
    is_fine_ = !bytes.empty() && static_cast<std::uint8_t>(bytes.front()) == version;
    next();
  }
  explicit StrictReader(std::string_view fields) : fields_(fields) { next(); }

  [[nodiscard]] bool has(std::uint8_t tag) const { return present_ && present_->tag == tag; }

  std::string_view text(std::uint8_t tag) {
    if (!has(tag)) {
      is_fine_ = false;
      return {};
    }
    const std::string_view bytes = present_->bytes;
    next();
    return bytes;
  }
  // id reads what new_id (authority/new_session.h) gives: 32 lower-case hex digits.
  std::string_view id(std::uint8_t tag) {
    constexpr std::size_t kIdSize = 32;
    const std::string_view found = text(tag);
    require(found.size() == kIdSize && std::ranges::all_of(found, [](char c) {
              return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            }));
    return found;
  }
  std::uint64_t number(std::uint8_t tag) {
    const auto value = has(tag) ? present_->as_u64() : std::nullopt;
    is_fine_ = is_fine_ && value.has_value();
    next();
    return value.value_or(0);
  }
  std::uint32_t small(std::uint8_t tag) {
    const std::uint64_t value = number(tag);
    is_fine_ = is_fine_ && value <= UINT32_MAX;
    return static_cast<std::uint32_t>(value);
  }
  Timestamp time(std::uint8_t tag) { return from_unix_us(static_cast<std::int64_t>(number(tag))); }
  bool flag(std::uint8_t tag) {
    const std::uint64_t value = number(tag);
    is_fine_ = is_fine_ && value <= 1;
    return value == 1;
  }
  // one_of reads an enumeration whose values run from 1 to `last`.
  template <typename Enum>
  Enum one_of(std::uint8_t tag, Enum last) {
    const std::uint64_t value = number(tag);
    is_fine_ = is_fine_ && value >= 1 && value <= static_cast<std::uint64_t>(last);
    return is_fine_ ? static_cast<Enum>(value) : last;
  }
  template <typename Array>
  Array array(std::uint8_t tag) {
    Array made{};
    const ByteView bytes = as_bytes(text(tag));
    is_fine_ = is_fine_ && bytes.size() == made.size();
    if (is_fine_) {
      std::ranges::copy(bytes, made.begin());
    }
    return made;
  }
  std::vector<std::uint8_t> bytes(std::uint8_t tag) {
    const ByteView view = as_bytes(text(tag));
    return {view.begin(), view.end()};
  }
  // parsed reads what `parse` makes of the text; nullopt is a fault.
  template <typename Parse>
  auto parsed(std::uint8_t tag, const Parse& parse) {
    auto made = parse(text(tag));
    is_fine_ = is_fine_ && made.has_value();
    return made;
  }
  void require(bool fine) { is_fine_ = is_fine_ && fine; }

  [[nodiscard]] bool whole() const { return is_fine_ && !present_ && !fields_.failed(); }

 private:
  static std::string_view body_of(std::string_view bytes) {
    return bytes.substr(std::min<std::size_t>(1, bytes.size()));
  }
  void next() { present_ = fields_.next(); }

  FieldReader fields_;
  std::optional<TaggedField> present_;
  bool is_fine_ = true;
};

}  // namespace counterfoil
