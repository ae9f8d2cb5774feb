// Target: WebUrl::parse(). Property: a URL that is taken is read as the same parts again when it is
// written anew, and neither its host nor its target can end a line of a request.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "outbound/web_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using counterfoil::WebUrl;
  const auto url = WebUrl::parse({reinterpret_cast<const char*>(data), size});
  if (!url) {
    return 0;
  }
  const std::string again = (url->tls ? "https://" : "http://") + url->authority + url->target;
  // A target that was empty is written as "/", which may be one byte too many.
  const auto second = WebUrl::parse(again);
  if ((!second && again.size() <= WebUrl::kBytesMax) || (second && *second != *url) ||
      url->authority.find_first_of("\r\n @") != std::string::npos || url->host.empty() ||
      url->target.find_first_of("\r\n ") != std::string::npos) {
    std::abort();
  }
  return 0;
}
