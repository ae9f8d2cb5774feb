#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace counterfoil {

// Scheme is how the holder of a key pair signs. Stored in key records: append, never renumber. It
// is read from the record of the API key, never from a request (control S-22).
enum class Scheme : std::uint8_t { kHmacSha256 = 1, kRsaPkcs1Sha256 = 2, kEd25519 = 3 };

// SignatureText is how a signature is written in a request (control S-25).
enum class SignatureText : std::uint8_t {
  kHex,     // two digits a byte, either case
  kBase64,  // standard alphabet with padding, unused bits zero
};

// KeyMaterialKind is what the gateway holds to verify with.
enum class KeyMaterialKind : std::uint8_t {
  kSharedSecret,  // made here, shown once, sealed
  kPublicKey,     // the private key stays with its holder
};

struct SchemeRow {
  Scheme scheme;
  std::string_view name;          // in requests, settings and the command line
  std::string_view display_name;  // for people
  SignatureText signature_text;
  KeyMaterialKind material;
  std::size_t signature_bytes;  // decoded; 0: as long as the modulus
};

// clang-format off
inline constexpr auto kSchemes = std::to_array<SchemeRow>({
    {Scheme::kHmacSha256,     "hmac-sha256", "HMAC-SHA-256",                 SignatureText::kHex,    KeyMaterialKind::kSharedSecret, 32},
    {Scheme::kRsaPkcs1Sha256, "rsa-sha256",  "RSA (PKCS#1 v1.5, SHA-256)",   SignatureText::kBase64, KeyMaterialKind::kPublicKey,     0},
    {Scheme::kEd25519,        "ed25519",     "Ed25519",                      SignatureText::kBase64, KeyMaterialKind::kPublicKey,    64},
});
// clang-format on

// describe gives the row of a scheme. `scheme` must be one of the enumerators; a number from
// outside goes through scheme_from_number first.
[[nodiscard]] constexpr const SchemeRow& describe(Scheme scheme) {
  return kSchemes[static_cast<std::size_t>(scheme) - 1];
}
static_assert(std::ranges::all_of(kSchemes, [](const SchemeRow& row) {
  return &describe(row.scheme) == &row;  // Row n describes enumerator n.
}));

// parse_scheme knows the names of the table, spelled exactly; nullopt for every other text.
[[nodiscard]] constexpr std::optional<Scheme> parse_scheme(std::string_view name) {
  const auto* const row = std::ranges::find(kSchemes, name, &SchemeRow::name);
  return row == kSchemes.end() ? std::nullopt : std::optional(row->scheme);
}

// scheme_from_number reads the stored number; nullopt for one this version does not know.
[[nodiscard]] constexpr std::optional<Scheme> scheme_from_number(std::uint64_t number) {
  if (number < 1 || number > kSchemes.size()) {
    return std::nullopt;
  }
  return kSchemes[number - 1].scheme;
}

}  // namespace counterfoil
