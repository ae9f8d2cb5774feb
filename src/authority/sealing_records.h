#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/issuer.h"
#include "registry/registry.h"

// The sealing keys as records of the registry (RecordKind::kSealingKey). Names are stored.
//
//   kek-<version>    the key, wrapped by the root key
//   next-<version>   the same, wrapped by the root key that a change was prepared for
//   wraps-<version>  how many wraps it may have made
//   root             which root keys there were (authority/root_facts.h)
//   pepper           what secrets are hashed with for look-up, sealed like any secret of ours
namespace counterfoil::sealing_records {

inline constexpr std::string_view kKeyPrefix = "kek-";
inline constexpr std::string_view kNextPrefix = "next-";
inline constexpr std::string_view kWrapsPrefix = "wraps-";
inline constexpr std::string_view kRootRecord = "root";
inline constexpr std::string_view kPepperRecord = "pepper";

inline const Actor kSystem{.name = "system", .source = "local"};

[[nodiscard]] inline std::string record_id(std::string_view prefix, std::uint32_t version) {
  return std::string(prefix) + std::to_string(version);
}
[[nodiscard]] inline Write put(std::string id, std::string bytes, std::uint64_t expected_modified) {
  return {.kind = RecordKind::kSealingKey,
          .id = std::move(id),
          .bytes = std::move(bytes),
          .expected_modified = expected_modified,
          .indexes = {}};
}
[[nodiscard]] inline Write erase(const Record& record) {
  return {.kind = RecordKind::kSealingKey,
          .id = record.id,
          .bytes = std::nullopt,
          .expected_modified = record.modified,
          .indexes = {}};
}

}  // namespace counterfoil::sealing_records
