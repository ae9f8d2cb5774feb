// Target: decode_api_key on bytes out of a store. Property: a record that is accepted is written
// again as one that is accepted as the same key, and no record that is cut short is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "keys/api_key_codec.h"
#include "keys/permission.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

const PermissionTable& table() {
  static const PermissionTable kTable =
      PermissionTable::create({"USER_DATA", "TRADE", "WITHDRAW"}).value();
  return kTable;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto key = decode_api_key(bytes, table());
  if (!key) {
    return 0;
  }
  require(!key->pairs.empty());
  const std::string written = encode_api_key(*key, table());
  const auto again = decode_api_key(written, table());
  require(again.has_value() && *again == *key);
  for (std::size_t cut = 0; cut < size; ++cut) {
    require(!decode_api_key(bytes.substr(0, cut), table()).has_value());
  }
  return 0;
}
