#include "authority/passkey_rule.h"

#include <algorithm>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/person.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "keys/api_key_codec.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {

std::expected<bool, Problem> PasskeyRule::holds_grave_key(std::string_view account) const {
  const auto records = of_->registry.find_by_index(kLivingIndex, account);
  if (!records) {
    return problem_of(records.error());
  }
  return std::ranges::any_of(*records, [&](const Record& record) {
    const auto key = decode_api_key(record.bytes, of_->permissions);
    return !key || key->permissions.intersects(of_->grave);
  });
}

std::expected<PasskeyNeed, Problem> PasskeyRule::need_of(const Person& person) const {
  if (!of_ || person.role == Role::kAuditor) {
    return PasskeyNeed::kNone;
  }
  if (person.role != Role::kHolder || !person.account) {
    return PasskeyNeed::kPasskey;
  }
  const auto sub_accounts = of_->registry.find_by_index(kMasterIndex, person.account->text());
  if (!sub_accounts) {
    return problem_of(sub_accounts.error());
  }
  std::vector<std::string> accounts{person.account->text()};
  for (const Record& record : *sub_accounts) {
    accounts.push_back(record.id);
  }
  for (const std::string& account : accounts) {
    const auto holds = holds_grave_key(account);
    if (!holds || *holds) {
      return holds ? std::expected<PasskeyNeed, Problem>(PasskeyNeed::kPasskey)
                   : std::unexpected(holds.error());
    }
  }
  return PasskeyNeed::kNone;
}

}  // namespace counterfoil
