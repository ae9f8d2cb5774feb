#include "app/remote/enrolment_url.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "base/loopback.h"
#include "base/trim.h"
#include "base/wiped_text.h"
#include "outbound/web_url.h"

namespace counterfoil {
namespace {

constexpr std::string_view kPage = "/enroll";
constexpr std::string_view kMark = "#e=";

bool is_token_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_this_machine(const std::string& host) {
  const auto address = IpAddress::parse(host);
  return host == "localhost" || (address && is_loopback(*address));
}

}  // namespace

std::expected<EnrolmentUrl, std::string> EnrolmentUrl::parse(std::string_view text) {
  text = trim(text);
  const std::size_t mark = text.find(kMark);
  if (text.size() > kBytesMax || mark == std::string_view::npos) {
    return std::unexpected("is no enrolment link: those look like https://HOST/enroll#e=TOKEN");
  }
  auto page = WebUrl::parse(text.substr(0, mark));
  if (!page || page->target != kPage) {
    return std::unexpected(
        "does not lead to the page of a console: those look like https://HOST/enroll#e=TOKEN");
  }
  const std::string_view token = text.substr(mark + kMark.size());
  if (token.empty() || token.size() > kTokenBytesMax ||
      !std::ranges::all_of(token, is_token_letter)) {
    return std::unexpected("ends with something that is not the token of a link: is it whole?");
  }
  if (!page->tls && !is_this_machine(page->host)) {
    return std::unexpected(
        "leads over plain HTTP to another machine, where everybody on the way could use it first; "
        "ask for one that begins with https://");
  }
  return EnrolmentUrl{.page = std::move(*page), .token = WipedText(token)};
}

std::string EnrolmentUrl::origin() const {
  return (page.tls ? "https://" : "http://") + page.authority;
}

bool has_enrolment_token(std::string_view text) {
  return text.contains(std::string(kPage).append(kMark));
}

}  // namespace counterfoil
