#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

// PermissionSet is a set of permissions of one PermissionTable, as a bit mask: bit n is the table's
// n-th name.
class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  [[nodiscard]] static constexpr PermissionSet of_index(std::size_t index) {
    return PermissionSet(std::uint32_t{1} << index);
  }
  [[nodiscard]] static constexpr PermissionSet of_bits(std::uint32_t bits) {
    return PermissionSet(bits);
  }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const {
    return static_cast<std::size_t>(std::popcount(bits_));
  }
  [[nodiscard]] constexpr bool contains_all(PermissionSet other) const {
    return (bits_ & other.bits_) == other.bits_;
  }
  [[nodiscard]] constexpr bool intersects(PermissionSet other) const {
    return (bits_ & other.bits_) != 0;
  }
  [[nodiscard]] constexpr PermissionSet with(PermissionSet other) const {
    return PermissionSet(bits_ | other.bits_);
  }
  [[nodiscard]] constexpr PermissionSet without(PermissionSet other) const {
    return PermissionSet(bits_ & ~other.bits_);
  }
  constexpr auto operator<=>(const PermissionSet&) const = default;

 private:
  explicit constexpr PermissionSet(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};

// PermissionTable holds the permission names of the profile in force, in the profile's order.
// Records keep names, not bits, so an order may change between starts; a name that the table lacks
// makes its record unusable (fail closed).
class PermissionTable {
 public:
  static constexpr std::size_t kCountMax = 32;
  static constexpr std::size_t kNameSizeMax = 32;

  // create refuses (nullopt) more than 32 names, a repeated name, and names that are not 1-32
  // characters of [A-Z0-9_].
  [[nodiscard]] static std::optional<PermissionTable> create(std::vector<std::string> names);

  [[nodiscard]] std::optional<PermissionSet> find(std::string_view name) const;
  // parse reads a comma list such as "USER_DATA,TRADE" (blanks around names are fine). On failure:
  // the name unknown.
  [[nodiscard]] std::expected<PermissionSet, std::string> parse(std::string_view comma_list) const;
  // names lists the set's names in the table's order.
  [[nodiscard]] std::vector<std::string> names(PermissionSet set) const;
  // to_text joins names(set) with commas: the form of X-Counterfoil-Permissions.
  [[nodiscard]] std::string to_text(PermissionSet set) const;
  [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

 private:
  explicit PermissionTable(std::vector<std::string> names) : names_(std::move(names)) {}
  std::vector<std::string> names_;
};

}  // namespace counterfoil
