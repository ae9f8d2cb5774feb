#include "authority/key_selection.h"

#include <expected>

#include "authority/problem.h"
#include "authority/problems.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

bool has_criterion(const KeySelection& selection) {
  return !selection.accounts.empty() || !selection.label.empty() || !selection.vendor.empty() ||
         selection.created_from || selection.created_until || selection.used_from;
}

}  // namespace

bool KeySelection::takes(const ApiKey& key) const {
  return (accounts.empty() || std::ranges::binary_search(accounts, key.account.text())) &&
         (label.empty() || key.label == label) && (vendor.empty() || key.vendor == vendor) &&
         (!created_from || key.created >= *created_from) &&
         (!created_until || key.created < *created_until);
}

std::expected<void, Problem> check_selection(const KeySelection& selection) {
  const bool is_list = !selection.api_keys.empty();
  const bool has_criteria = has_criterion(selection) || selection.everything;
  if (!is_list && !has_criteria) {
    return problem(Kind::kInvalid, "selection_empty",
                   "this selects nothing: name API keys, an account, a label, a vendor, when they "
                   "were made or where they were used from; \"everything\" has to be said");
  }
  if ((is_list && has_criteria) || (selection.everything && has_criterion(selection))) {
    return problem(Kind::kInvalid, "selection_mixed",
                   "a list of API keys, and \"everything\", stand alone: take the other conditions "
                   "away, or the list");
  }
  if (selection.used_since && !selection.used_from) {
    return problem(Kind::kInvalid, "selection_mixed",
                   "\"used_since\" says since when \"used_from\" counts: name the network too");
  }
  if (selection.api_keys.size() > kSelectedKeysMax) {
    return problem(Kind::kInvalid, "selection_too_long",
                   "a list holds at most 100,000 API keys: make several of it");
  }
  if (selection.accounts.size() > kSelectedAccountsMax) {
    return problem(Kind::kInvalid, "selection_too_long",
                   "a selection names at most 100 accounts: make several of it");
  }
  if (selection.created_from && selection.created_until &&
      *selection.created_from >= *selection.created_until) {
    return problem(Kind::kInvalid, "selection_range",
                   "nothing was created in that span: its end is not after its beginning");
  }
  return {};
}

}  // namespace counterfoil
