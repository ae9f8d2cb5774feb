#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace counterfoil::autopsy {

// sort_stably sorts by what `rank` gives and keeps the order of equal ones. What `rank` refers to
// must stay where it is until the end. (The library's own goes by a function that C++17 deprecated,
// so that clang refuses it.)
template <typename Item, typename Rank>
void sort_stably(std::vector<Item>& items, Rank rank) {
  using Key = std::decay_t<std::invoke_result_t<Rank, const Item&>>;
  std::vector<std::pair<Key, std::size_t>> order;
  order.reserve(items.size());
  for (const Item& item : items) {
    order.emplace_back(rank(item), order.size());
  }
  std::ranges::sort(order);
  std::vector<Item> sorted;
  sorted.reserve(items.size());
  for (const auto& [key, place] : order) {
    sorted.push_back(std::move(items[place]));
  }
  items = std::move(sorted);
}

}  // namespace counterfoil::autopsy
