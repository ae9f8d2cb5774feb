// Target: EnrolmentUrl::parse() and the answers to `enroll`. Property: what is accepted is within
// the limits, holds no control character where it is shown, and a link's token cannot leave the
// JSON text that it is written into.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/remote/enrolment_answer.h"
#include "app/remote/enrolment_url.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_fit(std::string_view text) {
  return text.size() <= kEnrolmentTextBytesMax && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
         });
}

void check_key(const PreparedKey& key) {
  require(is_fit(key.account) && is_fit(key.label) && is_fit(key.ends_at));
  for (const auto* const list : {&key.permissions, &key.allow_list, &key.symbols}) {
    require(list->size() <= kEnrolmentListMax);
    require(std::ranges::all_of(*list, is_fit));
  }
  require(key.gateway_url.find_first_of(" '\"$`\\;") == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto url = EnrolmentUrl::parse(text)) {
    require(url->token.size() <= EnrolmentUrl::kTokenBytesMax && !url->token.empty());
    require(url->token.find_first_of("\"\\\n") == std::string_view::npos);
    require(url->page.target == "/enroll");
    require(has_enrolment_token(text));
  }
  if (const auto key = parse_prepared_key(text)) {
    require(size <= kEnrolmentAnswerBytesMax);
    check_key(*key);
  }
  if (const auto challenge = parse_enrolment_challenge(text)) {
    require(is_fit(challenge->nonce) && !challenge->text.empty());
  }
  if (const auto made = parse_enrolled_key(text)) {
    require(made->api_key.size() == 64);
  }
  if (const auto sentence = parse_enrolment_refusal(text)) {
    require(is_fit(*sentence));
  }
  return 0;
}
