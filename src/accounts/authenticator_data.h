#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace counterfoil {

// Inside the room: the bytes that authenticators make. libfido2 reads them, too, but believes the
// lengths that they claim; so they are walked here first, and only what is whole and small is
// handed on.

// AuthenticatorData is the fixed part of WebAuthn section 6.1, and where the rest begins.
struct AuthenticatorData {
  static constexpr std::uint8_t kUserPresent = 0x01;
  static constexpr std::uint8_t kUserVerified = 0x04;
  static constexpr std::uint8_t kHasCredential = 0x40;
  static constexpr std::uint8_t kHasExtensions = 0x80;

  ByteView relying_party_hash;  // 32 bytes
  std::uint8_t flags = 0;
  std::uint32_t counter = 0;
  ByteView credential_id;  // empty without kHasCredential

  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

// read_authenticator_data gives views into `bytes`. nullopt: something is missing, too much, or not
// plain CBOR where CBOR must be.
[[nodiscard]] std::optional<AuthenticatorData> read_authenticator_data(ByteView bytes);

// authenticator_data_of gives the "authData" of an attestation object (section 6.5.4): a CBOR map
// of "fmt", "attStmt" and "authData", each once.
[[nodiscard]] std::optional<ByteView> authenticator_data_of(ByteView attestation_object);

}  // namespace counterfoil
