#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/wiped_text.h"
#include "doors/management/json_value.h"

namespace counterfoil {
namespace {

void write_text(std::string_view text, WipedText& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(const JsonValue& value, WipedText& out);

void write_number(std::int64_t number, WipedText& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void write_array(const JsonArray& array, WipedText& out) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    out += i == 0 ? "" : ",";
    write(array[i], out);
  }
  out += ']';
}

void write_object(const JsonObject& object, WipedText& out) {
  std::vector<const JsonMember*> members;
  members.reserve(object.size());
  for (const JsonMember& member : object) {
    members.push_back(&member);
  }
  std::ranges::sort(members, {},
                    [](const JsonMember* member) -> const std::string& { return member->name; });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    out += i == 0 ? "" : ",";
    write_text(members[i]->name, out);
    out += ':';
    write(members[i]->value, out);
  }
  out += '}';
}

// Depth is bounded by the limits of parse_json.
void write(const JsonValue& value, WipedText& out) {
  if (value.is_null()) {
    out += "null";
  } else if (const auto* const flag = value.as<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const auto* const number = value.as<std::int64_t>()) {
    write_number(*number, out);
  } else if (const auto* const text = value.as<WipedText>()) {
    write_text(*text, out);
  } else if (const auto* const array = value.as<JsonArray>()) {
    write_array(*array, out);
  } else if (const auto* const object = value.as<JsonObject>()) {
    write_object(*object, out);
  }
}

}  // namespace

const JsonValue* find_member(const JsonValue& object, std::string_view name) {
  const auto* const members = object.as<JsonObject>();
  if (members == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(*members, name, &JsonMember::name);
  return found == members->end() ? nullptr : &found->value;
}

std::optional<std::string> member_text(const JsonValue& object, std::string_view name) {
  const JsonValue* const value = find_member(object, name);
  const auto* const text = value == nullptr ? nullptr : value->as<WipedText>();
  return text == nullptr ? std::nullopt : std::optional(std::string(std::string_view(*text)));
}

WipedText canonical_json(const JsonValue& value) {
  WipedText out;
  write(value, out);
  return out;
}

}  // namespace counterfoil
