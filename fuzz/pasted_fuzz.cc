// Target: pasted::read_pasted(). The input is the pasted text. Properties: the answer depends on
// nothing but the bytes, and every request stands on a line of the text and keeps the limits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "wire/pasted/pasted.h"

namespace {

using namespace counterfoil::pasted;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool same(const Request& a, const Request& b) {
  return a.form == b.form && a.line == b.line && a.method == b.method && a.host == b.host &&
         a.path == b.path && a.query == b.query && a.body == b.body && a.headers == b.headers &&
         a.message == b.message && a.sent_at == b.sent_at && a.doubts == b.doubts &&
         a.answer.has_value() == b.answer.has_value();
}

void check(const Request& request, std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  require(request.line >= 1 && request.line <= lines);
  require(request.headers.size() <= kHeadersMax);
  require(request.path.size() + request.query.size() + request.body.size() +
              request.message.size() <=
          kRequestBytesMax);
  require(!name_of(request.form).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A block of exactly the size, so that a byte read too far is found.
  const std::vector<char> block(data, data + size);
  const std::string_view text(block.data(), block.size());
  const auto requests = read_pasted(text);
  const auto again = read_pasted(text);
  require(requests.has_value() == again.has_value());
  if (!requests) {
    require(requests.error() == again.error());
    return 0;
  }
  require(!requests->empty() && requests->size() <= kRequestsMax);
  require(std::ranges::equal(*requests, *again, same));
  for (const Request& request : *requests) {
    check(request, text);
  }
  return 0;
}
