#include <algorithm>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/root_facts.h"
#include "authority/sealer.h"
#include "authority/sealing_records.h"
#include "base/bytes.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "registry/registry.h"

// The change of the root key. In each step the registry opens with the key that lies where the next
// start looks for it:
//
//   1. prepare_root: each sealing key is kept twice, wrapped by the old and by the new root key
//   2. the key file is replaced (SealingRotation)
//   3. finish_root, or the next start: what the old root key wraps is erased

namespace counterfoil {

using namespace sealing_records;  // NOLINT(google-build-using-namespace): our own, for this file

namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> sealing_failed(SealError error) {
  return problem(Kind::kUnavailable, "sealing_failed", describe(error));
}

}  // namespace

std::expected<std::vector<Record>, Problem> Sealer::records_named(std::string_view prefix) const {
  auto stored = registry_.read().list(RecordKind::kSealingKey, "", kListMax);
  if (!stored) {
    return problem_of(stored.error());
  }
  std::erase_if(*stored, [&](const Record& record) { return !record.id.starts_with(prefix); });
  return std::move(*stored);
}

std::expected<std::optional<Record>, Problem> Sealer::own_record(std::string_view id) const {
  auto found = registry_.read().find(RecordKind::kSealingKey, id);
  if (!found) {
    return problem_of(found.error());
  }
  return std::move(*found);
}

std::expected<RootFacts, Problem> Sealer::root_facts(std::uint64_t& modified) const {
  const auto record = own_record(kRootRecord);
  if (!record) {
    return std::unexpected(record.error());
  }
  modified = *record ? (*record)->modified : 0;
  // A registry whose root key was never changed has no such record.
  auto facts = *record ? decode_root_facts((*record)->bytes) : std::nullopt;
  return facts ? std::move(*facts) : RootFacts{.present = root_id_, .next = {}, .former = {}};
}

std::unexpected<Problem> Sealer::wrong_root_key() const {
  std::uint64_t modified = 0;
  const auto facts = root_facts(modified);
  const auto former = facts ? facts->former : std::vector<RootFacts::Former>();
  if (const auto ours = std::ranges::find(former, root_id_, &RootFacts::Former::id);
      ours != former.end()) {
    return problem(Kind::kUnavailable, "wrong_root_key",
                   "this root key (id " + root_id_ + ") was replaced at " +
                       audit_time_text(ours->until) + ": put the newer one (id " + facts->present +
                       ") in place; the old one opens backups made before");
  }
  const std::string wanted =
      modified == 0 || !facts ? "" : ", and the one wanted has the id " + facts->present;
  return problem(Kind::kUnavailable, "wrong_root_key",
                 "the root key does not open this registry: it is the key of another "
                 "installation, or the registry was tampered with (this key has the id " +
                     root_id_ + wanted + "); put the right root.key in place");
}

Sealer::RootState Sealer::root_state() const {
  const std::scoped_lock lock(maintain_mutex_);
  return {.id = root_id_, .next_id = next_root_id_};
}

std::expected<void, Problem> Sealer::drop_next_root(std::vector<Write>& writes) const {
  const auto prepared = records_named(kNextPrefix);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  for (const Record& record : *prepared) {
    writes.push_back(erase(record));
  }
  std::uint64_t modified = 0;
  auto facts = root_facts(modified);
  if (!facts) {
    return std::unexpected(facts.error());
  }
  facts->next.reset();
  writes.push_back(put(std::string(kRootRecord), encode(*facts), modified));
  return {};
}

std::expected<void, Problem> Sealer::wrap_all(const RootKey& root, std::string_view prefix,
                                              std::vector<Write>& writes) {
  for (const SealingKey& key : ring_.all()) {
    const auto wrapped = key.wrap(root, random_);
    if (!wrapped) {
      return sealing_failed(wrapped.error());
    }
    std::string name = record_id(prefix, key.version());
    const auto present = own_record(name);
    if (!present) {
      return std::unexpected(present.error());
    }
    writes.push_back(
        put(std::move(name), std::string(as_text(*wrapped)), *present ? (*present)->modified : 0));
  }
  return {};
}

std::expected<void, Problem> Sealer::prepare_root(const RootKey& next, const Actor& actor) {
  const auto id = SealingKey::root_id(next);
  if (!id) {
    return sealing_failed(id.error());
  }
  const std::scoped_lock lock(maintain_mutex_);
  if (root_to_finish_) {
    if (const auto taken = take_root(actor); !taken) {
      return taken;
    }
  }
  std::vector<Write> writes;
  if (const auto wrapped = wrap_all(next, kNextPrefix, writes); !wrapped) {
    return wrapped;
  }
  std::uint64_t modified = 0;
  auto facts = root_facts(modified);
  if (!facts) {
    return std::unexpected(facts.error());
  }
  facts->next = *id;
  writes.push_back(put(std::string(kRootRecord), encode(*facts), modified));
  const auto stored = registry_.commit(std::move(writes), {.actor = actor.name,
                                                           .source = actor.source,
                                                           .action = "root_key.prepare",
                                                           .object = *id,
                                                           .detail = {{"present", root_id_}}});
  if (!stored) {
    return problem_of(stored.error());
  }
  next_root_id_ = *id;
  return {};
}

std::expected<void, Problem> Sealer::finish_root(RootKey next, const Actor& actor) {
  auto id = SealingKey::root_id(next);
  if (!id) {
    return sealing_failed(id.error());
  }
  const std::scoped_lock lock(maintain_mutex_);
  // From here on the old root key is of no use: the next start finds the new one, which opens.
  root_ = std::move(next);
  root_id_ = std::move(*id);
  next_root_id_.reset();
  root_to_finish_ = true;
  return take_root(actor);
}

std::expected<void, Problem> Sealer::take_root(const Actor& actor) {
  std::uint64_t modified = 0;
  auto facts = root_facts(modified);
  const auto prepared = records_named(kNextPrefix);
  if (!facts || !prepared) {
    return std::unexpected(!facts ? facts.error() : prepared.error());
  }
  std::vector<Write> writes;
  if (const auto wrapped = wrap_all(root_, kKeyPrefix, writes); !wrapped) {
    return wrapped;
  }
  for (const Record& record : *prepared) {
    writes.push_back(erase(record));
  }
  const std::string old = facts->present;
  facts->former.push_back({.id = old, .until = registry_.now()});
  if (facts->former.size() > RootFacts::kFormerMax) {
    facts->former.erase(facts->former.begin());
  }
  facts->present = root_id_;
  facts->next.reset();
  writes.push_back(put(std::string(kRootRecord), encode(*facts), modified));
  const auto stored = registry_.commit(std::move(writes), {.actor = actor.name,
                                                           .source = actor.source,
                                                           .action = "root_key.rotate",
                                                           .object = root_id_,
                                                           .detail = {{"old", old}}});
  if (!stored) {
    return problem_of(stored.error());
  }
  root_to_finish_ = false;
  return {};
}

}  // namespace counterfoil
