#include "wire/http/path_rules.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "wire/http/byte_classes.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

enum class PathByte : std::uint8_t { kForbidden, kPlain, kSlash, kPercent };

constexpr ByteTable<PathByte> kPathByte = [] {
  ByteTable<PathByte> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    if (is_letter(c) || is_digit(c)) {
      table[i] = PathByte::kPlain;
    }
  }
  // unreserved, sub-delims without ';', and what pchar adds to them
  for (const char c : std::string_view("-._~!$&'()*+,=:@")) {
    table[byte_index(c)] = PathByte::kPlain;
  }
  table['/'] = PathByte::kSlash;
  table['%'] = PathByte::kPercent;
  return table;
}();

bool hides_structure(int byte) {
  return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\' || byte == '.';
}

std::expected<void, RefusalKind> check_escape(std::string_view rest) {
  const int high = rest.size() < 3 ? -1 : hex_value(rest[1]);
  const int low = rest.size() < 3 ? -1 : hex_value(rest[2]);
  if (high < 0 || low < 0) {
    return std::unexpected(RefusalKind::kPathEscape);
  }
  if (hides_structure(high * 16 + low)) {
    return std::unexpected(RefusalKind::kPathEncodedByte);
  }
  return {};
}

bool is_segment_end(std::string_view rest) { return rest.empty() || rest.front() == '/'; }

// check_segment judges how the segment after a slash begins; `rest` is all that follows the slash.
std::expected<void, RefusalKind> check_segment(std::string_view rest) {
  if (rest.starts_with('/')) {
    return std::unexpected(RefusalKind::kPathEmptySegment);
  }
  for (int dots = 0; dots < 2 && rest.starts_with('.'); ++dots) {
    rest.remove_prefix(1);
    if (is_segment_end(rest)) {
      return std::unexpected(RefusalKind::kPathDotSegment);
    }
  }
  return {};
}

}  // namespace

std::expected<void, RefusalKind> check_path(std::string_view path) {
  for (std::size_t at = 0; at < path.size(); ++at) {
    std::expected<void, RefusalKind> judged;
    switch (kPathByte[byte_index(path[at])]) {
      case PathByte::kPlain:
        continue;
      case PathByte::kForbidden:
        return std::unexpected(RefusalKind::kPathByte);
      case PathByte::kSlash:
        judged = check_segment(path.substr(at + 1));
        break;
      case PathByte::kPercent:
        judged = check_escape(path.substr(at));
        break;
    }
    if (!judged) {
      return judged;
    }
  }
  return {};
}

}  // namespace counterfoil::http
