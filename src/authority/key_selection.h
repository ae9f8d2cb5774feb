#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "authority/problem.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "keys/api_key.h"

namespace counterfoil {

// KeySelection says which API keys something is done to: those of a list, or those that fit
// everything which is set. Setting nothing selects nothing, unless `everything` is said.
struct KeySelection {
  std::vector<std::string> api_keys;  // with none of the others; sorted, none twice
  std::vector<std::string> accounts;  // of any of these; sorted, none twice
  std::string label;
  std::string vendor;
  std::optional<Timestamp> created_from;   // at or after
  std::optional<Timestamp> created_until;  // before
  // used_from: a request was accepted from there, at or after used_since (nullopt: ever).
  std::optional<Cidr> used_from;
  std::optional<Timestamp> used_since;
  bool everything = false;
  bool operator==(const KeySelection&) const = default;

  // takes: the key's own facts fit. Of a list, and of where it was used from, it says nothing.
  [[nodiscard]] bool takes(const ApiKey& key) const;
};

inline constexpr std::size_t kSelectedKeysMax = 100'000;  // of one list
inline constexpr std::size_t kSelectedAccountsMax = 100;

// check_selection: selection_empty, selection_mixed (a list and something else),
// selection_too_long, selection_range (an empty span of time).
[[nodiscard]] std::expected<void, Problem> check_selection(const KeySelection& selection);

}  // namespace counterfoil
