#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>

#include "authority/problem.h"
#include "backup/manifest.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {

// StoreEngines opens stores: the room of the program alone names an engine. A registry that is
// opened as restored has a new incarnation.
struct StoreEngines {
  using OpenedRegistry = std::expected<std::unique_ptr<Registry>, Problem>;
  using OpenedJournal = std::expected<std::unique_ptr<Journal>, Problem>;
  std::function<OpenedRegistry(const std::filesystem::path& file)> open_registry;
  std::function<OpenedRegistry(const std::filesystem::path& file)> open_restored_registry;
  std::function<OpenedJournal(const std::filesystem::path& file)> open_journal;
  // copy_stores copies registry and journal, each from one instant and the journal's not the
  // earlier one, to files in `to`; it does so beside whoever writes to them.
  std::function<std::expected<void, Problem>(const std::filesystem::path& to)> copy_stores;
};

// survey looks at everything a pair of stores holds: that each record of the audit chain follows
// the one before it, from the birth record to the registry's newest, that checkpoints are signed,
// and how much there is. Problem: backup_damaged (what is wrong in them), registry unavailable.
[[nodiscard]] std::expected<StoresSurvey, Problem> survey(const Registry& registry,
                                                          const Journal& journal);
// survey_files opens the stores in `directory` for it.
[[nodiscard]] std::expected<StoresSurvey, Problem> survey_files(
    const StoreEngines& engines, const std::filesystem::path& directory);

}  // namespace counterfoil
