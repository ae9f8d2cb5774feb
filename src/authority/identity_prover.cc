#include "authority/identity_prover.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

using Text = fmt::basic_memory_buffer<char, 1024>;  // on the stack, unless a target is long

void append(Text& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

// append_hash writes the digest of the body in hex. Most requests have none.
void append_hash(Text& out, std::string_view body) {
  static const std::string empty_hash = to_hex(sha256({}));
  append(out, body.empty() ? empty_hash : to_hex(sha256(as_bytes(body))));
}

}  // namespace

void IdentityProver::append_headers(const ForwardedIdentity& identity, Timestamp now,
                                    std::string& out) const {
  const fmt::format_int timestamp(to_unix_ms(now));
  const std::string_view ts(timestamp.data(), timestamp.size());
  __attribute__((uninitialized)) Text proved;  // what is not written is not read
  const auto line = [&](std::string_view text) {
    proved.push_back('\n');
    append(proved, text);
  };
  append(proved, "counterfoil-proof-v1");
  line(kid_);
  line(ts);
  line(identity.method);
  line(identity.target);
  proved.push_back('\n');
  append_hash(proved, identity.body);
  line(identity.account);
  line(identity.api_key);
  line(identity.permissions);
  line(gateway_);
  line(identity.request_id);
  const Digest mac = secret_.mac(as_bytes(std::string_view(proved.data(), proved.size())));
  const auto field = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  field("X-Counterfoil-Account", identity.account);
  field("X-Counterfoil-Key", identity.api_key);
  field("X-Counterfoil-Permissions", identity.permissions);
  field("X-Counterfoil-Request-Id", identity.request_id);
  field("X-Counterfoil-Timestamp", ts);
  field("X-Counterfoil-Gateway", gateway_);
  out.append("X-Counterfoil-Proof: v1;kid=").append(kid_).append(";ts=").append(ts).append(";mac=");
  append_hex(mac, out);
  out.append("\r\n");
}

}  // namespace counterfoil
