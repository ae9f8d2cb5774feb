#include "outbound/one_object.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/json/json_members.h"

namespace counterfoil {

std::optional<OneObject> OneObject::read(std::string_view text) {
  auto members = json_text::read_object(text);
  if (!members) {
    return std::nullopt;
  }
  std::set<std::string_view> names;
  for (const json_text::Member& member : *members) {
    if (!names.insert(member.name).second) {
      return std::nullopt;
    }
  }
  OneObject object;
  object.members_ = std::move(*members);
  return object;
}

const json_text::Member* OneObject::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &json_text::Member::name);
  return found == members_.end() ? nullptr : &*found;
}

std::optional<std::string> OneObject::text(std::string_view name) const {
  const json_text::Member* const member = find(name);
  return member != nullptr && member->kind == json_text::Kind::kText ? std::optional(member->text)
                                                                     : std::nullopt;
}

std::optional<std::int64_t> OneObject::number(std::string_view name) const {
  constexpr std::size_t kDigitsMax = 15;
  const json_text::Member* const member = find(name);
  if (member == nullptr || member->kind != json_text::Kind::kNumber ||
      member->raw.size() > kDigitsMax ||
      member->raw.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  (void)std::from_chars(member->raw.data(), member->raw.data() + member->raw.size(), value);
  return value;
}

std::optional<std::vector<std::string>> OneObject::texts(std::string_view name) const {
  const json_text::Member* const member = find(name);
  const auto elements = member != nullptr && member->kind == json_text::Kind::kArray
                            ? json_text::read_array(member->raw)
                            : std::nullopt;
  if (!elements) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const json_text::Member& element : *elements) {
    if (element.kind == json_text::Kind::kText) {
      texts.push_back(element.text);
    }
  }
  return texts;
}

}  // namespace counterfoil
