#include "authority/sealing_rotation.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "accounts/webhook.h"
#include "authority/audit_keys.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/node_key.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sealer.h"
#include "authority/sealing_records.h"
#include "authority/second_factor.h"
#include "authority/webhook_records.h"
#include "base/bytes.h"
#include "crypto/key_file.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "journal/journal.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "registry/registry.h"

namespace counterfoil {

using namespace sealing_records;  // NOLINT(google-build-using-namespace): our own, for this file

namespace {

using Kind = Problem::Kind;

constexpr std::chrono::seconds kPassMax{5};

// is_own tells the settings that hold a key of ours.
bool is_own(const Record& record) {
  return record.id == kAuditKeysSetting || record.id.starts_with(kNodeKeyPrefix);
}

// A value that does not open today does not open with any key: keeping its old one helps nobody. A
// form that is not known may be a newer version's.
bool is_lost(SealError error) {
  return error == SealError::kTampered || error == SealError::kUnknownVersion;
}

// What of a person is sealed: the seeds of authenticator apps.
std::vector<std::string*> sealed_seeds(Person& person) {
  std::vector<std::string*> seeds;
  if (person.totp) {
    seeds.push_back(&person.totp->sealed_seed);
  }
  if (person.pending_totp) {
    seeds.push_back(&person.pending_totp->sealed_seed);
  }
  return seeds;
}

std::vector<std::string*> sealed_secrets(Webhook& webhook) {
  std::vector<std::string*> secrets{&webhook.sealed_secret};
  if (webhook.old_secret) {
    secrets.push_back(&webhook.old_secret->sealed);
  }
  return secrets;
}

// sealed_of_setting gives what is sealed of a setting; empty of those of others. nullopt: it
// cannot be read.
std::optional<std::string> sealed_of_setting(const Record& record) {
  if (record.id != kAuditKeysSetting) {
    return is_own(record) ? record.bytes : std::string();
  }
  auto keys = decode_audit_keys(record.bytes);
  return keys ? std::optional(std::move(keys->sealed_private_key)) : std::nullopt;
}

std::optional<RegistryError> fault_of(const auto& answer) {
  return answer ? std::nullopt : std::optional(answer.error());
}

std::unexpected<Problem> unreadable(std::uint64_t count) {
  return problem(Kind::kUnavailable, "records_unreadable",
                 std::to_string(count) +
                     " records cannot be read by this version, so what seals them is not known and "
                     "the old sealing key stays; use the version that wrote them, or the profile "
                     "with their permissions");
}

}  // namespace

// ---- the sealing key

std::expected<bool, Problem> SealingRotation::begin(const Actor& actor) {
  if (parts_.sealer.sealing_key_versions().size() > 1) {
    return false;
  }
  const auto made = parts_.sealer.begin_new_key(actor);
  return made ? std::expected<bool, Problem>(true) : std::unexpected(made.error());
}

void SealingRotation::work() {
  const std::vector<std::uint32_t> versions = parts_.sealer.sealing_key_versions();
  if (versions.size() > 1 && !is_stopped_ && parts_.clock.boot_now() >= not_before_) {
    const Done done = take_over(versions);
    const std::scoped_lock lock(status_mutex_);
    trouble_ = done ? std::nullopt : std::optional(done.error());
    if (!done) {
      not_before_ = parts_.clock.boot_now() + kAgainAfter;
    }
  }
  forget();
}

SealingRotation::Done SealingRotation::take_over(const std::vector<std::uint32_t>& versions) {
  // From here on the newest key seals everything that is still to be stored.
  parts_.sealer.wait_for_in_flight();
  if (!parts_.loops.wait_pass(kPassMax) || !parts_.drain()) {
    return problem(Kind::kUnavailable, "refusals_not_kept",
                   "what is to be kept of refused requests did not reach the journal; it is tried "
                   "again");
  }
  const auto found = survey();
  if (!found) {
    return std::unexpected(found.error());
  }
  lost_ = 0;
  note(found->on_older, found->on_older);
  for (const auto step : {&SealingRotation::renew_own, &SealingRotation::renew_api_keys,
                          &SealingRotation::renew_people, &SealingRotation::renew_webhooks,
                          &SealingRotation::renew_refusals}) {
    if (Done done = (this->*step)(); !done || is_stopped_) {
      return done;
    }
  }
  const auto left = survey();
  if (!left) {
    return std::unexpected(left.error());
  }
  note(found->on_older, left->on_older);
  if (left->unreadable > 0) {
    return unreadable(left->unreadable);
  }
  // What was lost is on the old key still, and stays so.
  return left->on_older > lost_ ? Done() : destroy(versions);
}

std::expected<SealingRotation::Survey, Problem> SealingRotation::survey() const {
  const std::uint32_t newest = parts_.sealer.sealing_key_version();
  Survey found;
  const auto look = [&](ByteView sealed) {
    if (!sealed.empty() && kek_version_of(sealed) != newest) {
      ++found.on_older;
    }
  };
  const auto scanned = parts_.registry.scan(RecordKind::kApiKey, [&](const RecordView& record) {
    const auto key = decode_api_key(record.bytes, parts_.permissions);
    if (!key) {
      ++found.unreadable;
      return;
    }
    for (const KeyPair& pair : key->pairs) {
      look(pair.sealed_secret);
    }
  });
  const auto scan = [&](RecordKind kind, auto decode, auto sealed_of) {
    return parts_.registry.scan(kind, [&](const RecordView& record) {
      auto value = decode(record.bytes);
      found.unreadable += value ? 0U : 1U;
      for (const std::string* const sealed :
           value ? sealed_of(*value) : std::vector<std::string*>()) {
        look(as_bytes(*sealed));
      }
    });
  };
  const auto people = scan(RecordKind::kPerson, decode_person, sealed_seeds);
  const auto webhooks = scan(RecordKind::kWebhook, decode_webhook, sealed_secrets);
  const auto settings = parts_.registry.list(RecordKind::kSetting, "", kListMax);
  const auto pepper = parts_.registry.find(RecordKind::kSealingKey, kPepperRecord);
  for (const auto& fault : {fault_of(scanned), fault_of(people), fault_of(webhooks),
                            fault_of(settings), fault_of(pepper)}) {
    if (fault) {
      return problem_of(*fault);
    }
  }
  for (const Record& record : *settings) {
    const auto sealed = sealed_of_setting(record);
    found.unreadable += sealed ? 0U : 1U;
    look(as_bytes(sealed.value_or(std::string())));
  }
  if (*pepper) {
    look(as_bytes((*pepper)->bytes));
  }
  return found;
}

template <typename Bytes>
std::expected<bool, Problem> SealingRotation::renew_value(std::string_view record_id,
                                                          Bytes& sealed) {
  if (sealed.empty()) {
    return false;
  }
  auto renewed = parts_.sealer.renew(
      record_id, ByteView(reinterpret_cast<const std::uint8_t*>(sealed.data()), sealed.size()));
  if (renewed) {
    if (*renewed) {
      sealed.assign((*renewed)->begin(), (*renewed)->end());
    }
    return renewed->has_value();
  }
  if (is_lost(renewed.error())) {
    ++lost_;
    return false;
  }
  return problem(Kind::kUnavailable, "sealing_failed", describe(renewed.error()));
}

std::expected<Revision, Problem> SealingRotation::commit(std::vector<Write> writes,
                                                         const std::string& first,
                                                         const std::string& last) {
  const auto count = std::to_string(writes.size());
  const auto stored = parts_.audited.commit(
      std::move(writes), {.actor = kSystem.name,
                          .source = kSystem.source,
                          .action = "sealing_key.renew",
                          .object = record_id(kKeyPrefix, parts_.sealer.sealing_key_version()),
                          .detail = {{"count", count}, {"first", first}, {"last", last}}});
  return stored ? std::expected<Revision, Problem>(*stored) : problem_of(stored.error());
}

SealingRotation::Done SealingRotation::renew_own() {
  auto records = parts_.registry.list(RecordKind::kSetting, "", kListMax);
  const auto pepper = parts_.registry.find(RecordKind::kSealingKey, kPepperRecord);
  if (!records || !pepper) {
    return problem_of(!records ? records.error() : pepper.error());
  }
  std::erase_if(*records, [](const Record& record) { return !is_own(record); });
  if (*pepper) {
    records->push_back(**pepper);
  }
  std::vector<Write> writes;
  for (Record& record : *records) {
    std::expected<bool, Problem> renewed = false;
    if (record.id == kAuditKeysSetting) {
      auto keys = decode_audit_keys(record.bytes);
      if (keys) {
        renewed = renew_value(kAuditKeySealName, keys->sealed_private_key);
        record.bytes = encode(*keys);
      }
    } else {
      renewed = renew_value(record.id, record.bytes);
    }
    if (!renewed) {
      return std::unexpected(renewed.error());
    }
    if (*renewed) {
      writes.push_back({.kind = record.kind,
                        .id = record.id,
                        .bytes = std::move(record.bytes),
                        .expected_modified = record.modified,
                        .indexes = {}});
    }
  }
  if (writes.empty()) {
    return {};
  }
  const std::string first = writes.front().id;
  const std::string last = writes.back().id;
  const std::size_t values = writes.size();
  if (const auto stored = commit(std::move(writes), first, last); !stored) {
    return std::unexpected(stored.error());
  }
  note_renewed(values);
  return {};
}

SealingRotation::Done SealingRotation::renew_api_keys() {
  return renew_records(RecordKind::kApiKey, &SealingRotation::renew_api_key);
}

SealingRotation::Done SealingRotation::renew_people() {
  return renew_records(RecordKind::kPerson, &SealingRotation::renew_person);
}

SealingRotation::Done SealingRotation::renew_webhooks() {
  return renew_records(RecordKind::kWebhook, &SealingRotation::renew_webhook);
}

SealingRotation::Renewed SealingRotation::renew_api_key(const Record& record,
                                                        std::uint64_t& values) {
  auto key = decode_api_key(record.bytes, parts_.permissions);
  bool is_changed = false;
  for (KeyPair& pair : key ? std::span(key->pairs) : std::span<KeyPair>()) {
    const auto renewed = renew_value(key->id.text(), pair.sealed_secret);
    if (!renewed) {
      return std::unexpected(renewed.error());
    }
    is_changed = is_changed || *renewed;
    values += *renewed ? 1U : 0U;
  }
  return is_changed ? Renewed(api_key_write(*key, parts_.permissions, record.modified))
                    : Renewed(std::nullopt);
}

std::expected<bool, Problem> SealingRotation::renew_all(std::string_view name,
                                                        const std::vector<std::string*>& sealed,
                                                        std::uint64_t& values) {
  bool is_changed = false;
  for (std::string* const one : sealed) {
    const auto renewed = renew_value(name, *one);
    if (!renewed) {
      return std::unexpected(renewed.error());
    }
    is_changed = is_changed || *renewed;
    values += *renewed ? 1U : 0U;
  }
  return is_changed;
}

SealingRotation::Renewed SealingRotation::renew_person(const Record& record,
                                                       std::uint64_t& values) {
  auto person = decode_person(record.bytes);
  if (!person) {
    return std::nullopt;
  }
  const auto changed = renew_all(totp_seal_name(person->id), sealed_seeds(*person), values);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return *changed ? Renewed(person_write(*person, record.modified)) : Renewed(std::nullopt);
}

SealingRotation::Renewed SealingRotation::renew_webhook(const Record& record,
                                                        std::uint64_t& values) {
  auto webhook = decode_webhook(record.bytes);
  if (!webhook) {
    return std::nullopt;
  }
  const auto changed = renew_all(webhook_seal_name(webhook->id), sealed_secrets(*webhook), values);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return *changed ? Renewed(webhook_write(*webhook, record.modified)) : Renewed(std::nullopt);
}

SealingRotation::Done SealingRotation::renew_records(RecordKind kind, RenewRecord renew) {
  std::string after;
  int lost_races = 0;
  while (!is_stopped_) {
    const auto moved = renew_page(kind, renew, after);
    if (!moved) {
      return std::unexpected(moved.error());
    }
    if (*moved && !**moved) {
      return {};
    }
    // Somebody changed one of these records at the same moment: read them again.
    lost_races = *moved ? 0 : lost_races + 1;
    if (lost_races > kAttemptsMax) {
      return problem_of(RegistryError::kConflict);
    }
  }
  return {};
}

std::expected<std::optional<bool>, Problem> SealingRotation::renew_page(RecordKind kind,
                                                                        RenewRecord renew,
                                                                        std::string& after) {
  const auto records = parts_.registry.list(kind, after, kRecordsAtOnce);
  if (!records) {
    return problem_of(records.error());
  }
  if (records->empty()) {
    return false;
  }
  const std::uint64_t lost_before = lost_;
  std::vector<Write> writes;
  std::uint64_t values = 0;
  for (const Record& record : *records) {
    auto renewed = (this->*renew)(record, values);
    if (!renewed) {
      return std::unexpected(renewed.error());
    }
    if (*renewed) {
      writes.push_back(std::move(**renewed));
    }
  }
  if (!writes.empty()) {
    const auto stored = commit(std::move(writes), records->front().id, records->back().id);
    if (!stored) {
      lost_ = lost_before;
      return stored.error().kind == Kind::kConflict
                 ? std::expected<std::optional<bool>, Problem>(std::nullopt)
                 : std::unexpected(stored.error());
    }
    // So that a revocation does not stand behind thousands of these in the gateways' feeds.
    (void)parts_.revoker.wait_until_in_force(*stored);
    note_renewed(values);
  }
  after = records->back().id;
  return true;
}

SealingRotation::Done SealingRotation::renew_refusals() {
  for (const Sealed which : {Sealed::kRequests, Sealed::kFindings}) {
    if (auto done = renew_sealed(which); !done) {
      return done;
    }
  }
  return {};
}

SealingRotation::Done SealingRotation::renew_sealed(Sealed which) {
  std::string after;
  while (!is_stopped_) {
    std::optional<Problem> fault;
    const auto last = parts_.journal.renew_sealed(
        which, after, kRecordsAtOnce,
        [&](std::string_view id,
            std::span<const std::uint8_t> sealed) -> std::optional<std::vector<std::uint8_t>> {
          std::vector<std::uint8_t> value(sealed.begin(), sealed.end());
          const std::uint64_t lost = lost_;
          const auto renewed = renew_value(id, value);
          lost_ = lost;  // a refusal that does not open is no record of the registry
          if (!renewed) {
            fault = renewed.error();
          }
          return renewed && *renewed ? std::optional(std::move(value)) : std::nullopt;
        });
    if (fault) {
      return std::unexpected(*fault);
    }
    if (!last) {
      return problem(Kind::kUnavailable, "journal_unavailable",
                     "the journal does not answer: " + std::string(describe(last.error())));
    }
    if (!*last) {
      return {};
    }
    after = **last;
  }
  return {};
}

SealingRotation::Done SealingRotation::destroy(const std::vector<std::uint32_t>& versions) {
  // A gateway that is loading an older state of the registry still needs the old key: it is waited
  // for, or has lost its right to accept and reads on until it has the newer one.
  const auto revision = parts_.registry.revision();
  if (!revision) {
    return problem_of(revision.error());
  }
  (void)parts_.revoker.wait_until_in_force(*revision);
  const std::uint32_t newest = parts_.sealer.sealing_key_version();
  for (const std::uint32_t version : versions) {
    if (version == newest) {
      continue;
    }
    if (Done destroyed = parts_.sealer.destroy_key(
            version, {{"records_left", "0"}, {"not_opened", std::to_string(lost_)}});
        !destroyed) {
      return destroyed;
    }
  }
  note(0, 0);
  is_forgetting_due_ = true;
  return {};
}

// forget empties the write-ahead log of what was replaced or erased.
void SealingRotation::forget() {
  if (is_forgetting_due_ && !is_stopped_) {
    is_forgetting_due_ = !parts_.registry.forget_replaced(Forgetting::kLog);
  }
}

void SealingRotation::note(std::uint64_t records, std::uint64_t left) {
  const std::scoped_lock lock(status_mutex_);
  records_ = records;
  records_left_ = left;
}

void SealingRotation::note_renewed(std::uint64_t values) {
  const std::scoped_lock lock(status_mutex_);
  records_left_ -= std::min(records_left_, values);
}

SealingStatus SealingRotation::status() const {
  SealingStatus status{.versions = parts_.sealer.sealing_key_versions(),
                       .trouble = {},
                       .root = parts_.sealer.root_state(),
                       .root_key_file = parts_.root_key_file.string()};
  const std::scoped_lock lock(status_mutex_);
  status.records = records_;
  status.records_left = records_left_;
  status.trouble = trouble_;
  return status;
}

// ---- the root key

namespace {

std::expected<RootKey, Problem> load_root(const std::filesystem::path& file) {
  auto key = RootKey::load(file);
  if (!key) {
    return problem(Kind::kInvalid, "root_key_unusable",
                   "root key " + file.string() + ": " + std::string(describe(key.error())));
  }
  return std::move(*key);
}

std::expected<std::string, Problem> id_of(const RootKey& key) {
  auto id = SealingKey::root_id(key);
  return id ? std::expected<std::string, Problem>(std::move(*id))
            : problem(Kind::kUnavailable, "crypto_failed", describe(id.error()));
}

}  // namespace

std::expected<SealingRotation::RootRotated, Problem> SealingRotation::rotate_root(
    const Actor& actor, const std::filesystem::path& file) {
  if (!file.is_absolute()) {
    return problem(Kind::kInvalid, "path_not_absolute",
                   "the node reads the key file itself, so its name must begin with '/'");
  }
  const std::scoped_lock lock(root_mutex_);
  auto next = load_root(file);
  const auto id = next ? id_of(*next) : std::unexpected(next.error());
  if (!id) {
    return std::unexpected(id.error());
  }
  const Sealer::RootState before = parts_.sealer.root_state();
  if (*id == before.id) {
    return problem(Kind::kConflict, "root_key_in_use",
                   "the key in " + file.string() +
                       " is the root key already; to change it, name a file with a new one");
  }
  if (const Done prepared = parts_.sealer.prepare_root(*next, actor); !prepared) {
    return std::unexpected(prepared.error());
  }
  RootRotated rotated{.id = *id, .old_id = before.id, .old_file = {}, .trouble = {}};
  auto placed = load_root(parts_.root_key_file);
  const auto placed_id = placed ? id_of(*placed) : std::unexpected(placed.error());
  if (!placed_id || *placed_id != *id) {
    rotated.old_file = parts_.root_key_file.string() + ".old-" + before.id;
    if (const auto replaced = next->replace_file(parts_.root_key_file, rotated.old_file);
        !replaced) {
      rotated.old_file.clear();
      rotated.trouble = parts_.root_key_file.string() + ": " +
                        std::string(describe(replaced.error())) +
                        ". Until then both root keys open the registry";
      return rotated;
    }
  }
  if (const Done finished = parts_.sealer.finish_root(std::move(*next), actor); !finished) {
    return std::unexpected(finished.error());
  }
  rotated.is_finished = true;
  (void)parts_.registry.forget_replaced(Forgetting::kLog);  // scrub() does all of it
  return rotated;
}

std::expected<void, Problem> SealingRotation::scrub(const Actor& actor) {
  const auto told = parts_.audited.commit({}, {.actor = actor.name,
                                               .source = actor.source,
                                               .action = "registry.scrub",
                                               .object = "registry"});
  if (!told) {
    return problem_of(told.error());
  }
  const auto forgotten = parts_.registry.forget_replaced(Forgetting::kWholeFile);
  return forgotten ? Done() : problem_of(forgotten.error());
}

}  // namespace counterfoil
