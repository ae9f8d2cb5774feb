#include "authority/policy_watch.h"

#include <algorithm>
#include <expected>
#include <string>

#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key.h"

namespace counterfoil {

std::expected<void, Problem> PolicyWatch::look() {
  if (next_round_ && parts_.clock.boot_now() < *next_round_) {
    return {};
  }
  if (!parts_.usage_is_told()) {
    return {};  // a key in use would look unused
  }
  next_round_.reset();
  const auto page = parts_.issuer.key_page(after_, kKeysAtATime);
  if (!page) {
    return std::unexpected(page.error());
  }
  for (const VersionedKey& stored : page->keys) {
    if (auto looked = look_at(stored); !looked) {
      return looked;
    }
  }
  after_ = page->next.value_or("");
  if (!page->next) {
    next_round_ = parts_.clock.boot_now() + kPause;
  }
  return {};
}

std::expected<KeyUse, Problem> PolicyWatch::use_of(const ApiKey& key) const {
  const Timestamp since = parts_.clock.now() - policies_.unused.after;
  if (policies_.unused.mode == PolicyMode::kOff || key.created > since || key.imported) {
    return KeyUse::kUsed;  // nothing depends on it
  }
  const auto hours = parts_.journal.usage(key.id.text(), since, UsageBucket::kHour);
  if (!hours) {
    return problem(Problem::Kind::kUnavailable, "journal_unavailable",
                   "the journal did not answer, so nothing is done about unused API keys: " +
                       std::string(describe(hours.error())));
  }
  const bool is_used =
      std::ranges::any_of(*hours, [](const UsageCount& count) { return count.accepted > 0; });
  return is_used ? KeyUse::kUsed : KeyUse::kUnused;  // what was refused is no use
}

std::expected<void, Problem> PolicyWatch::look_at(const VersionedKey& stored) {
  if (stored.key.state != KeyState::kActive) {
    return {};
  }
  const auto use = use_of(stored.key);
  if (!use) {
    return std::unexpected(use.error());
  }
  const PolicyStep step =
      next_step(stored.key, *use, policies_, parts_.needs_allow_list, parts_.clock.now());
  const auto applied =
      parts_.issuer.apply_policy(std::string(stored.key.id.text()), step, stored.version);
  // A key that was changed at this moment is looked at again in the next round.
  const bool is_done = applied || applied.error().kind != Problem::Kind::kUnavailable;
  return is_done ? std::expected<void, Problem>() : applied;
}

}  // namespace counterfoil
