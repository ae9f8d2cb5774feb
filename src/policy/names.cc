#include "policy/names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/route.h"

namespace counterfoil {
namespace {

constexpr std::size_t kNameSizeMax = 64;
constexpr std::size_t kProfileNameSizeMax = 32;
constexpr std::size_t kSentenceSizeMax = 300;

// is_letters_digits_or tells whether every character is an ASCII letter or digit or one of
// `others`.
bool is_letters_digits_or(std::string_view others, std::string_view text) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  });
}

// normal writes a header name the way it is compared: lower case, '-' for '_' (some servers take
// the two for one).
std::string normal(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    } else if (c == '_') {
      c = '-';
    }
  }
  return out;
}

// Headers that say where a message ends, where it goes or who sent it: no profile may read or write
// them under another meaning.
constexpr auto kReservedHeaders = std::to_array<std::string_view>(
    {"connection", "content-encoding", "content-length", "content-type", "cookie", "date", "expect",
     "forwarded", "host", "keep-alive", "retry-after", "set-cookie", "te", "trailer",
     "transfer-encoding", "upgrade", "via", "x-forwarded-for"});

// is_name_segment: {name}, the name being lower-case letters, digits and '_'.
bool is_name_segment(std::string_view segment) {
  if (segment.size() < 3 || !segment.starts_with('{') || !segment.ends_with('}')) {
    return false;
  }
  return std::ranges::all_of(segment.substr(1, segment.size() - 2), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::optional<std::string> fault_of_segment(std::string_view segment) {
  if (segment.empty()) {
    return "has an empty segment";
  }
  if (segment == "." || segment == "..") {
    return "has a dot segment";
  }
  if (!is_letters_digits_or("-._~!$&'()*+,;=:@", segment) && !is_name_segment(segment)) {
    return "has a segment that is neither plain text nor one {name} in lower case";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> fault_of_header_name(std::string_view name) {
  if (name.empty() || name.size() > kNameSizeMax ||
      !is_letters_digits_or("!#$%&'*+-.^_`|~", name)) {
    return "is not the name of a header";
  }
  const std::string compared = normal(name);
  if (std::ranges::find(kReservedHeaders, compared) != kReservedHeaders.end()) {
    return "is a header with a meaning of its own";
  }
  if (compared.starts_with("x-counterfoil-")) {
    return "is one of the headers that Counterfoil itself sets";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_parameter_name(std::string_view name) {
  if (name.empty() || name.size() > kNameSizeMax || !is_letters_digits_or("_.-", name)) {
    return "is not a parameter name: 1 to 64 letters, digits, '_', '.' and '-'";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_profile_name(std::string_view name) {
  const bool allowed = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (name.empty() || name.size() > kProfileNameSizeMax || !allowed) {
    return "is not a profile's name: 1 to 32 lower-case letters, digits and '-'";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_sentence(std::string_view text) {
  const bool has_control =
      std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
  if (text.empty() || text.size() > kSentenceSizeMax || has_control) {
    return "is not 1 to 300 bytes of text without control characters";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_route_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return "does not begin with '/'";
  }
  if (path.size() > Route::kPathSizeMax) {
    return "is longer than " + std::to_string(Route::kPathSizeMax) + " characters";
  }
  if (path == "/") {
    return std::nullopt;
  }
  std::size_t count = 0;
  std::vector<std::string_view> names;
  for (std::string_view rest = path; !rest.empty(); ++count) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    if (auto fault = fault_of_segment(segment)) {
      return fault;
    }
    if (segment.starts_with('{') && std::ranges::find(names, segment) != names.end()) {
      return "has two segments of one name";
    }
    names.push_back(segment);
  }
  if (count > Route::kSegmentsMax) {
    return "has more than " + std::to_string(Route::kSegmentsMax) + " segments";
  }
  return std::nullopt;
}

}  // namespace counterfoil
