#include "wire/fix/fix_fields.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace counterfoil::fix {
namespace {

constexpr std::uint32_t kBeginString = 8;
constexpr std::uint32_t kBodyLength = 9;
constexpr std::uint32_t kCheckSum = 10;
constexpr std::uint32_t kMsgType = 35;
constexpr std::size_t kTagDigitsMax = 9;

std::optional<std::uint32_t> number(std::string_view digits) {
  std::uint32_t value = 0;
  if (digits.empty() || digits.size() > kTagDigitsMax) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  return error == std::errc() && end == digits.end() ? std::optional(value) : std::nullopt;
}

bool is_whole(std::string_view message, const Fields& fields) {
  const auto& all = fields.all;
  if (all.size() < 4 || all[0].tag != kBeginString || all[1].tag != kBodyLength ||
      all[2].tag != kMsgType || all.back().tag != kCheckSum) {
    return false;
  }
  const auto body = static_cast<std::size_t>(all[1].value.end() - message.begin()) + 1;
  const auto end = static_cast<std::size_t>(all.back().value.begin() - message.begin()) -
                   std::string_view("10=").size();
  unsigned sum = 0;
  for (const char c : message.substr(0, end)) {
    sum += static_cast<unsigned char>(c);
  }
  const std::string digits = std::to_string(sum % 256);
  return number(all[1].value) == end - body &&
         all.back().value == std::string(3 - digits.size(), '0') + digits;
}

}  // namespace

std::optional<std::string_view> Fields::find(std::uint32_t tag) const {
  const auto found = std::ranges::find(all, tag, &Field::tag);
  return found == all.end() ? std::nullopt : std::optional(found->value);
}

std::optional<Fields> read_fields(std::string_view message) {
  Fields fields;
  for (std::string_view rest = message; !rest.empty();) {
    const std::size_t end = rest.find(kSoh);
    const std::size_t equals = rest.substr(0, end).find('=');
    const auto tag =
        equals == std::string_view::npos ? std::nullopt : number(rest.substr(0, equals));
    if (end == std::string_view::npos || !tag || fields.all.size() == kFieldsMax) {
      return std::nullopt;
    }
    fields.all.push_back({.tag = *tag, .value = rest.substr(equals + 1, end - equals - 1)});
    rest.remove_prefix(end + 1);
  }
  if (fields.all.empty()) {
    return std::nullopt;
  }
  fields.whole = is_whole(message, fields);
  return fields;
}

}  // namespace counterfoil::fix
