#include "authority/selected_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/key_selection.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/api_key_codec.h"
#include "keys/permission.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// A page of a walk over all keys looks at no more than so many records, so that whoever walks can
// do something else meanwhile.
constexpr std::size_t kLookedAtMax = 5'000;

}  // namespace

SelectedKeys::SelectedKeys(const Registry& registry, const Journal& journal,
                           const PermissionTable& permissions, KeySelection selection,
                           std::string after)
    : registry_(registry),
      journal_(journal),
      permissions_(permissions),
      selection_(std::move(selection)),
      after_(std::move(after)) {}

std::expected<std::optional<std::vector<std::string>>, Problem> SelectedKeys::find_candidates() {
  if (!selection_.api_keys.empty()) {
    return selection_.api_keys;
  }
  if (selection_.used_from) {
    std::vector<std::string> users;
    std::string after = after_;
    while (true) {
      const auto more =
          journal_.users_of(*selection_.used_from, selection_.used_since.value_or(Timestamp{}),
                            after, kJournalListMax);
      if (!more) {
        return problem(
            Problem::Kind::kUnavailable, "journal_unavailable",
            "the journal did not answer, and it alone knows where keys were used from: " +
                std::string(describe(more.error())));
      }
      users.insert(users.end(), more->begin(), more->end());
      if (more->size() < kJournalListMax) {
        return users;
      }
      after = users.back();
    }
  }
  const std::vector<std::string> label(selection_.label.empty() ? 0 : 1, selection_.label);
  const std::vector<std::string> vendor(selection_.vendor.empty() ? 0 : 1, selection_.vendor);
  const std::array<std::pair<std::string_view, const std::vector<std::string>*>, 3> indexes{
      {{kAccountIndex, &selection_.accounts}, {kLabelIndex, &label}, {kVendorIndex, &vendor}}};
  for (const auto& [index, values] : indexes) {
    auto ids = find_indexed(index, *values);
    if (!ids || *ids) {
      return ids;
    }
  }
  return std::nullopt;
}

std::expected<std::optional<std::vector<std::string>>, Problem> SelectedKeys::find_indexed(
    std::string_view index, const std::vector<std::string>& values) const {
  const auto is_too_long = [](const std::string& value) {
    return value.size() > kIndexValueBytesMax;
  };
  if (values.empty() || std::ranges::any_of(values, is_too_long)) {
    return std::nullopt;
  }
  std::vector<std::string> ids;
  for (const std::string& value : values) {
    const auto records = registry_.find_by_index(index, value);
    if (!records) {
      return problem_of(records.error());
    }
    if (records->size() >= kListMax) {
      return std::nullopt;  // there may be more of them
    }
    for (const Record& record : *records) {
      if (record.kind == RecordKind::kApiKey) {
        ids.push_back(record.id);
      }
    }
  }
  std::ranges::sort(ids);
  return ids;
}

std::expected<SelectedKeys::Page, Problem> SelectedKeys::next(std::size_t limit) {
  if (!is_begun_) {
    auto candidates = find_candidates();
    if (!candidates) {
      return std::unexpected(std::move(candidates.error()));
    }
    candidates_ = std::move(*candidates);
    is_begun_ = true;
  }
  auto page = candidates_ ? next_of_candidates(limit) : next_of_all(limit);
  if (page) {
    after_ = page->looked_at;
  }
  return page;
}

std::expected<SelectedKeys::Page, Problem> SelectedKeys::next_of_candidates(std::size_t limit) {
  Page page{.looked_at = after_};
  auto at = std::ranges::upper_bound(*candidates_, after_);
  for (; at != candidates_->end() && page.ids.size() < limit; ++at) {
    page.looked_at = *at;
    const auto record = registry_.find(RecordKind::kApiKey, *at);
    if (!record) {
      return problem_of(record.error());
    }
    if (*record) {
      take(*at, (*record)->bytes, page);
    } else if (!selection_.api_keys.empty()) {
      page.ids.push_back(*at);  // whoever named it is told that there is no such key
    }
  }
  page.is_last = at == candidates_->end();
  return page;
}

std::expected<SelectedKeys::Page, Problem> SelectedKeys::next_of_all(std::size_t limit) {
  Page page{.looked_at = after_};
  for (std::size_t looked_at = 0; looked_at < kLookedAtMax && page.ids.size() < limit;) {
    const std::size_t wanted = limit - page.ids.size();
    const auto records = registry_.list(RecordKind::kApiKey, page.looked_at, wanted);
    if (!records) {
      return problem_of(records.error());
    }
    for (const Record& record : *records) {
      take(record.id, record.bytes, page);
    }
    looked_at += records->size();
    if (!records->empty()) {
      page.looked_at = records->back().id;
    }
    if (records->size() < wanted) {
      page.is_last = true;
      break;
    }
  }
  return page;
}

// A record that cannot be read is selected with "everything" or in a list alone: its owner, label
// and so on are not known. It is refused anyway.
void SelectedKeys::take(std::string_view id, std::string_view bytes, Page& page) const {
  auto key = decode_api_key(bytes, permissions_);
  const bool is_taken =
      key ? selection_.takes(*key) : selection_.everything || !selection_.api_keys.empty();
  if (!is_taken) {
    return;
  }
  page.ids.emplace_back(id);
  if (key) {
    page.keys.push_back(std::move(*key));
  }
}

}  // namespace counterfoil
