#include "authority/expiry_watch.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/issuer.h"  // IWYU pragma: keep (Actor)
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
// place_setting holds the last API key that was told: the microseconds of its expiry, and its id.
// (An earlier version wrote the minute alone, and told those of that minute again.)
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
    const std::string& text = (*found)->bytes;
    const std::size_t blank = text.find(' ');
    std::int64_t kept = 0;
    std::from_chars(text.data(), text.data() + std::min(blank, text.size()), kept);
    if (blank != std::string::npos) {
      told_ = {.expires_at = from_unix_us(kept), .api_key = text.substr(blank + 1)};
      kept = expiry_minute(told_.expires_at);
    }
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
  }
}

// due_in gives what is to be told of a minute, in the order of its expiry: what becomes due later
// comes later.
std::expected<std::vector<ExpiryWatch::Place>, Problem> ExpiryWatch::due_in(std::int64_t minute,
                                                                            Timestamp now) const {
  std::vector<Place> due;
  std::string after;
  while (true) {
    const auto records =
        parts_.registry.read().find_by_index(kExpiryIndex, std::to_string(minute), after);
    if (!records) {
      return problem_of(records.error());
    }
    for (const Record& record : *records) {
      const auto key = decode_api_key(record.bytes, parts_.permissions);
      if (!key || !is_due(*key, now)) {
        continue;
      }
      Place place{.expires_at = *key->expires_at, .api_key = record.id};
      if (place > told_) {
        due.push_back(std::move(place));
      }
    }
    if (records->size() < kListMax) {
      break;
    }
    after = records->back().id;
  }
  std::ranges::sort(due);
  return due;
}

ExpiryWatch::Done ExpiryWatch::tell_minute(std::int64_t minute, Timestamp now) {
  const auto due = due_in(minute, now);
  if (!due) {
    return std::unexpected(due.error());
  }
  for (const Place& one : *due) {
    if (auto told = tell(one, now); !told) {
      return told;
    }
  }
  return {};
}

bool ExpiryWatch::is_due(const ApiKey& key, Timestamp now) const {
  if (parts_.ahead.count() == 0) {
    return effective_state(key, now) == EffectiveState::kExpired;
  }
  return effective_state(key, now) == EffectiveState::kActive && key.expires_at &&
         *key.expires_at <= now + parts_.ahead && *key.expires_at > now + parts_.until &&
         key.created + parts_.ahead < *key.expires_at;
}

ExpiryWatch::Done ExpiryWatch::tell(const Place& due, Timestamp now) {
  const auto record = parts_.registry.read().find(RecordKind::kApiKey, due.api_key);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return {};
  }
  const auto key = decode_api_key((*record)->bytes, parts_.permissions);
  if (!key || !is_due(*key, now)) {
    return {};  // changed since
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
                due.api_key + "-" + std::to_string(to_unix_ms(*key->expires_at)),
      .end = is_reminder ? KeyEnd::kExpiring : KeyEnd::kExpired,
      .api_key = due.api_key,
      .account = key->account.text(),
      .cause = {},
      .made = now,
      .expires_at = is_reminder ? key->expires_at : std::nullopt};
  std::vector<Write> writes{
      {.kind = RecordKind::kSetting,
       .id = place_setting(),
       .bytes = std::to_string(to_unix_us(due.expires_at)) + " " + due.api_key,
       .expected_modified = *place ? (*place)->modified : 0}};
  if (parts_.events != nullptr) {
    auto write = parts_.events->write_of(event);
    if (!write) {
      return std::unexpected(write.error());
    }
    writes.push_back(std::move(*write));
  }
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
  told_ = due;
  if (parts_.events != nullptr) {
    parts_.events->announce(event);
  }
  return {};
}

}  // namespace counterfoil
