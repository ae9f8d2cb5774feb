#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/toml_tree.h"

namespace counterfoil {

// FirstFault keeps the first thing found wrong with a document, so that reading code runs straight
// on and its caller asks once at the end.
class FirstFault {
 public:
  void report(std::uint32_t line, std::uint32_t column, std::string sentence);
  void report(const TomlValue& at, std::string sentence) {
    report(at.line, at.column, std::move(sentence));
  }
  [[nodiscard]] bool found() const { return fault_.has_value(); }
  [[nodiscard]] const std::optional<TomlError>& fault() const { return fault_; }

 private:
  std::optional<TomlError> fault_;
};

// shown makes text of the document fit to stand in a sentence: at most 64 characters, others than
// printable ASCII as '?'.
[[nodiscard]] std::string shown(std::string_view text);

// Range is the least and the greatest number allowed.
struct Range {
  std::int64_t least;
  std::int64_t greatest;
};

// TableReader reads one table strictly: what has another type than asked for is a fault, and so is
// every key that nobody asked for by the time finish() is called. After a fault it answers with
// fallbacks. Borrows the table and the fault.
class TableReader {
 public:
  // `where` names the table in sentences: "[signing]".
  TableReader(const TomlValue& table, std::string where, FirstFault& fault)
      : table_(&table), where_(std::move(where)), fault_(&fault) {}

  // find marks `key` as known. nullptr: absent.
  const TomlValue* find(std::string_view key);
  // require is find, and absence is a fault.
  const TomlValue* require(std::string_view key);

  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback);
  [[nodiscard]] std::string required_text(std::string_view key);
  [[nodiscard]] std::int64_t number(std::string_view key, Range range, std::int64_t fallback);
  [[nodiscard]] std::int64_t required_number(std::string_view key, Range range);
  [[nodiscard]] std::optional<std::int64_t> optional_number(std::string_view key, Range range);
  [[nodiscard]] bool flag(std::string_view key, bool fallback);
  // texts reads an array of strings; empty when absent.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, std::size_t count_max);
  // table and array give the value if it has that type; nullptr: absent, or a fault.
  [[nodiscard]] const TomlValue* table(std::string_view key);
  [[nodiscard]] const TomlValue* array(std::string_view key, std::size_t count_max);
  // choice is the index in `words` of the word at `key`, or `fallback`.
  [[nodiscard]] std::size_t choice(std::string_view key, std::span<const std::string_view> words,
                                   std::size_t fallback);
  [[nodiscard]] std::size_t required_choice(std::string_view key,
                                            std::span<const std::string_view> words);

  // fault reports a sentence about the value at `key`, or about the table when the key is absent.
  void fault(std::string_view key, std::string sentence);
  // finish reports the first key that nobody asked for.
  void finish();

  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] FirstFault& first_fault() const { return *fault_; }

 private:
  [[nodiscard]] const TomlValue* typed(std::string_view key, TomlValue::Kind kind);
  [[nodiscard]] std::size_t choose(std::string_view key, const TomlValue& value,
                                   std::span<const std::string_view> words, std::size_t fallback);

  const TomlValue* table_;
  std::string where_;
  FirstFault* fault_;
  std::vector<std::string_view> known_;
};

}  // namespace counterfoil
