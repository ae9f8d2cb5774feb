#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

UpstreamEvent event_of(const ApiKey& key, KeyEnd end, std::string change, Timestamp now) {
  return {.change = std::move(change),
          .end = end,
          .api_key = std::string(key.id.text()),
          .account = key.account.text(),
          .cause = end == KeyEnd::kNoticed || end == KeyEnd::kRestricted
                       ? "policy: " + key.notice.value_or(PolicyNotice{}).policy
                       : key.state_cause,
          .made = now};
}

}  // namespace

Issuer::Result<std::optional<UpstreamEvent>> Issuer::told(KeyChange::Tell tell, const ApiKey& key,
                                                          const std::string& change,
                                                          std::vector<Write>& writes) const {
  if (events_ == nullptr || tell == KeyChange::Tell::kNothing) {
    return std::nullopt;
  }
  if (const auto taken = taken_back(tell)) {
    auto withdrawal = events_->withdrawal_of(key.id.text(), *taken);
    if (!withdrawal) {
      return std::unexpected(withdrawal.error());
    }
    if (*withdrawal) {
      writes.push_back(std::move(**withdrawal));
    }
    return std::nullopt;
  }
  const KeyEnd end = told_end(tell);
  UpstreamEvent event = event_of(key, end, change, clock_.now());
  auto write = events_->write_of(event);
  if (!write) {
    return std::unexpected(write.error());
  }
  writes.push_back(std::move(*write));
  return event;
}

Issuer::Result<std::vector<UpstreamEvent>> Issuer::told_of_account(
    KeyChange::Tell tell, const std::string& account, const std::string& change,
    std::vector<Write>& writes) const {
  std::vector<UpstreamEvent> events;
  if (events_ == nullptr) {
    return events;
  }
  const auto page = indexed(kLivingIndex, account);
  if (!page) {
    return std::unexpected(page.error());
  }
  for (const VersionedKey& stored : page->keys) {
    const ApiKey& key = stored.key;
    if (effective_state(key, clock_.now()) != EffectiveState::kActive) {
      continue;  // the upstream was told then
    }
    auto event = told(tell, key, change + "-" + std::to_string(events.size() + 1), writes);
    if (!event) {
      return std::unexpected(event.error());
    }
    events.push_back(event->value_or(event_of(key, KeyEnd::kSuspended, {}, clock_.now())));
  }
  return events;
}

KeyEnd Issuer::told_end(KeyChange::Tell tell) {
  switch (tell) {
    case KeyChange::Tell::kRevoked:
      return KeyEnd::kRevoked;
    case KeyChange::Tell::kNoticed:
      return KeyEnd::kNoticed;
    case KeyChange::Tell::kRestricted:
      return KeyEnd::kRestricted;
    default:
      return KeyEnd::kSuspended;
  }
}

std::optional<KeyEnd> Issuer::taken_back(KeyChange::Tell tell) {
  switch (tell) {
    case KeyChange::Tell::kResumed:
      return KeyEnd::kSuspended;
    case KeyChange::Tell::kProlonged:
      return KeyEnd::kExpired;
    default:
      return std::nullopt;
  }
}

void Issuer::announce(KeyChange::Tell tell, const std::vector<UpstreamEvent>& events) {
  for (const UpstreamEvent& event : events) {
    if (const auto end = taken_back(tell)) {
      events_->withdrawn(event.api_key, *end);
    } else {
      events_->announce(event);
    }
  }
}

}  // namespace counterfoil
