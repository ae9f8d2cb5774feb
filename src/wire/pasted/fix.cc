#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "wire/fix/fix_fields.h"
#include "wire/pasted/pasted.h"
#include "wire/pasted/pieces.h"

// FIX messages as engines log them: one a line, behind a time and a direction, SOH shown as
// something that can be printed.
namespace counterfoil::pasted {
namespace {

constexpr std::string_view kBegin = "8=FIX";
constexpr std::string_view kSeparatorsShown =
    "Its separators are shown as other characters than SOH: they were put back, so whether SOH was "
    "sent was not looked at.";

// The ways in which SOH is shown, longest first where one begins another.
constexpr auto kShown = std::to_array<std::string_view>(
    {"\x01", "<SOH>", "[SOH]", "\\u0001", "\\x01", "\\001", "^A", "\xe2\x90\x81", "|", ";", " "});

// separator_of tells what stands behind the first field; empty: the line ends there.
std::string_view separator_of(std::string_view message) {
  const std::size_t length = message.find("9=");  // the second field
  if (length == std::string_view::npos) {
    return {};
  }
  const std::string_view first = message.substr(0, length);
  const auto found = std::ranges::find_if(
      kShown, [first](std::string_view shown) { return first.ends_with(shown); });
  return found == kShown.end() ? std::string_view() : *found;
}

// message_of cuts a line from where its message begins to behind its CheckSum, if it has one.
std::string_view message_of(std::string_view line, std::string_view separator) {
  const std::size_t last = line.rfind(std::string(separator) + "10=");
  if (last == std::string_view::npos) {
    return line;
  }
  const std::size_t value = last + separator.size() + 3;
  std::size_t end = value;
  while (end < line.size() && line[end] >= '0' && line[end] <= '9') {
    ++end;
  }
  return line.substr(0, end);
}

std::string with_soh(std::string_view message, std::string_view separator) {
  std::string plain;
  plain.reserve(message.size() + 1);
  while (!message.empty()) {
    const std::size_t end = message.find(separator);
    plain.append(message.substr(0, end));
    plain += fix::kSoh;
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + separator.size());
  }
  return plain;
}

}  // namespace

bool is_fix(std::string_view text) {
  const std::size_t begin = text.find(kBegin);
  return begin != std::string_view::npos && !separator_of(text.substr(begin)).empty();
}

Done read_fix(std::string_view text, Requests& out) {
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    ++number;
    const std::size_t begin = line.find(kBegin);
    if (begin == std::string_view::npos) {
      continue;
    }
    const std::string_view separator = separator_of(line.substr(begin));
    if (separator.empty()) {
      continue;
    }
    Request request = request_on(number, Form::kFixMessage);
    request.message = with_soh(message_of(line.substr(begin), separator), separator);
    // Only a Logon is signed.
    const auto fields = fix::read_fields(request.message);
    constexpr std::uint32_t kMsgType = 35;
    if (fields && fields->find(kMsgType).value_or("A") != "A") {
      continue;
    }
    if (separator.front() != fix::kSoh) {
      request.doubts.push_back(kSeparatorsShown);
    }
    if (Done done = add(std::move(request), out); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace counterfoil::pasted
