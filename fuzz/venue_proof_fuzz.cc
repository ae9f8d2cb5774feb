// Target: read_identity_headers() and check_proof(). Input: two bytes, then lines: account, API
// key, permissions, request id, gateway, method, target; the rest is the body. Property: a proof
// over lines without control bytes is believed; changed in one byte it is not; and header lines
// that are written are read back as they were.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "venue/identity_headers.h"
#include "venue/proof.h"

namespace venue = counterfoil::venue;

namespace {

constexpr std::int64_t kNowMs = 1'790'000'000'000;

const std::vector<venue::ProofSecret>& secrets() {
  static const std::vector<venue::ProofSecret> kSecrets = [] {
    std::vector<venue::ProofSecret> made;
    made.push_back({.kid = "1",
                    .key = counterfoil::HmacKey::from_secret(
                               counterfoil::as_bytes("TESTONLYupstreamproofsecretoffuzzing"))
                               .value()});
    return made;
  }();
  return kSecrets;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool has_control_byte(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char byte) { return static_cast<unsigned char>(byte) < 0x20; });
}

void check_headers(const venue::IdentityClaims& claims, std::string_view proof) {
  const auto trims = [](std::string_view text) {
    return text.starts_with(' ') || text.ends_with(' ');
  };
  std::string head = "GET / HTTP/1.1\r\n";
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"Account", claims.account},
        {"Key", claims.api_key},
        {"Permissions", claims.permissions},
        {"Request-Id", claims.request_id},
        {"Timestamp", claims.timestamp},
        {"Gateway", claims.gateway},
        {"Proof", proof}}) {
    if (trims(value)) {
      return;  // Blanks around a value are not part of it.
    }
    head.append("x-counterfoil-").append(name).append(":").append(value).append("\r\n");
  }
  const venue::IdentityHeaders headers = venue::read_identity_headers(head + "\r\n");
  if (headers.claims() != claims || headers.proof != proof) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::array<std::string_view, 7> lines;
  for (std::string_view& line : lines) {
    line = take_line(rest);
  }
  const std::string timestamp = std::to_string(kNowMs);
  const venue::IdentityClaims claims{.account = lines[0],
                                     .api_key = lines[1],
                                     .permissions = lines[2],
                                     .request_id = lines[3],
                                     .timestamp = timestamp,
                                     .gateway = lines[4]};
  const venue::ProvenRequest request{.method = lines[5], .target = lines[6], .body = rest};
  std::string proof = venue::compute_proof(secrets().front(), request, claims);
  const auto believed = [&] {
    return venue::check_proof(secrets(), proof, request, claims, counterfoil::from_unix_ms(kNowMs))
        .has_value();
  };
  const bool sound = std::ranges::none_of(lines, has_control_byte);
  if (believed() != sound) {
    std::abort();
  }
  if (sound) {
    check_headers(claims, proof);
  }
  char& byte = proof[data[0] % proof.size()];
  if (byte != static_cast<char>(data[1])) {
    byte = static_cast<char>(data[1]);
    if (believed()) {
      std::abort();
    }
  }
  return 0;
}
