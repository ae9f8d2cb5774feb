#pragma once

#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/request_signer.h"
#include "crypto/verification_key.h"

namespace CLI {
class App;
}

namespace counterfoil {

// KeySource is where `sign` and `verify` take their key from, as its flags say. Exactly one.
struct KeySource {
  std::string directory;         // --key
  std::string secret_file;       // --secret-file
  std::string private_key_file;  // --private-key-file: sign
  std::string public_key_file;   // --public-key-file: verify
  std::string api_key;           // --api-key: beside a bare file

  // is_given: one of the flags names a key. (A secret may be named by the environment alone.)
  [[nodiscard]] bool is_given() const {
    return !(directory.empty() && secret_file.empty() && private_key_file.empty() &&
             public_key_file.empty() && api_key.empty());
  }

  void add_signing_options(CLI::App& command);
  void add_verifying_options(CLI::App& command);

  struct Signing {
    RequestSigner signer;
    std::string api_key;  // may be empty: nobody said
  };
  [[nodiscard]] std::expected<Signing, Failure> open_for_signing() const;

  struct Verifying {
    VerificationKey key;
    std::string api_key;
  };
  [[nodiscard]] std::expected<Verifying, Failure> open_for_verifying() const;

 private:
  [[nodiscard]] std::expected<VerificationKey, Failure> verification_key() const;
};

}  // namespace counterfoil
