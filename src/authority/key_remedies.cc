#include "authority/key_remedies.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/key_trouble.h"
#include "authority/key_troubles.h"
#include "autopsy/cause.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "policy/permission_rule.h"

namespace counterfoil {
namespace {

struct KindRow {
  RemedyKind kind;
  std::string_view name;
  bool is_ours;
};

// clang-format off
constexpr auto kKinds = std::to_array<KindRow>({
    {RemedyKind::kSuspend,        "suspend",         true},
    {RemedyKind::kResume,         "resume",          true},
    {RemedyKind::kRenew,          "renew",           true},
    {RemedyKind::kAllowAddress,   "allow_address",   true},
    {RemedyKind::kTickPermission, "tick_permission", true},
    {RemedyKind::kRotate,         "rotate",          false},
    {RemedyKind::kEdit,           "edit",            false},
    {RemedyKind::kClientChange,   "client_change",   false},
});
// clang-format on

constexpr const KindRow& row_of(RemedyKind kind) { return kKinds.at(std::to_underlying(kind)); }
static_assert(std::ranges::all_of(kKinds,
                                  [](const KindRow& row) { return &row_of(row.kind) == &row; }));

KeyRemedy made(RemedyKind kind, std::string text) {
  return {.id = std::string(name_of(kind)),
          .kind = kind,
          .text = std::move(text),
          .risk = {},
          .step_up = false,
          .value = {},
          .expires_at = std::nullopt};
}

KeyRemedy confirmed(RemedyKind kind, std::string text, std::string risk) {
  KeyRemedy remedy = made(kind, std::move(text));
  remedy.risk = std::move(risk);
  remedy.step_up = true;
  return remedy;
}

KeyRemedy with_value(KeyRemedy remedy, std::string value) {
  remedy.id += ":" + value;
  remedy.value = std::move(value);
  return remedy;
}

// What the owner mends in the key's own record.
constexpr auto kEdited =
    std::to_array<std::string_view>({"symbol-not-allowed", "ip-list-has-typo"});
// What only new material mends, though nothing is known to have travelled.
constexpr auto kWrongMaterial = std::to_array<std::string_view>(
    {"signed-with-predecessor-key", "predecessor-key-used-after-rotation",
     "signed-with-other-key"});

bool is_one_of(const auto& list, std::string_view cause) {
  return std::ranges::find(list, cause) != list.end();
}

}  // namespace

std::string_view name_of(RemedyKind kind) { return row_of(kind).name; }
bool is_ours(RemedyKind kind) { return row_of(kind).is_ours; }

KeyRemedy suspend_remedy() {
  return made(RemedyKind::kSuspend,
              "Suspend the key: every request with it is refused until it is resumed.");
}

KeyRemedy resume_remedy() {
  return confirmed(RemedyKind::kResume, "Resume the key: its requests are accepted again.",
                   "Whoever has its secret or private key can use it again.");
}

KeyRemedy renew_remedy(Timestamp now) {
  KeyRemedy remedy = confirmed(RemedyKind::kRenew, "Renew it: it then lives for 90 days from now.",
                               "A secret that was copied lives as long as the key does.");
  static_assert(kRenewal == std::chrono::days(90));
  remedy.expires_at = now + kRenewal;
  return remedy;
}

KeyRemedy allow_remedy(const IpAddress& address) {
  KeyRemedy remedy = confirmed(
      RemedyKind::kAllowAddress, "Put " + address.to_string() + " on the IP allow-list.",
      "If the address is not yours, whoever sends from it gets all that this key may do.");
  return with_value(std::move(remedy), address.to_string());
}

KeyRemedy tick_remedy(const PermissionRule& permission, const ApiKey& key) {
  if (permission.needs_allow_list && key.allow_list.is_any()) {
    return edit_remedy("Edit the key: " + permission.name +
                       " wants an IP allow-list, so list the addresses it is used from, and tick " +
                       permission.name + ".");
  }
  KeyRemedy remedy =
      confirmed(RemedyKind::kTickPermission,
                "Give the key " + permission.name + ": " + permission.label + ".", permission.risk);
  return with_value(std::move(remedy), permission.name);
}

KeyRemedy rotate_remedy(std::string_view text) {
  KeyRemedy remedy = made(RemedyKind::kRotate, std::string(text));
  remedy.step_up = true;
  return remedy;
}

KeyRemedy edit_remedy(std::string_view text) { return made(RemedyKind::kEdit, std::string(text)); }

KeyRemedy client_remedy(std::string_view text) {
  return made(RemedyKind::kClientChange, std::string(text));
}

std::vector<KeyRemedy> remedies_of_cause(std::string_view cause, std::string_view fix,
                                         const ApiKey& key, Timestamp now) {
  const autopsy::CauseRow* const row = autopsy::find_cause(cause);
  if (row != nullptr && row->remedy == autopsy::Remedy::kRotate) {
    std::vector<KeyRemedy> out;
    out.push_back(rotate_remedy(
        "Rotate the key with no overlap: only a new pair ends what the old secret is good for."));
    if (effective_state(key, now) == EffectiveState::kActive) {
      out.push_back(suspend_remedy());
    }
    out.push_back(client_remedy(fix));
    return out;
  }
  if (is_one_of(kEdited, cause)) {
    return {edit_remedy("Edit the key."), client_remedy(fix)};
  }
  if (is_one_of(kWrongMaterial, cause)) {
    return {client_remedy(fix),
            rotate_remedy("Rotate the key, where the pair that it should use is lost.")};
  }
  return {client_remedy(fix)};
}

}  // namespace counterfoil
