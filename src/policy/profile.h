#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/route.h"
#include "verify/reason.h"

namespace counterfoil {

// ProfileError says where a profile is wrong and how to mend it. Lines and columns count from 1; 0:
// the file as a whole.
struct ProfileError {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string sentence;
  // to_string is "binance.toml:12:3: Unknown key 'wieght'. Did you mean 'weight'?".
  [[nodiscard]] std::string to_string() const;
};

// SignaturePosition: where the signature may stand among the parameters.
enum class SignaturePosition : std::uint8_t { kAnywhere, kLast };
// SameName: what becomes of a name that stands in the query and in the body.
enum class SameName : std::uint8_t {
  kPass,    // both go upstream untouched; the upstream lets the query win
  kRefuse,  // parameter_repeated
};
enum class ReplayedOrders : std::uint8_t { kRefuse, kPass };

// SigningRules names the parts of a signed request. That a timestamp is in milliseconds or
// microseconds, and the window's arithmetic, is fixed in verify.
struct SigningRules {
  std::string api_key_header;         // "X-MBX-APIKEY"
  std::string api_key_parameter;      // "apiKey": reserved; WebSocket requests carry it
  std::string signature_parameter;    // "signature"
  std::string timestamp_parameter;    // "timestamp"
  std::string recv_window_parameter;  // "recvWindow"
  SignaturePosition signature_position = SignaturePosition::kAnywhere;
  SameName same_name_in_query_and_body = SameName::kRefuse;
  ReplayedOrders replayed_orders = ReplayedOrders::kRefuse;
  bool operator==(const SigningRules&) const = default;
};

// Profile is the operator's rules: which routes there are, what each needs and costs, what limits
// hold, and what a refused caller is told. Immutable once parsed; any number of threads may read
// it. Copies share their contents.
class Profile {
 public:
  static constexpr std::size_t kTextSizeMax = std::size_t{1} << 20;
  static constexpr std::size_t kRoutesMax = 4096;

  // parse reads a profile (docs/profiles.md). Strict: an unknown key, a wrong type, an unknown
  // permission, a route given twice, anything beyond a limit is an error that says where and what.
  // `file_name` only stands in errors.
  [[nodiscard]] static std::expected<Profile, ProfileError> parse(std::string_view toml_text,
                                                                  std::string_view file_name);

  [[nodiscard]] const std::string& name() const;   // "binance-spot"
  [[nodiscard]] const std::string& title() const;  // for people
  [[nodiscard]] const SigningRules& signing() const;
  [[nodiscard]] const LimitRules& limits() const;
  [[nodiscard]] const Answers& answers() const;

  [[nodiscard]] const PermissionTable& permissions() const;
  // permission_rules has one row for each name of permissions(), in that order.
  [[nodiscard]] std::span<const PermissionRule> permission_rules() const;
  [[nodiscard]] PermissionSet default_permissions() const;
  [[nodiscard]] PermissionSet permissions_needing_allow_list() const;
  // permissions_always_needing_allow_list need one where the operator loosens the rule, too.
  [[nodiscard]] PermissionSet permissions_always_needing_allow_list() const;
  [[nodiscard]] PermissionSet permissions_managing_keys() const;
  [[nodiscard]] const ManagementPermissions& management_permissions() const;
  // management_scope is what an API key of these permissions may do over the management API.
  [[nodiscard]] ManagementScope management_scope(PermissionSet held) const;
  // api_restriction_fields are the distinct fields in the order of their first mention.
  [[nodiscard]] std::span<const ApiRestrictionField> api_restriction_fields() const;

  // routes is in the file's order: routes()[n].index == n.
  [[nodiscard]] std::span<const Route> routes() const;
  // find is the route of a request, or nullptr. `path` is the raw path as received, without query.
  // Among routes of this method a literal segment goes before a {name} segment, from left to right.
  // Does not allocate.
  [[nodiscard]] const Route* find(Method method, std::string_view path) const;
  [[nodiscard]] const Route* find(std::string_view method, std::string_view path) const;
  // methods_for is every method that has a route for this path.
  [[nodiscard]] MethodSet methods_for(std::string_view path) const;

  [[nodiscard]] const Answer& answer(Reason reason) const { return answers().answer(reason); }
  void render(Reason reason, const AnswerContext& context, Rendered& out) const {
    answers().render(reason, context, out);
  }

  // to_toml writes the profile so that parse reads an equal one: what `policy check` shows, with
  // every default spelled out.
  [[nodiscard]] std::string to_toml() const;

  bool operator==(const Profile& other) const;

 private:
  struct Contents;
  friend struct ProfileBuilder;
  explicit Profile(std::shared_ptr<const Contents> contents);
  std::shared_ptr<const Contents> contents_;
};

}  // namespace counterfoil
