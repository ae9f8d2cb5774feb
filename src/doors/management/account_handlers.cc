#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "base/account_id.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "doors/management/views.h"

namespace counterfoil {
namespace {

constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kEmailBytesMax = 256;  // what is too long is then told in the issuer's words

Outcome reply_account(const Issuer::Result<Account>& account, int status = 200) {
  if (!account) {
    return std::unexpected(fault_of(account.error()));
  }
  return reply(to_json(*account), status);
}

Outcome reply_changed_account(const Issuer::Result<ChangedAccount>& changed) {
  if (!changed) {
    return std::unexpected(fault_of(changed.error()));
  }
  Json json = to_json(changed->account);
  add_receipt(changed->receipt, json);
  return reply(json);
}

// list_own_accounts gives a holder all accounts that they see, at once: there are few of them.
Outcome list_own_accounts(const Call& call, const std::string& bound,
                          const std::optional<std::string>& master) {
  const auto accounts = accounts_within(call.parts, bound);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  Json items = Json::array();
  for (const Account& account : *accounts) {
    if (!master || (account.master && account.master->text() == *master)) {
      items.push_back(to_json(account));
    }
  }
  return reply_list(call, std::move(items), std::nullopt);
}

}  // namespace

Outcome list_accounts(const Call& call) {
  const std::string after = call.query.text("after").value_or("");
  const auto master = call.query.text("master");
  const std::size_t limit = page_size(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto bound = bound_account(call.asker)) {
    return list_own_accounts(call, *bound, master);
  }
  const auto page = master ? call.parts.issuer.sub_accounts(*master)
                           : call.parts.issuer.account_page(after, limit);
  if (!page) {
    return std::unexpected(fault_of(page.error()));
  }
  Json items = Json::array();
  for (const Account& account : page->accounts) {
    items.push_back(to_json(account));
  }
  return reply_list(call, std::move(items), page->next);
}

Outcome create_account(const Call& call) {
  MemberReader members(call.body);
  const std::string id = members.required_text("id", AccountId::kSizeMax);
  const std::string name = members.text("name", kNameBytesMax).value_or("");
  const auto master = members.text("master", AccountId::kSizeMax);
  const auto email = members.text("email", kEmailBytesMax);
  if (master.has_value() != email.has_value()) {
    members.refuse("sub_account_incomplete",
                   "a sub-account has both \"master\" and \"email\", by which the master names it",
                   master ? "email" : "master");
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  std::optional<Issuer::SubAccountOf> of;
  if (master && email) {
    of = {.master = *master, .email = *email};
  }
  Outcome made = reply_account(call.parts.issuer.create_account(id, name, call.actor(), of), 201);
  if (made) {
    made->headers.emplace_back("Location", "/api/v1/accounts/" + id);
  }
  return made;
}

Outcome show_account(const Call& call) { return reply_account(call.parts.issuer.account(call.id)); }

Outcome suspend_account(const Call& call) {
  const auto cause = read_cause(call);
  if (!cause) {
    return std::unexpected(cause.error());
  }
  return reply_changed_account(call.parts.issuer.suspend_account(call.id, *cause, call.actor()));
}

Outcome resume_account(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_changed_account(call.parts.issuer.resume_account(call.id, call.actor()));
}

}  // namespace counterfoil
