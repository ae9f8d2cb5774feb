#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/permission.h"

namespace counterfoil {

// Method is an HTTP method that a route may have. Others (CONNECT, TRACE, ...) match no route.
enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions };
inline constexpr std::size_t kMethodCount = 7;
// parse_method is case-sensitive, as methods are (RFC 9110 section 9.1).
[[nodiscard]] std::optional<Method> parse_method(std::string_view text);
[[nodiscard]] std::string_view to_string(Method method);

// MethodSet is the methods that one path answers: what an Allow header lists.
class MethodSet {
 public:
  constexpr MethodSet() = default;
  constexpr void add(Method method) { bits_ = static_cast<std::uint8_t>(bits_ | bit(method)); }
  [[nodiscard]] constexpr bool contains(Method method) const { return (bits_ & bit(method)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  // to_text joins the names with ", ", in the order of the enumeration.
  [[nodiscard]] std::string to_text() const;
  constexpr bool operator==(const MethodSet&) const = default;

 private:
  [[nodiscard]] static constexpr std::uint8_t bit(Method method) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(method));
  }
  std::uint8_t bits_ = 0;
};

// Security says what a route asks of its caller.
enum class Security : std::uint8_t {
  kPublic,  // nothing: forwarded without identity headers; an API key sent anyway is ignored
  kSigned,  // API key, timestamp and signature
};

// Effect decides how strictly a route treats a signed payload that was received before.
enum class Effect : std::uint8_t {
  kRead,    // a repeated payload is fine
  kChange,  // a repeated payload is refused
  kOrder,   // refused too, unless the profile says signing.replayed_orders = "pass"
  kCancel,  // as kOrder; but it takes back, so it goes on where only reading does otherwise
};
// acts: the route does more than read or cancel.
[[nodiscard]] constexpr bool acts(Effect effect) {
  return effect == Effect::kChange || effect == Effect::kOrder;
}

// BodyRule says which bodies a route takes.
enum class BodyRule : std::uint8_t {
  kNone,  // any body byte is a refusal (body_not_expected)
  kForm,  // application/x-www-form-urlencoded: its parameters count like the query's
  kAny,   // forwarded as it is; it is part of the signed payload, but no parameters are read in it
};

// Handler says who answers.
enum class Handler : std::uint8_t {
  kUpstream,         // the API behind us
  kApiRestrictions,  // the authority: what the calling API key may do
  kSelfRevoke,       // the authority: revokes the calling API key
  // The authority: the API keys of the sub-accounts of the calling key's account
  // (authority/sub_account_keys.h).
  kSubAccountCreateKey,
  kSubAccountCreateKeyV2,
  kSubAccountListKeys,
  kSubAccountRevokeKey,
  kSubAccountSetPermissions,
  kSubAccountAddAddresses,
  kSubAccountShowAddresses,
  kSubAccountRemoveAddresses,
};
// manages_keys: a route of such a handler wants a permission that manages keys.
[[nodiscard]] constexpr bool manages_keys(Handler handler) {
  return handler >= Handler::kSubAccountCreateKey;
}

// WeightRule makes a route's weight depend on one parameter. The last rule whose condition holds
// wins; without one the route's own weight holds.
struct WeightRule {
  enum class Condition : std::uint8_t {
    kAbsent,      // the parameter is not sent
    kPresent,     // it is sent
    kAbove,       // it is a whole number above `threshold`
    kItemsAbove,  // it lists more than `threshold` items: commas, plain or as %2C, plus one
  };
  std::string parameter;
  Condition condition = Condition::kPresent;
  std::uint32_t threshold = 0;
  std::uint32_t weight = 0;
  bool operator==(const WeightRule&) const = default;
};

// UsageHeader is one response header that tells the caller how much of a limit is used.
struct UsageHeader {
  std::uint32_t rule = 0;  // index into LimitRules::rules, and into Usage::used
  std::string name;
  bool operator==(const UsageHeader&) const = default;
};

// Route is one row of the profile: method and path, what a caller needs, what it costs. Immutable;
// lives as long as its Profile.
struct Route {
  static constexpr std::size_t kPathSizeMax = 256;
  static constexpr std::size_t kSegmentsMax = 16;
  static constexpr std::size_t kRepeatsMax = 8;
  static constexpr std::size_t kWeightRulesMax = 8;
  static constexpr std::uint32_t kWeightMax = 100'000;
  static constexpr std::size_t kDefaultBodySizeMax = std::size_t{1} << 20;
  static constexpr std::size_t kBodySizeMax = std::size_t{64} << 20;

  std::uint32_t index = 0;  // 0..n-1 in the file's order: where counters of this route live
  std::string name;         // "POST /api/v3/order": its name in journal, metrics and console
  Method method = Method::kGet;
  std::string path;  // literal, or with {name} segments, each of which matches one segment
  Security security = Security::kPublic;
  PermissionSet permissions;  // signed: the key must hold one of these; empty: any key will do
  Effect effect = Effect::kRead;
  BodyRule body = BodyRule::kNone;
  Handler handler = Handler::kUpstream;

  std::uint32_t weight = 1;  // what a request costs its address; see weight_of
  // What it costs when the upstream answered 2xx: the rest is refunded. nullopt: as charged.
  std::optional<std::uint32_t> on_success_weight;
  std::vector<WeightRule> weight_rules;
  std::uint32_t orders = 0;          // how many orders it counts against the account's order limits
  std::uint32_t account_weight = 0;  // and how much against its limits of account weight

  std::string symbol_parameter;      // the parameter that names the symbol traded, or empty
  std::vector<std::string> repeats;  // parameters that may stand more than once in one part
  std::optional<std::chrono::milliseconds> upstream_timeout;  // instead of the gateway's own
  std::size_t body_size_bytes_max = kDefaultBodySizeMax;
  std::vector<UsageHeader> usage_headers;  // the headers its answers carry, ready to be written

  [[nodiscard]] bool may_repeat(std::string_view parameter) const;
  bool operator==(const Route&) const = default;
};

// weight_of is what this request costs before its outcome is known: the route's weight, or what its
// weight rules make of the parameters. `query` and `body` are raw parameter text without '?'; pass
// an empty `body` when it holds no form. The first occurrence of a name counts, the query's before
// the body's. Names and numbers are percent-decoded, so that an escape does not make a request look
// cheaper. Does not allocate.
[[nodiscard]] std::uint32_t weight_of(const Route& route, std::string_view query,
                                      std::string_view body);

}  // namespace counterfoil
