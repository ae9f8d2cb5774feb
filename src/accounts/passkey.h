#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace counterfoil {

// Passkeys: WebAuthn credentials (W3C Web Authentication Level 2; control S-63). libfido2 checks
// signatures; all else that a relying party must check is checked here.

// PasskeyAlgorithm: values are COSE's (RFC 9053) and stored.
enum class PasskeyAlgorithm : std::int16_t { kEs256 = -7, kEdDsa = -8, kRs256 = -257 };

struct Passkey {
  std::vector<std::uint8_t> id;  // chosen by the authenticator
  PasskeyAlgorithm algorithm = PasskeyAlgorithm::kEs256;
  // kEs256: x and y, 64 bytes. kEdDsa: 32 bytes. kRs256: modulus of 2048 bits, exponent of 3 bytes.
  std::vector<std::uint8_t> public_key;
  std::uint32_t counter = 0;  // of its uses, as the authenticator counts; many always say 0
  std::string name;           // by which its owner knows it
  Timestamp created{};
  Timestamp last_used{};
  bool operator==(const Passkey&) const = default;
};

inline constexpr std::size_t kPasskeyIdBytesMin = 16;    // "at least 16 bytes", section 4
inline constexpr std::size_t kPasskeyIdBytesMax = 1023;  // section 4, too
inline constexpr std::size_t kClientDataBytesMax = 4096;
inline constexpr std::size_t kAttestationBytesMax = 16UL * 1024;
inline constexpr std::size_t kAuthenticatorDataBytesMax = 4096;
inline constexpr std::size_t kPasskeySignatureBytesMax = 1024;

// RelyingParty is us, as authenticators know us: a host name, and the origins of pages that may
// ask.
struct RelyingParty {
  std::string id;                    // "gateway.example.com"
  std::vector<std::string> origins;  // "https://gateway.example.com", exactly as browsers write it
};

enum class PasskeyFault : std::uint8_t {
  kMalformed,  // cannot be read, or is beyond a limit above
  kWrongType,
  kWrongChallenge,
  kWrongOrigin,  // also: asked for by a page inside a foreign page
  kWrongRelyingParty,
  kUserNotPresent,
  kUserNotVerified,  // nothing but a touch: that alone is one factor
  kAlgorithm,
  kKeyInvalid,
  kWrongCredential,
  kSignature,
  kCounterWentBack,  // there are two of it: one is a copy. An alarm
};
[[nodiscard]] std::string_view describe(PasskeyFault fault);

// PasskeyRegistration is what a browser gives after create(), decoded from base64url.
struct PasskeyRegistration {
  std::vector<std::uint8_t> id;
  std::string client_data_json;
  std::vector<std::uint8_t> attestation_object;
};
// verify_registration gives the new passkey, without a name. The attestation is neither asked for
// nor judged: nothing here depends on who made an authenticator.
[[nodiscard]] std::expected<Passkey, PasskeyFault> verify_registration(
    const RelyingParty& party, ByteView challenge, const PasskeyRegistration& made, Timestamp now);

// PasskeyAssertion is what a browser gives after get().
struct PasskeyAssertion {
  std::vector<std::uint8_t> id;
  std::string client_data_json;
  std::vector<std::uint8_t> authenticator_data;
  std::vector<std::uint8_t> signature;
};
// verify_assertion gives `stored` with its new counter and time of use, to be stored in one
// transaction with what it was used for. The caller sees to it that a challenge serves once.
[[nodiscard]] std::expected<Passkey, PasskeyFault> verify_assertion(const RelyingParty& party,
                                                                    ByteView challenge,
                                                                    const PasskeyAssertion& made,
                                                                    const Passkey& stored,
                                                                    Timestamp now);

}  // namespace counterfoil
