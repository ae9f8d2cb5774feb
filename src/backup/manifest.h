#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audit_chain.h"
#include "crypto/digest.h"

namespace counterfoil {

inline constexpr std::size_t kManifestBytesMax = 64UL * 1024;

// BackupPart is one file in a backup. The parts of a backup are always registry.db and journal.db,
// in this order.
struct BackupPart {
  std::string name;
  std::uint64_t bytes = 0;
  Digest sha256{};
  bool operator==(const BackupPart&) const = default;
};
inline constexpr std::string_view kRegistryPart = "registry.db";
inline constexpr std::string_view kJournalPart = "journal.db";

// BackupCounts is how many of each there are.
struct BackupCounts {
  std::uint64_t accounts = 0;
  std::uint64_t api_keys = 0;
  std::uint64_t sealing_keys = 0;
  std::uint64_t settings = 0;
  std::uint64_t checkpoints = 0;
  bool operator==(const BackupCounts&) const = default;
};

// StoresSurvey is what a pair of stores was found to hold.
struct StoresSurvey {
  std::string log_id;
  AuditHead head;  // of the audit chain
  std::uint64_t incarnation = 0;
  std::uint64_t revision = 0;
  BackupCounts counts;
};

// Manifest is what a backup says of itself, sealed with it. No secrets.
struct Manifest {
  std::string program;  // version that wrote it
  std::string node;
  std::string time;  // UTC, as in the audit log
  StoresSurvey stores;
  std::vector<BackupPart> parts;
  // Where the node that was backed up kept these: a restore on the same machine looks there.
  std::vector<std::string> revocation_logs;
  std::string checkpoints;
};

[[nodiscard]] std::string encode_manifest(const Manifest& manifest);
// decode_manifest gives nullopt for anything but what encode_manifest wrote.
[[nodiscard]] std::optional<Manifest> decode_manifest(std::string_view text);

}  // namespace counterfoil
