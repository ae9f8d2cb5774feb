#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/wiped_text.h"
#include "outbound/web_url.h"

namespace counterfoil {

// EnrolmentUrl is a one-time link as its bearer got it: https://console.example.com/enroll#e=TOKEN.
// The token is a secret until the link is used.
struct EnrolmentUrl {
  static constexpr std::size_t kTokenBytesMax = 128;  // ours have 43
  static constexpr std::size_t kBytesMax = WebUrl::kBytesMax + kTokenBytesMax;

  WebUrl page;
  WipedText token;

  // parse takes the page of a console, over TLS or on this machine: the link is worth an API key,
  // and must not be sent in the open. The error says in half a sentence what the text is not, and
  // repeats nothing of it.
  [[nodiscard]] static std::expected<EnrolmentUrl, std::string> parse(std::string_view text);

  // origin is how a browser would name where the page is from: "https://console.example.com".
  [[nodiscard]] std::string origin() const;
};

// has_enrolment_token: the text holds what a link ends with, so it is not one to be shown.
[[nodiscard]] bool has_enrolment_token(std::string_view text);

}  // namespace counterfoil
