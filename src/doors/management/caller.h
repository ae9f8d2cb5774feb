#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/issuer.h"
#include "authority/management_keys.h"
#include "authority/people_desk.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/management_api.h"

namespace counterfoil {

// Asker is who makes a call: a peer of the admin socket, a person in a session that is alive, an
// API key that signed the call, or a stranger with a browser.
struct Asker {
  enum class Kind : std::uint8_t { kSocket, kPerson, kKey, kStranger };
  Kind kind = Kind::kStranger;
  Actor actor;                                  // as the audit log names them
  std::optional<Caller> caller = std::nullopt;  // of kPerson
  std::optional<KeyCaller> key = std::nullopt;  // of kKey
};

// asker_of finds out who calls. A session that has ended makes a stranger; a fault of the store is
// a fault, and so is a signed call that is refused (signed_call.h).
[[nodiscard]] std::expected<Asker, ApiFault> asker_of(const ManagementApi::Parts& parts,
                                                      const ApiRequest& request,
                                                      const ManagementRoute& route);

// check_csrf: 403 csrf_token_wrong, unless the call carries the token of its session (control
// S-70).
[[nodiscard]] std::expected<void, ApiFault> check_csrf(const BrowserCall& browser);

// Tenancy (control S-65). A holder sees what belongs to their own account and its sub-accounts, and
// acts for them; everybody else who gets as far sees all accounts. What a holder does not see is
// answered like what does not exist, word for word.

// bound_account is the account beyond which, with its sub-accounts, the asker sees nothing.
// nullopt: sees all. A holder without an account sees nothing: theirs is one that cannot be.
// An API key of a scope within its account is bound as a holder is.
[[nodiscard]] std::optional<std::string> bound_account(const Asker& asker);
// held_account is the account for which the asker acts as its holder; empty: none.
[[nodiscard]] std::string held_account(const Asker& asker);
// sees_all: sees() each of `accounts`. Of none of them: nobody who is bound.
[[nodiscard]] std::expected<bool, ApiFault> sees_all(const ManagementApi::Parts& parts,
                                                     const std::optional<std::string>& bound,
                                                     const std::vector<std::string>& accounts);
// sees: `account` is the bound account or one of its sub-accounts.
[[nodiscard]] std::expected<bool, ApiFault> sees(const ManagementApi::Parts& parts,
                                                 const std::optional<std::string>& bound,
                                                 std::string_view account);
// accounts_within gives the bound account and its sub-accounts, in the order of their ids.
[[nodiscard]] std::expected<std::vector<Account>, ApiFault> accounts_within(
    const ManagementApi::Parts& parts, const std::string& bound);

}  // namespace counterfoil
