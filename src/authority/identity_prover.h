#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/hmac.h"

namespace counterfoil {

// ForwardedIdentity is who a request was proved to come from, as the upstream is told.
struct ForwardedIdentity {
  std::string_view method;
  std::string_view target;  // as forwarded: path, '?' and query
  std::string_view body;
  std::string_view account;
  std::string_view api_key;
  std::string_view permissions;  // comma list
  std::string_view request_id;
};

// IdentityProver writes the identity headers and their proof (docs/upstream.md): HMAC-SHA-256 over
// the lines counterfoil-proof-v1, kid, ts, method, target, hex SHA-256 of the body, account, API
// key, permissions, gateway, request id, joined by LF. Safe to call from any thread.
class IdentityProver {
 public:
  IdentityProver(std::string kid, HmacKey secret, std::string gateway)
      : kid_(std::move(kid)), secret_(std::move(secret)), gateway_(std::move(gateway)) {}

  // append_headers appends the seven header lines, each with CR LF, to `out`.
  void append_headers(const ForwardedIdentity& identity, Timestamp now, std::string& out) const;

 private:
  std::string kid_;
  HmacKey secret_;
  std::string gateway_;
};

}  // namespace counterfoil
