// Target: client_of() on header lines divided by LF. Properties: the same list in one line gives
// the same answer; what stands left of a client that is not trusted does not matter; a peer that is
// not trusted is the answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "wire/http/forwarded_for.h"
#include "wire/http/message_head.h"

namespace {

using namespace counterfoil;        // NOLINT(google-build-using-namespace)
using namespace counterfoil::http;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

Field line_of(std::string_view value) { return {.name = "X-Forwarded-For", .value = value}; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Cidr> trusted = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("::1")};
  static const IpAddress peer = *IpAddress::parse("10.0.0.1");
  static const IpAddress stranger = *IpAddress::parse("192.0.2.1");
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  std::vector<Field> fields;
  std::string joined;
  for (std::size_t begin = 0; begin <= input.size();) {
    const std::size_t end = input.find('\n', begin);
    const std::string_view value = input.substr(begin, end - begin);
    joined += (fields.empty() ? "" : ",") + std::string(value);
    fields.push_back(line_of(value));
    begin = end == std::string_view::npos ? input.size() + 1 : end + 1;
  }

  const auto client = client_of(fields, peer, trusted);
  require(client == client_of(std::vector{line_of(joined)}, peer, trusted));
  require(client_of(fields, stranger, trusted) == stranger);
  if (!client) {
    require(client.error().status == 400);
    return 0;
  }
  bool is_trusted = false;
  for (const Cidr& network : trusted) {
    is_trusted = is_trusted || network.contains(*client);
  }
  if (!is_trusted) {
    fields.insert(fields.begin(), line_of("203.0.113.99, nonsense"));
    require(client_of(fields, peer, trusted) == client);
  }
  return 0;
}
