#include "app/remote/table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"

namespace counterfoil {
namespace {

constexpr std::size_t kGap = 2;

// is_wide: the blocks whose characters take two columns (Unicode's East Asian Width W and F, by
// block).
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
         (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
         (c >= 0x20000 && c <= 0x3fffd);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  char32_t point = 0;
  const auto end_point = [&] {
    if (point != 0) {
      columns += is_wide(point) ? 2U : 1U;
    }
  };
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xc0U) == 0x80U) {
      point = (point << 6U) | (byte & 0x3fU);
      continue;
    }
    end_point();
    point = byte < 0x80   ? byte
            : byte < 0xe0 ? byte & 0x1fU
            : byte < 0xf0 ? byte & 0x0fU
                          : byte & 0x07U;
  }
  end_point();
  return columns;
}

std::vector<std::string> Table::lines(const Painter& painter) const {
  std::vector<std::size_t> widths;
  widths.reserve(headings_.size());
  for (const std::string& heading : headings_) {
    widths.push_back(columns_of(heading));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i].text));
    }
  }
  const auto padding = [&](std::size_t column, std::string_view text, bool last) {
    return last ? std::string() : std::string(widths[column] - columns_of(text) + kGap, ' ');
  };
  std::vector<std::string> written;
  std::string line;
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    line += painter.paint(Paint::kBold, headings_[i]) +
            padding(i, headings_[i], i + 1 == headings_.size());
  }
  written.push_back(line);
  for (const auto& row : rows_) {
    line.clear();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Cell& cell = row[i];
      line += cell.paint ? painter.paint(*cell.paint, cell.text) : cell.text;
      line += padding(i, cell.text, i + 1 == row.size());
    }
    written.push_back(line);
  }
  return written;
}

}  // namespace counterfoil
