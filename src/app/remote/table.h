#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"

namespace counterfoil {

// Table lines up rows for people to read. Programs take --json instead.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  struct Cell {
    std::string text;
    std::optional<Paint> paint = std::nullopt;
  };
  // add_row takes one cell a heading.
  void add_row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // lines gives the headings and the rows, columns two blanks apart.
  [[nodiscard]] std::vector<std::string> lines(const Painter& painter) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

// columns_of counts how many columns a text takes on a terminal: one for each code point, which
// holds for what our labels may contain but for wide East Asian characters, which take two.
[[nodiscard]] std::size_t columns_of(std::string_view text);

}  // namespace counterfoil
