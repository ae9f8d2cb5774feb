#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/wiped_text.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"

namespace counterfoil {

// SecretJob is the one place of the authority that opens secret bytes.
class SecretJob {
 public:
  // to_shown_text is the one time a new secret leaves secret memory: in the answer to the request
  // that made it (S-03). The caller wipes the text.
  [[nodiscard]] static std::string to_shown_text(const SecretBytes& secret) {
    return std::string(as_text(secret.reveal(SecretAccess{})));
  }
  // append_shown_text writes it into such an answer, which wipes itself.
  static void append_shown_text(const SecretBytes& secret, WipedText& answer) {
    answer.append(as_text(secret.reveal(SecretAccess{})));
  }

  // lent_text lends the text of a secret for an autopsy; it lives as long as `secret`.
  [[nodiscard]] static std::string_view lent_text(const SecretBytes& secret) {
    return as_text(secret.reveal(SecretAccess{}));
  }

  // to_private_key reads one of our own keys out of its PKCS#8 PEM, as the sealer gave it.
  [[nodiscard]] static std::expected<PrivateKey, PrivateKeyError> to_private_key(
      const SecretBytes& pem) {
    return PrivateKey::from_pkcs8_pem(as_text(pem.reveal(SecretAccess{})));
  }

  static constexpr std::size_t kImportedBytesMin = 32;
  static constexpr std::size_t kImportedBytesMax = 128;
  static constexpr std::size_t kImportedDistinctMin = 8;  // 32 random hex digits have about 14

  struct Fault {
    std::string_view reason;
    std::string_view detail;
  };
  // fault_of_imported says why a secret made elsewhere is refused, or nullopt. A secret has 32 to
  // 128 printable ASCII characters without blanks (64 letters and digits are usual), at least 8
  // different ones, is not the API key itself nor another, and is not one of ours mistyped.
  [[nodiscard]] static std::optional<Fault> fault_of_imported(const SecretBytes& secret,
                                                              const ApiKeyId& api_key,
                                                              const KeyFormat& format);
};

}  // namespace counterfoil
