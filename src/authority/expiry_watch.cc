#include "authority/expiry_watch.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"  // IWYU pragma: keep (Actor)
#include "authority/key_records.h"
#include "authority/problems.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

Write place_write(std::string setting, std::int64_t minute, const std::optional<Record>& present) {
  return {.kind = RecordKind::kSetting,
          .id = std::move(setting),
          .bytes = std::to_string(minute),
          .expected_modified = present ? present->modified : 0};
}

}  // namespace

// place_setting holds the last minute with a key that was told.
std::string ExpiryWatch::place_setting() const {
  return parts_.ahead.count() == 0 ? "expiry_told"
                                   : "expiry_told_" + std::to_string(parts_.ahead.count()) + "d";
}

ExpiryWatch::Done ExpiryWatch::find_place() {
  const auto found = parts_.registry.read().find(RecordKind::kSetting, place_setting());
  if (!found) {
    return problem_of(found.error());
  }
  const Timestamp now = parts_.clock.now();
  std::int64_t minute =
      expiry_minute(parts_.ahead.count() == 0 ? now - kLookedBack : now + parts_.until);
  if (*found) {
    std::int64_t kept = 0;
    const std::string& text = (*found)->bytes;
    std::from_chars(text.data(), text.data() + text.size(), kept);
    minute = std::max(minute, kept);
  }
  minute_ = minute;
  return {};
}

ExpiryWatch::Done ExpiryWatch::look() {
  if (!minute_) {
    if (auto found = find_place(); !found) {
      return found;
    }
  }
  const Timestamp now = parts_.clock.now();
  const std::int64_t present = expiry_minute(now + parts_.ahead);
  while (true) {
    if (auto told = tell_minute(*minute_, now); !told) {
      return told;
    }
    if (*minute_ >= present) {
      return {};
    }
    ++*minute_;
    told_.clear();
  }
}

ExpiryWatch::Done ExpiryWatch::tell_minute(std::int64_t minute, Timestamp now) {
  std::string after;
  while (true) {
    const auto records =
        parts_.registry.read().find_by_index(kExpiryIndex, std::to_string(minute), after);
    if (!records) {
      return problem_of(records.error());
    }
    for (const Record& record : *records) {
      if (auto told = told_.contains(record.id) ? Done() : tell(record, minute, now); !told) {
        return told;
      }
    }
    if (records->size() < kListMax) {
      return {};
    }
    after = records->back().id;
  }
}

bool ExpiryWatch::is_due(const ApiKey& key, Timestamp now) const {
  if (parts_.ahead.count() == 0) {
    return effective_state(key, now) == EffectiveState::kExpired;
  }
  return effective_state(key, now) == EffectiveState::kActive && key.expires_at &&
         *key.expires_at <= now + parts_.ahead && *key.expires_at > now + parts_.until &&
         key.created + parts_.ahead < *key.expires_at;
}

ExpiryWatch::Done ExpiryWatch::tell(const Record& record, std::int64_t minute, Timestamp now) {
  const auto key = decode_api_key(record.bytes, parts_.permissions);
  if (!key || !is_due(*key, now)) {
    return {};
  }
  const bool is_reminder = parts_.ahead.count() != 0;
  const auto place = parts_.registry.read().find(RecordKind::kSetting, place_setting());
  if (!place) {
    return problem_of(place.error());
  }
  // The same for every attempt and after every restart, so the upstream takes it once.
  UpstreamEvent event{
      .change = (is_reminder ? "expiring-" + std::to_string(parts_.ahead.count()) + "d-"
                             : std::string("expiry-")) +
                record.id + "-" + std::to_string(to_unix_ms(*key->expires_at)),
      .end = is_reminder ? KeyEnd::kExpiring : KeyEnd::kExpired,
      .api_key = record.id,
      .account = key->account.text(),
      .cause = {},
      .made = now,
      .expires_at = is_reminder ? key->expires_at : std::nullopt};
  auto write = parts_.events.write_of(event);
  if (!write) {
    return std::unexpected(write.error());
  }
  std::vector<Write> writes{std::move(*write), place_write(place_setting(), minute, *place)};
  AuditDetail detail;
  if (is_reminder) {
    detail["expires_ms"] = std::to_string(to_unix_ms(*key->expires_at));
  }
  const auto committed = parts_.registry.commit(
      std::move(writes),
      api_key_fact({.name = "system", .source = "local"}, is_reminder ? "key.remind" : "key.expire",
                   *key, std::move(detail)));
  if (!committed) {
    return problem_of(committed.error());
  }
  told_.insert(record.id);
  parts_.events.announce(event);
  return {};
}

}  // namespace counterfoil
