#include "authority/quiet_watch.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {

std::expected<void, Problem> QuietWatch::look() {
  if (!parts_.usage_is_told()) {
    return {};
  }
  std::expected<void, Problem> all;
  std::string after;
  while (true) {
    const auto records = parts_.registry.read().find_by_index(kQuietIndex, kQuietValue, after);
    if (!records) {
      return problem_of(records.error());
    }
    for (const Record& record : *records) {
      if (auto looked = look_at(record); !looked) {
        all = std::move(looked);
      }
    }
    if (records->size() < kListMax) {
      return all;
    }
    after = records->back().id;
  }
}

std::expected<void, Problem> QuietWatch::look_at(const Record& record) {
  const auto key = decode_api_key(record.bytes, parts_.permissions);
  const Timestamp now = parts_.clock.now();
  if (!key || key->state == KeyState::kRevoked) {
    return {};
  }
  const auto retiring = std::ranges::find_if(key->pairs, [&](const KeyPair& pair) {
    return pair.quiet_for.has_value() && pair.retires_at && pair.verifies_at(now);
  });
  if (retiring == key->pairs.end()) {
    return {};  // it has ended meanwhile, by its date
  }
  const auto uses = parts_.journal.last_uses(record.id);
  if (!uses) {
    return problem(Problem::Kind::kUnavailable, "journal_unavailable",
                   "the journal did not answer, so retiring key pairs are left as they are: " +
                       std::string(describe(uses.error())));
  }
  // Since the rotation at the earliest: its owner needs time to take the new pair up.
  Timestamp last = std::ranges::max_element(key->pairs, {}, &KeyPair::created)->created;
  for (const PairUse& use : uses->pairs) {
    if (use.pair == retiring->number) {
      last = std::max(last, use.last);
    }
  }
  if (now - last < retiring->quiet_for.value_or(std::chrono::seconds::max())) {
    return {};
  }
  const auto ended = parts_.issuer.end_retiring(record.id, {.name = "system", .source = "local"},
                                                record.modified, "quiet");
  // Somebody changed the key at this moment: the next look sees what it is now.
  const bool is_done = ended || ended.error().kind == Problem::Kind::kChanged;
  return is_done ? std::expected<void, Problem>() : std::unexpected(ended.error());
}

}  // namespace counterfoil
