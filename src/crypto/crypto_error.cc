#include "crypto/crypto_error.h"

#include <string_view>
#include <utility>

namespace counterfoil {

std::string_view describe(CryptoError error) {
  switch (error) {
    case CryptoError::kNoSecretMemory:
      return "no locked memory is left for secrets; raise the limit (LimitMEMLOCK= in the service "
             "unit, ulimit -l in a shell), or permit unlocked memory in the settings";
    case CryptoError::kSecretTooLarge:
      return "the secret is longer than 64 KiB; secrets are short";
    case CryptoError::kSecretEmpty:
      return "the secret is empty, so everybody could sign with it; give a real one";
    case CryptoError::kForked:
      return "this process was forked from one that holds secrets and has none of them; start it "
             "anew with exec";
    case CryptoError::kNoRandomness:
      return "the system's random source failed and nothing weaker was used; see the kernel's log";
    case CryptoError::kWrongScheme:
      return "this operation does not exist for this type of key";
    case CryptoError::kLibraryFailure:
      return "the crypto library failed, most likely for want of memory";
  }
  std::unreachable();
}

}  // namespace counterfoil
