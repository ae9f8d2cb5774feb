#include "authority/identity_prover.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

std::string body_hash(std::string_view body) {
  // Most requests have none.
  static const std::string empty_hash = to_hex(sha256({}));
  return body.empty() ? empty_hash : to_hex(sha256(as_bytes(body)));
}

}  // namespace

void IdentityProver::append_headers(const ForwardedIdentity& identity, Timestamp now,
                                    std::string& out) const {
  const fmt::format_int timestamp(to_unix_ms(now));
  const std::string_view ts(timestamp.data(), timestamp.size());
  const std::string hash = body_hash(identity.body);
  std::string proved;
  proved.reserve(512);
  proved = "counterfoil-proof-v1";
  for (const std::string_view line : std::array<std::string_view, 10>{
           kid_, ts, identity.method, identity.target, hash, identity.account, identity.api_key,
           identity.permissions, gateway_, identity.request_id}) {
    proved.push_back('\n');
    proved.append(line);
  }
  const std::string mac = to_hex(secret_.mac(as_bytes(proved)));
  const auto field = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  field("X-Counterfoil-Account", identity.account);
  field("X-Counterfoil-Key", identity.api_key);
  field("X-Counterfoil-Permissions", identity.permissions);
  field("X-Counterfoil-Request-Id", identity.request_id);
  field("X-Counterfoil-Timestamp", ts);
  field("X-Counterfoil-Gateway", gateway_);
  out.append("X-Counterfoil-Proof: v1;kid=")
      .append(kid_)
      .append(";ts=")
      .append(ts)
      .append(";mac=")
      .append(mac)
      .append("\r\n");
}

}  // namespace counterfoil
