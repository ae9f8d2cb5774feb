#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "doors/rest/exchange.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_target.h"
#include "keys/permission.h"

namespace counterfoil {

// UpstreamHead writes the heads that go upstream, of one loop (RestDoor says what is in them). The
// target is the bytes received; the body is framed by one Content-Length.
class UpstreamHead {
 public:
  explicit UpstreamHead(const RestShared& shared) : shared_(shared) {}

  // append writes the head of a request to `target`, whose authority is its Host; `now` is when it
  // is forwarded, which the proof states.
  void append(std::string& out, const Exchange& exchange, const UpstreamTarget& target,
              Timestamp now);

 private:
  void identity(std::string& out, const Exchange& exchange, Timestamp now);
  // permissions_text writes a set of `table`, which is the same in all versions of the rules.
  [[nodiscard]] const std::string& permissions_text(const PermissionTable& table,
                                                    PermissionSet set);

  const RestShared& shared_;
  std::unordered_map<std::uint32_t, std::string> permissions_texts_;
};

// cookies_to_pass gives a Cookie value less the console's own pairs (control S-33).
[[nodiscard]] std::string cookies_to_pass(std::string_view value);

}  // namespace counterfoil
