#include "authority/notices.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account_codec.h"
#include "accounts/notice.h"
#include "accounts/people_codec.h"
#include "accounts/person_id.h"
#include "authority/audit_chain.h"
#include "base/hex.h"
#include "base/time.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// Told says whom an action is told to.
enum class Told : std::uint8_t {
  kObject,            // the person it was done to
  kActor,             // the person who signed in, if that was out of the ordinary
  kAccount,           // the holders of the account whose API key it was done to
  kAccountIfWider,    // the same, if it changed what the API key may do, or from where
  kHoldersOfAccount,  // the holders of the account it was done to
};

struct Row {
  std::string_view action;
  Told told;
};
constexpr auto kRows = std::to_array<Row>({
    {"account.resume", Told::kHoldersOfAccount},
    {"account.suspend", Told::kHoldersOfAccount},
    {"enrolment_link.make", Told::kAccount},
    {"identity.link", Told::kObject},
    {"identity.unlink", Told::kObject},
    {"key.create", Told::kAccount},
    {"key.edit", Told::kAccountIfWider},
    {"key.expire", Told::kAccount},
    {"key.import", Told::kAccount},
    {"key.policy_notice", Told::kAccount},
    {"key.policy_restrict", Told::kAccount},
    {"key.remind", Told::kAccount},
    {"key.resume", Told::kAccount},
    {"key.revoke", Told::kAccount},
    {"key.rotate", Told::kAccount},
    {"key.suspend", Told::kAccount},
    {"passkey.add", Told::kObject},
    {"passkey.remove", Told::kObject},
    {"password.change", Told::kObject},
    {"password.offer_reset", Told::kObject},
    {"password.reset", Told::kObject},
    {"person.disable", Told::kObject},
    {"person.enable", Told::kObject},
    {"person.force_new_factor", Told::kObject},
    {"recovery_codes.make", Told::kObject},
    {"session.open", Told::kActor},
    {"totp.add", Told::kObject},
    {"totp.remove", Told::kObject},
    {"totp.replace", Told::kObject},
    {"webhook.create", Told::kAccount},
    {"webhook.disable", Told::kAccount},
    {"webhook.edit", Told::kAccount},
    {"webhook.rotate_secret", Told::kAccount},
});
static_assert(std::ranges::is_sorted(kRows, {}, &Row::action));

std::string_view detail_of(const AuditFact& fact, const std::string& name) {
  const auto found = fact.detail.find(name);
  return found == fact.detail.end() ? std::string_view() : std::string_view(found->second);
}

// Listeners finds out who is told, and asks the registry once for each account.
class Listeners {
 public:
  explicit Listeners(const Registry& registry) : registry_(registry) {}

  std::set<std::string> of(const AuditFact& fact) {
    const auto* const row = std::ranges::lower_bound(kRows, fact.action, {}, &Row::action);
    if (row == kRows.end() || row->action != fact.action) {
      return {};
    }
    switch (row->told) {
      case Told::kObject:
        return {fact.object};
      case Told::kActor:
        return of_sign_in(fact);
      case Told::kAccount:
        return of_account(detail_of(fact, "account"));
      case Told::kAccountIfWider:
        return fact.detail.contains("permissions") || fact.detail.contains("allow_list")
                   ? of_account(detail_of(fact, "account"))
                   : std::set<std::string>();
      case Told::kHoldersOfAccount:
        return of_account(fact.object);
    }
    std::unreachable();
  }

 private:
  static std::set<std::string> of_sign_in(const AuditFact& fact) {
    constexpr std::string_view kPerson = "person:";
    const bool is_odd =
        detail_of(fact, "device") == "new" || detail_of(fact, "factor") == "recovery code";
    return is_odd && fact.actor.starts_with(kPerson)
               ? std::set<std::string>{fact.actor.substr(kPerson.size())}
               : std::set<std::string>();
  }

  std::set<std::string> of_account(std::string_view account) {
    const auto known = by_account_.find(account);
    if (known != by_account_.end()) {
      return known->second;
    }
    std::set<std::string> people;
    add_holders(account, people);
    const auto record = registry_.find(RecordKind::kAccount, account);
    const auto stored = record && *record ? decode_account((*record)->bytes) : std::nullopt;
    if (stored && stored->master) {
      add_holders(stored->master->text(), people);
    }
    by_account_.emplace(account, people);
    return people;
  }

  void add_holders(std::string_view account, std::set<std::string>& people) const {
    if (const auto records = registry_.find_by_index(kPersonAccountIndex, account)) {
      for (const Record& record : *records) {
        people.insert(record.id);
      }
    }
  }

  const Registry& registry_;
  std::map<std::string, std::set<std::string>, std::less<>> by_account_;
};

// The newest record has the greatest seq and gives the smallest id.
std::string notice_id(const std::string& person, std::uint64_t seq) {
  std::array<std::uint8_t, sizeof(seq)> bytes{};
  std::uint64_t rest = ~seq;
  for (std::uint8_t& byte : std::views::reverse(bytes)) {
    byte = static_cast<std::uint8_t>(rest & 0xffU);
    rest >>= 8U;
  }
  return person + ":" + to_hex(bytes);
}

}  // namespace

std::string notice_prefix(const PersonId& person) { return person.text() + ":"; }

std::vector<Write> notices_of(const Registry& registry, std::span<const AuditFact> facts,
                              std::uint64_t first_seq, Timestamp time, std::size_t writes_max) {
  Listeners listeners(registry);
  std::map<std::pair<std::string, std::string>, std::pair<std::string, Notice>> made;  // id, notice
  std::uint64_t seq = first_seq;
  for (const AuditFact& fact : facts) {
    for (const std::string& person : listeners.of(fact)) {
      const auto [at, is_first] = made.try_emplace({person, fact.action});
      auto& [id, notice] = at->second;
      if (!is_first) {
        ++notice.count;
        continue;
      }
      id = notice_id(person, seq);
      notice = {.what = fact.action,
                .time = time,
                .actor = fact.actor,
                .source = fact.source,
                .object = fact.object,
                .detail = fact.detail};
    }
    ++seq;
  }
  std::vector<Write> writes;
  for (const auto& [key, entry] : made) {
    if (writes.size() == writes_max) {
      break;
    }
    writes.push_back(
        {.kind = RecordKind::kNotice, .id = entry.first, .bytes = encode_notice(entry.second)});
  }
  return writes;
}

}  // namespace counterfoil
