#include "authority/secret_job.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret_bytes.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

bool is_printable(std::uint8_t byte) { return byte > 0x20 && byte < 0x7f; }

std::size_t distinct(ByteView bytes) {
  std::bitset<256> seen;
  for (const std::uint8_t byte : bytes) {
    seen.set(byte);
  }
  return seen.count();
}

}  // namespace

std::optional<SecretJob::Fault> SecretJob::fault_of_imported(const SecretBytes& secret,
                                                             const ApiKeyId& api_key,
                                                             const KeyFormat& format) {
  if (secret.size() < kImportedBytesMin || secret.size() > kImportedBytesMax) {
    return Fault{"secret_length", "a secret has 32 to 128 characters (64 are usual)"};
  }
  const ByteView bytes = secret.reveal(SecretAccess{});
  if (!std::ranges::all_of(bytes, is_printable)) {
    return Fault{"secret_characters",
                 "a secret has printable ASCII characters without blanks or line ends"};
  }
  if (distinct(bytes) < kImportedDistinctMin) {
    return Fault{"secret_weak", "this secret can be guessed; make a new key pair"};
  }
  const std::string_view text = as_text(bytes);
  if (secret.equals(as_bytes(api_key.text())) ||
      format.classify_api_key(text) == KeyFormat::Kind::kOurs) {
    return Fault{"api_key_given_as_secret",
                 "this is an API key, not a secret: the two are swapped"};
  }
  if (format.classify_secret(text) == KeyFormat::Kind::kBadChecksum) {
    return Fault{"secret_checksum",
                 "this secret carries our marker but its checksum is wrong: a character was "
                 "mistyped"};
  }
  return std::nullopt;
}

}  // namespace counterfoil
