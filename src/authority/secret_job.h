#pragma once

#include <string>

#include "base/bytes.h"
#include "base/wiped_text.h"
#include "crypto/secret_bytes.h"

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
};

}  // namespace counterfoil
