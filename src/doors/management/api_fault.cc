#include "doors/management/api_fault.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "authority/problem.h"

namespace counterfoil {
namespace {

struct ActionRow {
  std::string_view reason;
  std::string_view action;
};

// clang-format off
constexpr auto kActions = std::to_array<ActionRow>({
    {"no_such_account",      "counterfoil accounts list"},
    {"account_exists",       "counterfoil accounts list"},
    {"no_such_key",          "counterfoil keys list"},
    {"label_ambiguous",      "counterfoil keys list"},
    {"api_key_exists",       "counterfoil keys list"},
    {"too_many_keys",        "counterfoil keys list --state active"},
    {"no_such_enrolment_link", "counterfoil keys enroll --list"},
    {"too_many_links",       "counterfoil keys enroll --list"},
    {"changed_meanwhile",    "counterfoil keys show KEY"},
    {"conflict",             "counterfoil keys show KEY"},
    {"already_suspended",    "counterfoil keys resume KEY"},
    {"already_rotating",     "counterfoil keys end-retiring KEY"},
    {"api_key_expired",      "counterfoil keys edit KEY --expires 90d"},
    {"permission_unknown",   "counterfoil config show profile.name"},
    {"allow_list_required",  "counterfoil keys create --ip ADDRESS ..."},
    {"challenge_unknown",    "counterfoil keys challenge --account ACCOUNT --public-key FILE"},
    {"disk_full",            "counterfoil status"},
    {"registry_unavailable", "counterfoil status"},
    {"journal_unavailable",  "counterfoil status"},
    {"not_in_force",         "counterfoil status"},
    {"record_unreadable",    "counterfoil status"},
    {"configuration_faulty", "counterfoil config check"},
    {"clock_not_in_doubt",   "counterfoil status"},
    {"clock_moved",          "counterfoil status"},
});
// clang-format on

int status_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::kInvalid:
      return 400;
    case Problem::Kind::kNotFound:
      return 404;
    case Problem::Kind::kConflict:
      return 409;
    case Problem::Kind::kChanged:
      return 412;
    case Problem::Kind::kNotAllowed:
      return 403;
    case Problem::Kind::kNotSignedIn:
      return 401;
    case Problem::Kind::kBusy:
      return 429;
    case Problem::Kind::kUnavailable:
      return 503;
  }
  std::unreachable();
}

}  // namespace

ApiFault fault_of(const Problem& problem) {
  return {.status = status_of(problem.kind),
          .reason = problem.reason,
          .detail = problem.detail,
          .member = {},
          .retry_after = problem.retry_after};
}

std::string_view action_for(std::string_view reason) {
  const auto* const row = std::ranges::find(kActions, reason, &ActionRow::reason);
  return row == kActions.end() ? std::string_view{} : row->action;
}

}  // namespace counterfoil
