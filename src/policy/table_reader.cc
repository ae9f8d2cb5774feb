#include "policy/table_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/did_you_mean.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShownSizeMax = 64;

std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    text += (text.empty() ? "'" : ", '") + std::string(word) + "'";
  }
  return text;
}

}  // namespace

void FirstFault::report(std::uint32_t line, std::uint32_t column, std::string sentence) {
  if (!fault_) {
    fault_ = TomlError{.line = line, .column = column, .sentence = std::move(sentence)};
  }
}

std::string shown(std::string_view text) {
  std::string out(text.substr(0, kShownSizeMax));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text.size() > kShownSizeMax ? out + "..." : out;
}

const TomlValue* TableReader::find(std::string_view key) {
  known_.push_back(key);
  const auto member = std::ranges::find(table_->members, key, &TomlMember::key);
  return member == table_->members.end() ? nullptr : &member->value;
}

const TomlValue* TableReader::require(std::string_view key) {
  const TomlValue* value = find(key);
  if (value == nullptr) {
    fault_->report(*table_, where_ + " lacks '" + std::string(key) + "'.");
  }
  return value;
}

const TomlValue* TableReader::typed(std::string_view key, TomlValue::Kind kind) {
  const TomlValue* value = find(key);
  if (value == nullptr || value->kind == kind) {
    return value;
  }
  fault_->report(*value, "'" + std::string(key) + "' in " + where_ + " must be " +
                             std::string(describe_kind(kind)) + ", not " +
                             std::string(describe_kind(value->kind)) + ".");
  return nullptr;
}

std::string TableReader::text(std::string_view key, std::string_view fallback) {
  const TomlValue* value = typed(key, TomlValue::Kind::kString);
  return value == nullptr ? std::string(fallback) : value->text;
}

std::string TableReader::required_text(std::string_view key) {
  return require(key) == nullptr ? std::string() : text(key, "");
}

std::optional<std::int64_t> TableReader::optional_number(std::string_view key, Range range) {
  const TomlValue* value = typed(key, TomlValue::Kind::kInteger);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->number < range.least || value->number > range.greatest) {
    fault_->report(*value, "'" + std::string(key) + "' in " + where_ + " must be " +
                               std::to_string(range.least) + " to " +
                               std::to_string(range.greatest) + ", not " +
                               std::to_string(value->number) + ".");
    return std::nullopt;
  }
  return value->number;
}

std::int64_t TableReader::number(std::string_view key, Range range, std::int64_t fallback) {
  return optional_number(key, range).value_or(fallback);
}

std::int64_t TableReader::required_number(std::string_view key, Range range) {
  return require(key) == nullptr ? range.least : number(key, range, range.least);
}

bool TableReader::flag(std::string_view key, bool fallback) {
  const TomlValue* value = typed(key, TomlValue::Kind::kBoolean);
  return value == nullptr ? fallback : value->flag;
}

const TomlValue* TableReader::table(std::string_view key) {
  return typed(key, TomlValue::Kind::kTable);
}

const TomlValue* TableReader::array(std::string_view key, std::size_t count_max) {
  const TomlValue* value = typed(key, TomlValue::Kind::kArray);
  if (value != nullptr && value->items.size() > count_max) {
    fault_->report(*value, "'" + std::string(key) + "' in " + where_ + " has " +
                               std::to_string(value->items.size()) + " entries; at most " +
                               std::to_string(count_max) + " are allowed.");
    return nullptr;
  }
  return value;
}

std::vector<std::string> TableReader::texts(std::string_view key, std::size_t count_max) {
  std::vector<std::string> texts;
  const TomlValue* list = array(key, count_max);
  if (list == nullptr) {
    return texts;
  }
  for (const TomlValue& item : list->items) {
    if (item.kind != TomlValue::Kind::kString) {
      fault_->report(item, "'" + std::string(key) + "' in " + where_ + " must hold strings, not " +
                               std::string(describe_kind(item.kind)) + ".");
    }
    texts.push_back(item.text);
  }
  return texts;
}

std::size_t TableReader::choose(std::string_view key, const TomlValue& value,
                                std::span<const std::string_view> words, std::size_t fallback) {
  const auto found = std::ranges::find(words, value.text);
  if (found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  fault_->report(value, "'" + std::string(key) + "' in " + where_ + " cannot be '" +
                            shown(value.text) + "'; it is one of " + join(words) + "." +
                            did_you_mean(value.text, words));
  return fallback;
}

std::size_t TableReader::choice(std::string_view key, std::span<const std::string_view> words,
                                std::size_t fallback) {
  const TomlValue* value = typed(key, TomlValue::Kind::kString);
  return value == nullptr ? fallback : choose(key, *value, words, fallback);
}

std::size_t TableReader::required_choice(std::string_view key,
                                         std::span<const std::string_view> words) {
  return require(key) == nullptr ? 0 : choice(key, words, 0);
}

void TableReader::fault(std::string_view key, std::string sentence) {
  const auto member = std::ranges::find(table_->members, key, &TomlMember::key);
  fault_->report(member == table_->members.end() ? *table_ : member->value, std::move(sentence));
}

void TableReader::finish() {
  for (const TomlMember& member : table_->members) {
    if (std::ranges::find(known_, member.key) == known_.end()) {
      fault_->report(member.line, member.column,
                     "Unknown key '" + shown(member.key) + "' in " + where_ + "." +
                         did_you_mean(member.key, known_));
      return;
    }
  }
}

}  // namespace counterfoil
