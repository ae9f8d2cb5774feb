#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace counterfoil {

// RootFacts is what the registry keeps of its root keys: their ids (SealingKey::root_id), so that a
// key file can be told from the one that is wanted. Nothing secret.
struct RootFacts {
  struct Former {
    std::string id;
    Timestamp until;  // when it was replaced
    bool operator==(const Former&) const = default;
  };
  std::string present;
  std::optional<std::string> next;  // a change to it was prepared
  std::vector<Former> former;       // oldest first, at most kFormerMax
  static constexpr std::size_t kFormerMax = 16;
  bool operator==(const RootFacts&) const = default;
};
[[nodiscard]] std::string encode(const RootFacts& facts);
// decode_root_facts gives nullopt for anything but what encode wrote.
[[nodiscard]] std::optional<RootFacts> decode_root_facts(std::string_view bytes);

}  // namespace counterfoil
