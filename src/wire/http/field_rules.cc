#include "wire/http/field_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
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

bool equals_ignoring_case(std::string_view a, std::string_view b) {
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
