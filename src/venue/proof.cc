#include "venue/proof.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"

namespace counterfoil::venue {
namespace {

constexpr std::string_view kVersionLine = "counterfoil-proof-v1";
constexpr std::size_t kKidSizeMax = 64;
constexpr std::size_t kTimestampSizeMax = 15;  // ms until the year 33,000: fits 63 bits
constexpr std::string_view kKidLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

struct ParsedProof {
  std::string_view kid;
  std::string_view ts;
  std::int64_t ts_ms;
  Digest mac;
};

// take_field reads "<name>=<value>" from the front, up to the next ';' or the end, which it drops.
std::optional<std::string_view> take_field(std::string_view& rest, std::string_view name) {
  if (!rest.starts_with(name) || rest.substr(name.size(), 1) != "=") {
    return std::nullopt;
  }
  rest.remove_prefix(name.size() + 1);
  const std::size_t end = std::min(rest.find(';'), rest.size());
  const std::string_view value = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

std::optional<std::int64_t> read_ms(std::string_view text) {
  std::int64_t number = 0;
  const bool digits = !text.empty() && text.size() <= kTimestampSizeMax &&
                      text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits ||
      std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

std::optional<ParsedProof> parse(std::string_view proof) {
  constexpr std::string_view kVersion = "v1;";
  if (!proof.starts_with(kVersion) || proof.ends_with(';')) {
    return std::nullopt;
  }
  proof.remove_prefix(kVersion.size());
  const auto kid = take_field(proof, "kid");
  const auto ts = take_field(proof, "ts");
  const auto mac = take_field(proof, "mac");
  if (!kid || !ts || !mac || !proof.empty() || !is_proof_kid(*kid)) {
    return std::nullopt;
  }
  const auto ts_ms = read_ms(*ts);
  ParsedProof parsed{.kid = *kid, .ts = *ts, .ts_ms = ts_ms.value_or(0), .mac = {}};
  // One spelling only: lower case, so that two texts are never the same proof.
  const bool lower = mac->find_first_of("ABCDEF") == std::string_view::npos;
  if (!ts_ms || !lower || !from_hex_into(*mac, parsed.mac)) {
    return std::nullopt;
  }
  return parsed;
}

std::array<std::string_view, 10> lines_of(std::string_view kid, const ProvenRequest& request,
                                          std::string_view body_hash,
                                          const IdentityClaims& claims) {
  return {kid,
          claims.timestamp,
          request.method,
          request.target,
          body_hash,
          claims.account,
          claims.api_key,
          claims.permissions,
          claims.gateway,
          claims.request_id};
}

// holds_control_byte: a line end inside a line would let two requests share one text.
bool holds_control_byte(std::string_view line) {
  return std::ranges::any_of(line,
                             [](char byte) { return static_cast<unsigned char>(byte) < 0x20; });
}

}  // namespace

bool is_proof_kid(std::string_view text) {
  return !text.empty() && text.size() <= kKidSizeMax &&
         text.find_first_not_of(kKidLetters) == std::string_view::npos;
}

std::string proof_text(std::string_view kid, const ProvenRequest& request,
                       const IdentityClaims& claims) {
  const std::string body_hash = to_hex(sha256(as_bytes(request.body)));
  std::string text(kVersionLine);
  for (const std::string_view line : lines_of(kid, request, body_hash, claims)) {
    text.push_back('\n');
    text.append(line);
  }
  return text;
}

std::string compute_proof(const ProofSecret& secret, const ProvenRequest& request,
                          const IdentityClaims& claims) {
  const std::string text = proof_text(secret.kid, request, claims);
  std::string proof = "v1;kid=" + secret.kid + ";ts=";
  proof.append(claims.timestamp).append(";mac=").append(to_hex(secret.key.mac(as_bytes(text))));
  return proof;
}

std::expected<void, ProofFault> check_proof(std::span<const ProofSecret> secrets,
                                            std::string_view proof, const ProvenRequest& request,
                                            const IdentityClaims& claims, Timestamp now) {
  const auto parsed = parse(proof);
  if (!parsed || parsed->ts != claims.timestamp ||
      std::ranges::any_of(lines_of(parsed->kid, request, "", claims), holds_control_byte)) {
    return std::unexpected(ProofFault::kMalformed);
  }
  const auto known = std::ranges::find(secrets, parsed->kid, &ProofSecret::kid);
  if (known == secrets.end()) {
    return std::unexpected(ProofFault::kUnknownSecret);
  }
  const Timestamp proven_at = from_unix_ms(parsed->ts_ms);
  if (now - proven_at > kProofAgeMax) {
    return std::unexpected(ProofFault::kTooOld);
  }
  if (proven_at - now > kProofAgeMax) {
    return std::unexpected(ProofFault::kFromTheFuture);
  }
  if (!known->key.verify(as_bytes(proof_text(parsed->kid, request, claims)), parsed->mac)) {
    return std::unexpected(ProofFault::kWrongMac);
  }
  return {};
}

}  // namespace counterfoil::venue
