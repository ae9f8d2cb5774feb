#include "keys/permission.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/trim.h"

namespace counterfoil {
namespace {

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= PermissionTable::kNameSizeMax &&
         std::ranges::all_of(name, allowed);
}

}  // namespace

std::optional<PermissionTable> PermissionTable::create(std::vector<std::string> names) {
  if (names.size() > kCountMax || !std::ranges::all_of(names, is_name)) {
    return std::nullopt;
  }
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return std::nullopt;
  }
  return PermissionTable(std::move(names));
}

std::optional<PermissionSet> PermissionTable::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end()) {
    return std::nullopt;
  }
  return PermissionSet::of_index(static_cast<std::size_t>(found - names_.begin()));
}

std::expected<PermissionSet, std::string> PermissionTable::parse(
    std::string_view comma_list) const {
  PermissionSet set;
  while (!comma_list.empty()) {
    const std::size_t comma = comma_list.find(',');
    const std::string_view name = trim(comma_list.substr(0, comma), " ");
    comma_list.remove_prefix(comma == std::string_view::npos ? comma_list.size() : comma + 1);
    const auto one = find(name);
    if (!one) {
      return std::unexpected(std::string(name));
    }
    set = set.with(*one);
  }
  return set;
}

std::vector<std::string> PermissionTable::names(PermissionSet set) const {
  std::vector<std::string> listed;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (set.contains_all(PermissionSet::of_index(i))) {
      listed.push_back(names_[i]);
    }
  }
  return listed;
}

std::string PermissionTable::to_text(PermissionSet set) const {
  std::string text;
  for (const std::string& name : names(set)) {
    text += text.empty() ? name : "," + name;
  }
  return text;
}

}  // namespace counterfoil
