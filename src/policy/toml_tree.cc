#include "policy/toml_tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// The distribution's shared toml++ throws. This file uses the headers alone, which with
// TOML_EXCEPTIONS=0 report errors as values.
#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
// Some malformed documents ("[[[") reach an assertion of the library, which would end the process
// or, where NDEBUG turns assertions into assumptions, leave the rest undefined. Ours leaves the
// parser instead, up to parse_toml and no further. The library's own header sets the macros first.
#include <toml++/impl/preprocessor.h>  // NOLINT(misc-include-cleaner): for the two macros
#undef TOML_ASSERT
#undef TOML_ASSERT_ASSUME
namespace {
struct TomlAssertion {};
}  // namespace
#define TOML_ASSERT(expr)    \
  do {                       \
    if (!(expr)) {           \
      throw TomlAssertion(); \
    }                        \
  } while (false)
#define TOML_ASSERT_ASSUME(expr) TOML_ASSERT(expr)
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wterminate"  // In its noexcept functions: as its assert would.
#endif
#include <toml++/toml.h>  // NOLINT(misc-include-cleaner): its parts cannot be included alone
#pragma GCC diagnostic pop

namespace counterfoil {
namespace {

// NOLINTBEGIN(misc-include-cleaner): see above.

std::optional<TomlError> find_line_with_many_dots(std::string_view text) {
  std::uint32_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t first = line.find_first_not_of(" \t");
    const bool is_comment = first != std::string_view::npos && line[first] == '#';
    if (!is_comment &&
        static_cast<std::size_t>(std::ranges::count(line, '.')) > kTomlDotsPerLineMax) {
      return TomlError{
          .line = line_number,
          .column = 1,
          .sentence = "This line has more than " + std::to_string(kTomlDotsPerLineMax) + " dots."};
    }
  }
  return std::nullopt;
}

// find_line_with_odd_header is where a table header begins that no name follows: what the library
// asserts of a document.
std::uint32_t find_line_with_odd_header(std::string_view text) {
  constexpr std::string_view kNameBegins =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_\"'";
  std::uint32_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with('[')) {
      continue;
    }
    line.remove_prefix(line.starts_with("[[") ? 2 : 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || !kNameBegins.contains(line.front())) {
      return line_number;
    }
  }
  return 0;
}

TomlValue convert(const toml::node& node);

void convert_table(const toml::table& table, TomlValue& value) {
  value.kind = TomlValue::Kind::kTable;
  for (const auto& [key, node] : table) {
    const toml::source_region& source = key.source();
    value.members.push_back(TomlMember{.key = std::string(key.str()),
                                       .line = source.begin.line,
                                       .column = source.begin.column,
                                       .value = convert(node)});
  }
  // The library sorts by key; people care for the order they wrote.
  std::ranges::stable_sort(value.members, {},
                           [](const TomlMember& m) { return std::pair(m.line, m.column); });
}

TomlValue convert(const toml::node& node) {
  TomlValue value;
  value.line = node.source().begin.line;
  value.column = node.source().begin.column;
  if (const auto* text = node.as_string()) {
    value.kind = TomlValue::Kind::kString;
    value.text = text->get();
  } else if (const auto* number = node.as_integer()) {
    value.kind = TomlValue::Kind::kInteger;
    value.number = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.kind = TomlValue::Kind::kBoolean;
    value.flag = flag->get();
  } else if (const auto* array = node.as_array()) {
    value.kind = TomlValue::Kind::kArray;
    for (const toml::node& item : *array) {
      value.items.push_back(convert(item));
    }
  } else if (const auto* table = node.as_table()) {
    convert_table(*table, value);
  }
  return value;
}

}  // namespace

std::expected<TomlValue, TomlError> parse_toml(std::string_view text) {
  if (auto error = find_line_with_many_dots(text)) {
    return std::unexpected(*std::move(error));
  }
  try {
    const toml::parse_result result = toml::parse(text);
    if (!result) {
      const toml::parse_error& error = result.error();
      return std::unexpected(TomlError{.line = error.source().begin.line,
                                       .column = error.source().begin.column,
                                       .sentence = std::string(error.description()) + "."});
    }
    return convert(result.table());
  } catch (const TomlAssertion&) {
    return std::unexpected(
        TomlError{.line = find_line_with_odd_header(text),
                  .column = 1,
                  .sentence = "A table's name begins with a character that no name begins with: is "
                              "there a '[' too many?"});
  }
}

// NOLINTEND(misc-include-cleaner)

std::string_view describe_kind(TomlValue::Kind kind) {
  switch (kind) {
    case TomlValue::Kind::kString:
      return "a string";
    case TomlValue::Kind::kInteger:
      return "a whole number";
    case TomlValue::Kind::kBoolean:
      return "true or false";
    case TomlValue::Kind::kArray:
      return "an array";
    case TomlValue::Kind::kTable:
      return "a table";
    case TomlValue::Kind::kOther:
      return "a fraction or a date";
  }
  std::unreachable();
}

}  // namespace counterfoil
