#include "autopsy/difference.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "autopsy/finding.h"
#include "autopsy/form.h"
#include "autopsy/unicode.h"
#include "base/bytes.h"
#include "base/hex.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::size_t kShownMax = 4096;

// shown makes a text fit to be looked at.
std::string shown(std::string_view text, std::span<const std::string_view> secrets) {
  if (!code_points(text)) {
    return "hex " + to_hex(as_bytes(text.substr(0, kShownMax)));
  }
  std::string plain(text);
  for (const std::string_view secret : secrets) {
    plain = replaced(plain, secret, "[secret]");
  }
  std::string out;
  for (const char c : plain.substr(0, kShownMax)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      const auto byte = static_cast<std::uint8_t>(c);
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\x" + to_hex(ByteView(&byte, 1));
    } else {
      out += c;
    }
  }
  return out;
}

bool is_inner(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

}  // namespace

TextDifference difference_of(std::string_view verified, std::string_view client_signed,
                             std::span<const std::string_view> secrets) {
  const auto [one, two] = std::ranges::mismatch(verified, client_signed);
  auto head = static_cast<std::size_t>(one - verified.begin());
  while (head > 0 && ((head < verified.size() && is_inner(verified[head])) ||
                      (head < client_signed.size() && is_inner(client_signed[head])))) {
    --head;  // Characters stay whole.
  }
  std::size_t tail = 0;
  const std::size_t most = std::min(verified.size(), client_signed.size()) - head;
  while (tail < most &&
         verified[verified.size() - tail - 1] == client_signed[client_signed.size() - tail - 1]) {
    ++tail;
  }
  while (tail > 0 && is_inner(verified[verified.size() - tail])) {
    --tail;
  }
  return {.before = shown(verified.substr(0, head), secrets),
          .verified = shown(verified.substr(head, verified.size() - tail - head), secrets),
          .client_signed =
              shown(client_signed.substr(head, client_signed.size() - tail - head), secrets),
          .behind = shown(verified.substr(verified.size() - tail), secrets)};
}

}  // namespace counterfoil::autopsy
