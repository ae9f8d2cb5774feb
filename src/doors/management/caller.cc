#include "doors/management/caller.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/people_desk.h"
#include "authority/problem.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/management_api.h"
#include "doors/management/rights.h"
#include "doors/management/signed_call.h"
#include "policy/permission_rule.h"

namespace counterfoil {
namespace {

// person_in gives nullopt when there is no session, or one that has ended.
std::expected<std::optional<Caller>, ApiFault> person_in(const ManagementApi::Parts& parts,
                                                         const BrowserCall& browser) {
  if (!parts.people || browser.session_token.empty()) {
    return std::optional<Caller>();
  }
  auto caller = parts.people->sessions.caller(browser.session_token, browser.address);
  if (caller) {
    return std::optional(std::move(*caller));
  }
  if (caller.error().kind == Problem::Kind::kNotSignedIn) {
    return std::optional<Caller>();
  }
  return std::unexpected(fault_of(caller.error()));
}

std::optional<std::string> bound_account(const Person& person) {
  if (person.role != Role::kHolder) {
    return std::nullopt;
  }
  return person.account ? person.account->text() : std::string();
}

}  // namespace

std::expected<Asker, ApiFault> asker_of(const ManagementApi::Parts& parts,
                                        const ApiRequest& request, const ManagementRoute& route) {
  if (request.signature) {
    auto key = signed_caller(parts, request, route);
    if (!key) {
      return std::unexpected(std::move(key.error()));
    }
    Actor actor = key->actor();
    return Asker{.kind = Asker::Kind::kKey, .actor = std::move(actor), .key = std::move(*key)};
  }
  if (!request.browser) {
    return Asker{.kind = Asker::Kind::kSocket, .actor = request.actor};
  }
  auto caller = person_in(parts, *request.browser);
  if (!caller) {
    return std::unexpected(std::move(caller.error()));
  }
  if (!*caller) {
    return Asker{.kind = Asker::Kind::kStranger,
                 .actor = {.name = "stranger", .source = request.browser->address.to_string()}};
  }
  Actor actor = (*caller)->actor();
  return Asker{
      .kind = Asker::Kind::kPerson, .actor = std::move(actor), .caller = std::move(*caller)};
}

std::expected<void, ApiFault> check_csrf(const BrowserCall& browser) {
  if (is_csrf_token(browser.session_token, browser.csrf)) {
    return {};
  }
  return std::unexpected(
      ApiFault{.status = 403,
               .reason = "csrf_token_wrong",
               .detail = "a change carries X-Counterfoil-CSRF with the token of its session, which "
                         "GET /api/v1/session shows; nothing was changed",
               .member = {}});
}

std::optional<std::string> bound_account(const Asker& asker) {
  switch (asker.kind) {
    case Asker::Kind::kSocket:
      return std::nullopt;
    case Asker::Kind::kPerson:
      return bound_account(asker.caller->person.value);
    case Asker::Kind::kKey:
      return is_beyond_account(asker.key->scope) ? std::nullopt
                                                 : std::optional(asker.key->account.text());
    case Asker::Kind::kStranger:
      return std::string();
  }
  std::unreachable();
}

std::string held_account(const Asker& asker) {
  if (asker.key) {
    return asker.key->account.text();
  }
  const bool is_held = asker.caller && asker.caller->person.value.account;
  return is_held ? asker.caller->person.value.account->text() : std::string();
}

std::expected<bool, ApiFault> sees(const ManagementApi::Parts& parts,
                                   const std::optional<std::string>& bound,
                                   std::string_view account) {
  if (!bound || (!account.empty() && account == *bound)) {
    return true;
  }
  if (bound->empty() || account.empty()) {
    return false;
  }
  const auto found = parts.issuer.account(std::string(account));
  if (found) {
    return found->master && found->master->text() == *bound;
  }
  return found.error().kind == Problem::Kind::kNotFound ? std::expected<bool, ApiFault>(false)
                                                        : std::unexpected(fault_of(found.error()));
}

std::expected<bool, ApiFault> sees_all(const ManagementApi::Parts& parts,
                                       const std::optional<std::string>& bound,
                                       const std::vector<std::string>& accounts) {
  for (const std::string& account : accounts) {
    if (const auto seen = sees(parts, bound, account); !seen || !*seen) {
      return seen;
    }
  }
  return !accounts.empty() || !bound;
}

std::expected<std::vector<Account>, ApiFault> accounts_within(const ManagementApi::Parts& parts,
                                                              const std::string& bound) {
  auto own = parts.issuer.account(bound);
  auto subs = parts.issuer.sub_accounts(bound);
  if (!subs) {
    return std::unexpected(fault_of(subs.error()));
  }
  std::vector<Account> accounts = std::move(subs->accounts);
  if (own) {
    accounts.push_back(std::move(*own));
  } else if (own.error().kind != Problem::Kind::kNotFound) {
    return std::unexpected(fault_of(own.error()));
  }
  std::ranges::sort(accounts, {}, &Account::id);
  return accounts;
}

std::expected<Caller, ApiFault> ManagementApi::caller_of(const BrowserCall& browser) const {
  auto caller = person_in(parts_, browser);
  if (!caller) {
    return std::unexpected(std::move(caller.error()));
  }
  if (!*caller) {
    return std::unexpected(fault_of(not_signed_in().error()));
  }
  if ((*caller)->session.value.stage != SessionStage::kFull) {
    return std::unexpected(second_factor_wanted());
  }
  return std::move(**caller);
}

std::expected<bool, ApiFault> ManagementApi::may_see(const Caller& caller,
                                                     std::string_view account) const {
  return sees(parts_, bound_account(caller.person.value), account);
}

}  // namespace counterfoil
