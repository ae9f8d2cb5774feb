#include "journal/refusal_list.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "journal/journal.h"
#include "journal/recorder.h"
#include "journal/text_hash.h"

namespace counterfoil {
namespace {

bool are_alike(const RefusalRow& left, const RefusalRow& right) {
  return left.reason == right.reason && left.address == right.address &&
         left.api_key == right.api_key && left.account == right.account &&
         left.route == right.route;
}

}  // namespace

std::uint64_t RefusalList::hash_of(const RefusalRow& row) const {
  struct Halves {
    std::uint64_t high;
    std::uint64_t low;
  };
  const auto address = std::bit_cast<Halves>(row.address.bytes());
  return TextHash(hash_key_)
      .number(address.high)
      .number(address.low)
      .number(row.reason)
      .text(row.api_key)
      .text(row.account)
      .text(row.route)
      .finish();
}

bool RefusalList::has_room_for(const RefusalRow& row) const {
  const bool is_stranger = row.account.empty();
  const std::size_t strangers_max = std::max<std::size_t>(limits_.refusals_max / 4, 1);
  return rows_.size() < limits_.refusals_max && (!is_stranger || strangers_ < strangers_max);
}

RefusalList::Kept RefusalList::add(RefusalRow&& row) {
  const std::uint64_t hash = hash_of(row);
  if (!has_room_for(row)) {
    const auto alike = alike_.find(hash);
    if (alike == alike_.end() || !are_alike(rows_[alike->second], row)) {
      return Kept::kNot;
    }
    rows_[alike->second].count += row.count;
    return Kept::kCounted;
  }
  if (sealed_bytes_ + row.sealed_request.size() > limits_.refusal_bytes_max) {
    row.sealed_request = {};
  }
  sealed_bytes_ += row.sealed_request.size();
  strangers_ += row.account.empty() ? 1U : 0U;
  alike_.try_emplace(hash, static_cast<std::uint32_t>(rows_.size()));
  rows_.push_back(std::move(row));
  return Kept::kWhole;
}

std::vector<RefusalRow> RefusalList::take() {
  alike_.clear();
  strangers_ = 0;
  sealed_bytes_ = 0;
  return std::exchange(rows_, {});
}

}  // namespace counterfoil
