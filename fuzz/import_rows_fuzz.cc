// Target: read_import_row on one line of a file that another system wrote. Properties: a row that
// is accepted has a secret or a public key, and what stands beside a refusal to find the row again
// is an API key's form and part of the line, never a secret of ours.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/secret_arena.h"
#include "doors/management/import_rows.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
  configure_secret_memory(UnlockedMemory::kAllow);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const KeyFormat format;
  const ImportRow row = read_import_row(line, format);
  if (row.key) {
    require(line.size() <= kImportLineBytesMax);
    require(!row.key->secret.empty() || !row.key->key.material.public_key.empty());
  } else {
    require(!row.key.error().reason.empty() && !row.key.error().detail.empty());
  }
  require(row.api_key.empty() ||
          (ApiKeyId::parse(row.api_key).has_value() &&
           format.classify_secret(row.api_key) == KeyFormat::Kind::kForeign));
  return 0;
}
