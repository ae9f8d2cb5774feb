#include "wire/http/forwarded_for.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <ranges>
#include <span>
#include <string_view>

#include "base/ip_address.h"
#include "base/trim.h"
#include "wire/http/field_rules.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

// Walk goes from hop to hop, away from us.
class Walk {
 public:
  Walk(const IpAddress& peer, std::span<const Cidr> trusted) : client_(peer), trusted_(trusted) {}

  [[nodiscard]] const IpAddress& client() const { return client_; }
  // has_arrived: nobody whose word counts says where the request was before.
  [[nodiscard]] bool has_arrived() const {
    return std::ranges::none_of(trusted_,
                                [&](const Cidr& network) { return network.contains(client_); });
  }
  // pass goes on to the hops of one header line.
  [[nodiscard]] std::expected<void, Refusal> pass(std::string_view list) {
    for (bool more = true; more && !has_arrived();) {
      const std::size_t comma = list.rfind(',');
      more = comma != std::string_view::npos;
      const auto hop = IpAddress::parse(trim(list.substr(more ? comma + 1 : 0), " \t"));
      if (++hops_ > kForwardedForHopsMax) {
        return std::unexpected(refuse(RefusalKind::kForwardedForTooLong));
      }
      if (!hop) {
        return std::unexpected(refuse(RefusalKind::kForwardedForMalformed));
      }
      client_ = *hop;
      list = list.substr(0, more ? comma : 0);
    }
    return {};
  }

 private:
  IpAddress client_;
  std::span<const Cidr> trusted_;
  std::size_t hops_ = 0;
};

}  // namespace

std::expected<IpAddress, Refusal> client_of(std::span<const Field> fields, const IpAddress& peer,
                                            std::span<const Cidr> trusted) {
  Walk walk(peer, trusted);
  for (const Field& field : fields | std::views::reverse) {
    if (equals_ignoring_case(field.name, "x-forwarded-for")) {
      if (const auto passed = walk.pass(field.value); !passed) {
        return std::unexpected(passed.error());
      }
    }
  }
  return walk.client();
}

}  // namespace counterfoil::http
