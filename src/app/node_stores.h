#pragma once

#include <expected>
#include <filesystem>
#include <memory>

#include "app/command_context.h"
#include "app/node_settings.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/root_key.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {

// The first steps of a start: what is opened before anything runs. Each failure is one sentence
// with the next step.

// check_clock refuses a clock that cannot be right, for by it every request is judged.
[[nodiscard]] std::expected<void, Failure> check_clock(Timestamp now);
// check_data_directory wants an existing folder, 0700, of this user.
[[nodiscard]] std::expected<void, Failure> check_data_directory(const std::filesystem::path& path);
[[nodiscard]] std::expected<RootKey, Failure> load_root_key(const NodeSettings& settings);
[[nodiscard]] std::expected<HmacKey, Failure> load_proof_secret(const NodeSettings& settings);
[[nodiscard]] std::expected<std::unique_ptr<Registry>, Failure> open_registry(
    const NodeSettings& settings, RandomSource& random);
[[nodiscard]] std::expected<std::unique_ptr<Journal>, Failure> open_journal(
    const NodeSettings& settings);

}  // namespace counterfoil
