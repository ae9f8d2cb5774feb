#include "wire/http/field_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "wire/http/byte_classes.h"

namespace counterfoil::http {
namespace {

bool equals_by(const ByteTable<char>& table, std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (table[byte_index(a[i])] != table[byte_index(b[i])]) {
      return false;
    }
  }
  return true;
}

std::uint64_t word_of(std::string_view text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), sizeof word);
  return word;
}

// in_lower_case does eight bytes at once: a byte below 80 hex is a capital when adding to it what
// 'A' lacks of 80 hex carries into the highest bit and adding what '[' lacks does not. That bit,
// moved by two, is the difference between the cases.
constexpr std::uint64_t in_lower_case(std::uint64_t bytes) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  constexpr std::uint64_t kHighest = 0x80 * kEach;
  const std::uint64_t low = bytes & ~kHighest;
  const std::uint64_t from_a = low + ((0x80 - 'A') * kEach);
  const std::uint64_t past_z = low + ((0x80 - ('Z' + 1)) * kEach);
  return bytes | ((from_a & ~past_z & ~bytes & kHighest) >> 2U);
}

constexpr std::string_view kIdentityPrefix = "x-counterfoil-";
constexpr std::string_view kProxyPrefix = "proxy-";

constexpr auto kFramingNames = std::to_array<std::string_view>({
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "expect",
    "host",
    "te",
    "trailer",
    "upgrade",
});
constexpr auto kHopByHopNames = std::to_array<std::string_view>({
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
});

// take_member cuts the first member off a comma-separated list. The list is not empty.
std::string_view take_member(std::string_view& list) {
  const std::size_t end = std::min(list.find(','), list.size());
  const std::string_view member = trim_blanks(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return member;
}

}  // namespace

bool equals_of_one_size(std::string_view a, std::string_view b) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  for (; a.size() >= kWord; a.remove_prefix(kWord), b.remove_prefix(kWord)) {
    if (in_lower_case(word_of(a)) != in_lower_case(word_of(b))) {
      return false;
    }
  }
  return equals_by(kLowerCase, a, b);
}

bool same_field_name(std::string_view a, std::string_view b) { return equals_by(kNameFold, a, b); }

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return kTokenByte[byte_index(c)] != 0; });
}

bool is_identity_header(std::string_view name) {
  return same_field_name(name.substr(0, kIdentityPrefix.size()), kIdentityPrefix);
}

bool is_framing_name(std::string_view name) {
  return std::ranges::any_of(
      kFramingNames, [name](std::string_view framing) { return same_field_name(name, framing); });
}

bool is_hop_by_hop(std::string_view name) {
  return equals_ignoring_case(name.substr(0, kProxyPrefix.size()), kProxyPrefix) ||
         std::ranges::any_of(kHopByHopNames, [name](std::string_view hop) {
           return equals_ignoring_case(name, hop);
         });
}

bool lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    if (equals_ignoring_case(take_member(list), name)) {
      return true;
    }
  }
  return false;
}

bool is_list_of_tokens(std::string_view list) {
  while (!list.empty()) {
    const std::string_view member = take_member(list);
    if (!member.empty() && !is_token(member)) {
      return false;
    }
  }
  return true;
}

}  // namespace counterfoil::http
