#include "accounts/password_rules.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "accounts/common_passwords.h"
#include "base/wiped_text.h"

namespace counterfoil {
namespace {

constexpr std::string_view kProduct = "counterfoil";

std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t characters = 0;
  while (!text.empty()) {
    utf8proc_int32_t code_point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (size <= 0) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(size));
    ++characters;
  }
  return characters;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

WipedText lower(std::string_view text) {
  WipedText made(text);
  std::ranges::transform(made, made.begin(), [](char c) { return lower(c); });
  return made;
}

// What stands for a letter in the passwords of people who were told to use other characters.
char letter_for(char c) {
  switch (c) {
    case '@':
    case '4':
      return 'a';
    case '3':
      return 'e';
    case '1':
    case '!':
      return 'i';
    case '0':
      return 'o';
    case '$':
    case '5':
      return 's';
    case '7':
      return 't';
    default:
      return c;
  }
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<std::uint8_t>(c) >= 0x80; }

// The password without the figures and signs that people put around a word, at most so many.
constexpr std::size_t kTrimmings = 8;
std::string_view core_of(std::string_view password) {
  const auto* const first = std::ranges::find_if(password, is_letter);
  if (first == password.end()) {
    return password;
  }
  std::string_view core = password.substr(static_cast<std::size_t>(first - password.begin()));
  while (!is_letter(core.back())) {
    core.remove_suffix(1);
  }
  return password.size() - core.size() <= kTrimmings ? core : password;
}

// The shortest text that gives `text` when it is repeated.
std::string_view unit_of(std::string_view text) {
  for (std::size_t size = 1; size <= text.size() / 2; ++size) {
    if (text.size() % size == 0 && text.substr(size) == text.substr(0, text.size() - size)) {
      return text.substr(0, size);
    }
  }
  return text;
}

bool is_common(std::string_view password) {
  const auto is_listed = [](std::string_view text) {
    return is_common_password(text) || is_common_password(core_of(text)) ||
           is_common_password(unit_of(text)) || is_common_password(unit_of(core_of(text)));
  };
  WipedText spelled(password);
  std::ranges::transform(spelled, spelled.begin(), letter_for);
  // "p4ssw0rd1234": the figures of the word are letters, those behind it are not.
  WipedText half(core_of(password));
  std::ranges::transform(half, half.begin(), letter_for);
  return is_listed(password) || is_listed(spelled) || is_listed(half);
}

// Rows of neighbours count as simple, be it in the alphabet, among the figures, or on a keyboard.
constexpr auto kRows = std::to_array<std::string_view>(
    {"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"});

bool are_neighbours(char left, char right) {
  return std::ranges::any_of(kRows, [&](std::string_view row) {
    const std::size_t at = row.find(left);
    return at != std::string_view::npos &&
           ((at + 1 < row.size() && row[at + 1] == right) || (at > 0 && row[at - 1] == right));
  });
}

bool is_simple(std::string_view password) {
  constexpr std::size_t kDistinctMin = 5;
  constexpr std::size_t kBreaksMax = 3;
  std::bitset<256> seen;
  std::size_t breaks = 0;
  for (std::size_t i = 0; i < password.size(); ++i) {
    seen.set(static_cast<std::uint8_t>(password[i]));
    if (i > 0 && password[i] != password[i - 1] && !are_neighbours(password[i - 1], password[i])) {
      ++breaks;
    }
  }
  return seen.count() < kDistinctMin || breaks < kBreaksMax;
}

}  // namespace

std::string_view describe(PasswordFault fault) {
  switch (fault) {
    case PasswordFault::kTooShort:
      return "a password has at least 12 characters; four or five words make a good one";
    case PasswordFault::kTooLong:
      return "a password has at most 256 characters and 1,024 bytes";
    case PasswordFault::kNotUtf8:
      return "a password is UTF-8 text";
    case PasswordFault::kCommon:
      return "this is one of the passwords that are tried first, perhaps with figures around it; "
             "choose another";
    case PasswordFault::kSimple:
      return "this password is a row of neighbours or has too few different characters; choose "
             "another";
    case PasswordFault::kHasName:
      return "this password holds your name, your account or ours, which are tried first; choose "
             "another";
  }
  std::unreachable();
}

std::optional<PasswordFault> fault_of_password(std::string_view password,
                                               std::span<const std::string_view> names) {
  if (password.size() > kPasswordBytesMax) {
    return PasswordFault::kTooLong;
  }
  const auto characters = count_characters(password);
  if (!characters) {
    return PasswordFault::kNotUtf8;
  }
  if (*characters < kPasswordCharactersMin) {
    return PasswordFault::kTooShort;
  }
  if (*characters > kPasswordCharactersMax) {
    return PasswordFault::kTooLong;
  }
  const WipedText lowered = lower(password);
  if (is_simple(lowered)) {
    return PasswordFault::kSimple;
  }
  if (is_common(lowered)) {
    return PasswordFault::kCommon;
  }
  const auto is_held = [&](std::string_view name) {
    return name.size() >= kNameCharactersMin && lowered.find(lower(name)) != WipedText::npos;
  };
  if (is_held(kProduct) || std::ranges::any_of(names, is_held)) {
    return PasswordFault::kHasName;
  }
  return std::nullopt;
}

}  // namespace counterfoil
