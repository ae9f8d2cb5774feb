#include "doors/management/route_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "doors/management/call.h"
#include "doors/management/management_api.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using enum http::Method;

// A literal path stands before the {name} that would match it too.
// clang-format off
constexpr auto kRows = std::to_array<RouteRow>({
    {{kGet,   "/api/v1/accounts",                      "List accounts, by id."},                                              list_accounts},
    {{kPost,  "/api/v1/accounts",                      "Create an account."},                                                 create_account},
    {{kGet,   "/api/v1/accounts/{account}",            "Show one account."},                                                  show_account},
    {{kPost,  "/api/v1/accounts/{account}/suspend",    "Refuse every API key of an account until it is resumed."},            suspend_account},
    {{kPost,  "/api/v1/accounts/{account}/resume",     "Let an account's API keys be accepted again."},                       resume_account},
    {{kGet,   "/api/v1/keys",                          "List API keys, or find those that a word may mean."},                 list_keys},
    {{kPost,  "/api/v1/keys",                          "Create an API key. The secret of an HMAC key is in this answer only."}, create_key},
    {{kPost,  "/api/v1/keys/import",                   "Take over an API key and its pair that were made elsewhere."},        import_key},
    {{kPost,  "/api/v1/keys/import-batch",             "Take over up to 1,000 API keys and their pairs, one a line."},        import_keys, BodyForm::kRows},
    {{kGet,   "/api/v1/keys/{api_key}",                "Show one API key."},                                                  show_key},
    {{kGet,   "/api/v1/keys/{api_key}/descendants",    "List the API keys that an API key made and that are not revoked."},   list_descendants},
    {{kPatch, "/api/v1/keys/{api_key}",                "Change what an API key may do, its label or its expiry."},            edit_key},
    {{kPost,  "/api/v1/keys/{api_key}/rotate",         "Add a new key pair; the old one verifies for the overlap."},          rotate_key},
    {{kPost,  "/api/v1/keys/{api_key}/end-retiring",   "End the retiring key pair now."},                                     end_retiring},
    {{kPost,  "/api/v1/keys/{api_key}/back-out",       "Give up the new key pair of a rotation; the old one stays."},         back_out},
    {{kPost,  "/api/v1/keys/{api_key}/suspend",        "Refuse an API key until it is resumed."},                             suspend_key},
    {{kPost,  "/api/v1/keys/{api_key}/resume",         "Let a suspended API key be accepted again."},                         resume_key},
    {{kPost,  "/api/v1/keys/{api_key}/revoke",         "End an API key for good. Answers once no gateway accepts it."},       revoke_key},
    {{kGet,   "/api/v1/keys/{api_key}/usage",          "Show who used an API key, from where, for what, and how often."},     show_usage},
    {{kGet,   "/api/v1/mass-actions",                  "List the changes of many API keys at once, latest first."},           list_mass_actions},
    {{kPost,  "/api/v1/mass-actions",                  "Prepare and preview one change of many API keys."},                   prepare_mass_action},
    {{kGet,   "/api/v1/mass-actions/{mass_action}",    "Show how far a mass action is."},                                     show_mass_action},
    {{kPost,  "/api/v1/mass-actions/{mass_action}/keys", "Add API keys to the list of a prepared mass action."},              add_to_mass_action},
    {{kPost,  "/api/v1/mass-actions/{mass_action}/start", "Begin a prepared mass action."},                                   start_mass_action},
    {{kPost,  "/api/v1/mass-actions/{mass_action}/stop", "Stop a mass action; what it has done stays."},                      stop_mass_action},
    {{kGet,   "/api/v1/mass-actions/{mass_action}/results", "Export what became of each API key of a mass action."},          export_mass_results},
    {{kGet,   "/api/v1/receipts",                      "List the receipts of an API key or account, newest first."},          list_receipts},
    {{kGet,   "/api/v1/receipts/{receipt}",            "Show one receipt: the signed proof that a change is in force."},      show_receipt},
    {{kGet,   "/api/v1/receipt-key",                   "Show the public key with which receipts of this node are checked."},  show_receipt_key},
    {{kPost,  "/api/v1/challenges",                    "Ask for the text whose signature proves possession of a private key."}, make_challenge},
    {{kGet,   "/api/v1/refusals",                      "List refused requests with their true reasons, newest first."},       list_refusals},
    {{kGet,   "/api/v1/refusals/{request_id}",         "Show one refused request."},                                          show_refusal},
    {{kGet,   "/api/v1/audit",                         "Read the audit log page by page."},                                   list_audit},
    {{kGet,   "/api/v1/audit/export",                  "Export the whole audit log, for `counterfoil audit verify`."},        export_audit},
    {{kPost,  "/api/v1/backups",                       "Back the node up into one sealed file on its own machine."},         create_backup},
    {{kGet,   "/api/v1/secrets",                       "Show the keys that secrets are sealed with, and how far a change is."}, show_secrets},
    {{kPost,  "/api/v1/secrets/rotate-kek",            "Make a new sealing key (KEK); the node wraps everything by it and destroys the old one."}, rotate_kek},
    {{kPost,  "/api/v1/secrets/rotate-root",           "Change the root key for the one in a key file on the node's own machine."}, rotate_root},
    {{kPost,  "/api/v1/secrets/scrub",                 "Write the registry's file anew, so that no copy of what was replaced stays."}, scrub_secrets},
    {{kGet,   "/api/v1/status",                        "Show what the node is doing and what troubles it."},                  show_status},
    {{kPost,  "/api/v1/reload",                        "Take over the configuration as it is now, without a restart."},        reload},
    {{kPost,  "/api/v1/clock/confirm",                 "Say that a clock in doubt is right: signed requests go on."},         confirm_clock},
    {{kGet,   "/api/v1/profile",                       "Show the profile's permissions and the types of key pairs."},         show_profile},
});
// clang-format on

constexpr auto kRoutes = [] {
  std::array<ManagementRoute, kRows.size()> routes{};
  std::ranges::transform(kRows, routes.begin(), &RouteRow::route);
  return routes;
}();

// match gives what stands at the {name} of `pattern` ("" when it has none), or nullopt.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) {
    return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
  }
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  if (!path.starts_with(pattern.substr(0, open)) || !path.ends_with(tail) ||
      path.size() <= open + tail.size()) {
    return std::nullopt;
  }
  const std::string_view id = path.substr(open, path.size() - open - tail.size());
  return id.contains('/') ? std::nullopt : std::optional(id);
}

}  // namespace

std::span<const ManagementRoute> management_routes() { return kRoutes; }

FoundRoute find_route(http::Method method, std::string_view path) {
  const http::Method wanted = method == kHead ? kGet : method;
  for (const RouteRow& row : kRows) {
    if (row.route.method != wanted) {
      continue;
    }
    if (const auto id = match(row.route.path, path)) {
      return {.row = &row, .id = *id};
    }
  }
  return {};
}

std::string methods_for(std::string_view path) {
  std::string methods;
  for (const RouteRow& row : kRows) {
    const std::string_view name = http::method_name(row.route.method);
    if (match(row.route.path, path) && !methods.contains(name)) {
      methods += (methods.empty() ? "" : ", ") + std::string(name);
    }
  }
  return methods;
}

}  // namespace counterfoil
