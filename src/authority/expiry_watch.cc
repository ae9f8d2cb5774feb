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

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/life.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

constexpr std::string_view kPlaceSetting = "expiry_told";  // the last minute with a key that ended

Write place_write(std::int64_t minute, const std::optional<Record>& present) {
  return {.kind = RecordKind::kSetting,
          .id = std::string(kPlaceSetting),
          .bytes = std::to_string(minute),
          .expected_modified = present ? present->modified : 0};
}

}  // namespace

ExpiryWatch::Done ExpiryWatch::find_place() {
  const auto found = parts_.registry.read().find(RecordKind::kSetting, kPlaceSetting);
  if (!found) {
    return problem_of(found.error());
  }
  std::int64_t minute = expiry_minute(parts_.clock.now() - kLookedBack);
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
  const std::int64_t present = expiry_minute(now);
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
  const auto records = parts_.registry.read().find_by_index(kExpiryIndex, std::to_string(minute));
  if (!records) {
    return problem_of(records.error());
  }
  for (const Record& record : *records) {
    if (auto told = told_.contains(record.id) ? Done() : tell(record, minute, now); !told) {
      return told;
    }
  }
  return {};
}

ExpiryWatch::Done ExpiryWatch::tell(const Record& record, std::int64_t minute, Timestamp now) {
  const auto key = decode_api_key(record.bytes, parts_.permissions);
  if (!key || effective_state(*key, now) != EffectiveState::kExpired) {
    return {};
  }
  const auto place = parts_.registry.read().find(RecordKind::kSetting, kPlaceSetting);
  if (!place) {
    return problem_of(place.error());
  }
  // The same for every attempt and after every restart, so the upstream takes it once.
  UpstreamEvent event{
      .change = "expiry-" + record.id + "-" + std::to_string(to_unix_ms(*key->expires_at)),
      .end = KeyEnd::kExpired,
      .api_key = record.id,
      .account = key->account.text(),
      .cause = {},
      .made = now};
  auto write = parts_.events.write_of(event);
  if (!write) {
    return std::unexpected(write.error());
  }
  std::vector<Write> writes{std::move(*write), place_write(minute, *place)};
  const auto committed = parts_.registry.commit(
      std::move(writes), api_key_fact({.name = "system", .source = "local"}, "key.expire", *key));
  if (!committed) {
    return problem_of(committed.error());
  }
  told_.insert(record.id);
  parts_.events.announce(event);
  return {};
}

}  // namespace counterfoil
