#include "authority/people_checks.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/password_rules.h"
#include "accounts/person.h"
#include "accounts/session.h"
#include "accounts/sign_in_name.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sessions.h"
#include "base/account_id.h"
#include "base/wiped_text.h"
#include "keys/life.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

// Adds the words of `text`, which anything but letters and figures parts.
void add_words(std::string_view text, std::vector<std::string_view>& words) {
  constexpr std::string_view kBetween = " .,-_+@'\"()";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kBetween), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::expected<std::string, Problem> check_email(std::string_view typed) {
  auto email = normal_email(typed);
  if (!email) {
    return problem(Kind::kInvalid, "email_invalid", "this is no e-mail address");
  }
  return std::move(*email);
}

std::expected<void, Problem> check_name(std::string_view name) {
  if (name.empty() || !is_plain_text(name, kPersonNameCharactersMax)) {
    return problem(Kind::kInvalid, "name_invalid",
                   "a name has 1 to 64 characters, none of them control or text-direction "
                   "characters");
  }
  return {};
}

std::expected<void, Problem> check_password(const WipedText& password, std::string_view email,
                                            std::string_view name,
                                            const std::optional<AccountId>& account) {
  std::vector<std::string_view> words;
  add_words(email.substr(0, email.find('@')), words);
  add_words(name, words);
  if (account) {
    words.push_back(account->text());
  }
  if (const auto fault = fault_of_password(password, words)) {
    return problem(Kind::kInvalid, "password_refused", describe(*fault));
  }
  return {};
}

std::expected<void, Problem> check_owner(const Caller& caller) {
  if (caller.session.value.stage != SessionStage::kFull ||
      caller.person.value.role != Role::kOwner) {
    return problem(Kind::kNotAllowed, "role_not_allowed", "only owners may do this");
  }
  return {};
}

std::expected<void, Problem> check_reader(const Caller& caller) {
  if (caller.session.value.stage != SessionStage::kFull || !is_admin(caller.person.value.role)) {
    return problem(Kind::kNotAllowed, "role_not_allowed",
                   "only owners, operators and auditors may see this");
  }
  return {};
}

std::unexpected<Problem> email_taken() {
  return problem(Kind::kConflict, "email_taken", "somebody has this e-mail address already");
}

}  // namespace counterfoil
