// Target: parse_server_time(), parse_key_rights() and parse_refusal(). Property: what is accepted
// is within the limits and fit for a terminal, and a time is one of the years 2017 to 2999.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/server_answer.h"
#include "base/time.h"
#include "verify/claims.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_printable(std::string_view text) {
  constexpr std::string_view kEllipsis = "…";
  if (text.ends_with(kEllipsis)) {
    text.remove_suffix(kEllipsis.size());
  }
  return text.size() <= kServerTextBytesMax &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto told = parse_server_time(body)) {
    require(size <= kServerAnswerBytesMax);
    require(told->time >= kEarliestPlausible);
    require(told->resolution.count() == 1 ||
            to_unix_us(told->time) % told->resolution.count() == 0);
    require(told->time < from_unix_ms(32'503'680'000'000));
  }
  if (const auto rights = parse_key_rights(body)) {
    require(size <= kServerAnswerBytesMax);
    require(!rights->fields.empty() && rights->fields.size() < kServerAnswerMembersMax);
    for (const auto& [name, is_permitted] : rights->fields) {
      require(!name.empty() && name.size() <= kServerNameBytesMax && is_printable(name));
      require(rights->has(name) || !is_permitted);
    }
  }
  if (const auto refusal = parse_refusal(body)) {
    require(size <= kServerAnswerBytesMax && is_printable(refusal->text));
  }
  require(is_printable(terminal_text(body)));
  return 0;
}
