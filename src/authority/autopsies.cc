#include "authority/autopsies.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <expected>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "authority/autopsy_estate.h"
#include "authority/autopsy_queue.h"
#include "authority/refusal_findings.h"
#include "autopsy/evidence.h"
#include "autopsy/explain.h"
#include "autopsy/finding.h"
#include "journal/journal.h"
#include "verify/reason.h"

namespace counterfoil {
void Autopsies::work() {
  while (share_.may_spend(parts_.clock.boot_now())) {
    auto refused = parts_.queue.take();
    if (!refused) {
      return;
    }
    const auto begun = parts_.cpu_spent();
    examine(std::move(*refused));
    share_.spend(parts_.cpu_spent() - begun);
  }
}

void Autopsies::examine(RefusedCopy refused) {
  const auto owner = find_owner(parts_.issuer, parts_.sealer, refused);
  if (!owner) {
    return;
  }
  const OpenedEstate opened =
      OpenedEstate::open(*owner, parts_.issuer, parts_.sealer, parts_.permissions, refused.time);
  refused.request.required_permission =
      lacking_permission(refused.permissions, *owner, parts_.permissions);
  const autopsy::History history{.signature_seen_before = refused.reason == Reason::kReplayed,
                                 .address_limited = refused.reason == Reason::kPairOverBudget,
                                 .account_forbidden = refused.reason == Reason::kAccountSuspended,
                                 .delays_ms = parts_.skews.delays_ms(owner->id.text())};
  const autopsy::Rules rules{.signature_must_be_last = refused.signature_must_be_last,
                             .environment = {},
                             .is_routed = true};
  const autopsy::Findings findings =
      explain(refused.request, opened.estate(), history, rules, refused.time);
  std::vector<Found> one;
  one.push_back({.row = {.request_id = refused.request_id,
                         .time = refused.time,
                         .api_key = std::string(owner->id.text()),
                         .account = std::string(owner->account.text()),
                         .causes = causes_text(findings),
                         .sealed_findings = {}},
                 .findings = encode_findings(findings)});
  keep(std::move(one));
}

void Autopsies::keep(std::vector<Found> found) {
  const std::scoped_lock lock(found_mutex_);
  std::ranges::move(found, std::back_inserter(found_));
  if (found_.size() > kFoundMax) {
    const std::size_t excess = found_.size() - kFoundMax;
    found_.erase(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(excess));
    lost_.fetch_add(excess, std::memory_order_relaxed);
  }
}

std::expected<void, JournalError> Autopsies::store(Journal& journal) {
  std::vector<Found> found;
  {
    const std::scoped_lock lock(found_mutex_);
    found.swap(found_);
  }
  if (found.empty()) {
    return {};
  }
  const auto held = parts_.sealer.hold_keys();
  std::vector<AutopsyRow> rows;
  rows.reserve(found.size());
  for (const Found& one : found) {
    rows.push_back(one.row);
    rows.back().sealed_findings = parts_.sealer.seal_findings(one.row.request_id, one.findings);
  }
  auto stored = journal.record_autopsies(rows);
  if (!stored) {
    std::vector<Found> newer;
    {
      const std::scoped_lock lock(found_mutex_);
      newer.swap(found_);
    }
    std::ranges::move(newer, std::back_inserter(found));
    keep(std::move(found));
  }
  return stored;
}

}  // namespace counterfoil
