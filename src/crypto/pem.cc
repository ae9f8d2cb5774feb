#include "crypto/pem.h"

#include <cstddef>
#include <expected>
#include <string_view>

#include "base/trim.h"

namespace counterfoil {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

// take_line gives the text up to the next line end and moves `rest` behind it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

std::expected<PemBlock, PemError> read_pem(std::string_view text) {
  text = trim(text);
  const std::size_t begin = text.find(kBegin);
  if (begin == std::string_view::npos) {
    return std::unexpected(PemError::kNone);
  }
  if (text.find(kBegin, begin + 1) != std::string_view::npos) {
    return std::unexpected(PemError::kSeveralBlocks);
  }
  if (begin != 0) {
    return std::unexpected(PemError::kTextAround);
  }
  std::string_view rest = text;
  std::string_view label = take_line(rest).substr(kBegin.size());
  if (!label.ends_with(kDashes)) {
    return std::unexpected(PemError::kBroken);
  }
  label.remove_suffix(kDashes.size());
  const std::size_t end = rest.find(kEnd);
  if (end == std::string_view::npos || (end > 0 && rest[end - 1] != '\n')) {
    return std::unexpected(PemError::kBroken);
  }
  const std::string_view body = rest.substr(0, end);
  rest.remove_prefix(end);
  const std::string_view end_line = take_line(rest).substr(kEnd.size());
  if (!end_line.ends_with(kDashes) ||
      end_line.substr(0, end_line.size() - kDashes.size()) != label) {
    return std::unexpected(PemError::kBroken);
  }
  if (!rest.empty()) {
    return std::unexpected(PemError::kTextAround);
  }
  return PemBlock{.label = label, .body = body};
}

}  // namespace counterfoil
