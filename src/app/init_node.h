#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "app/command_context.h"
#include "base/random.h"

namespace counterfoil {

struct InitReport {
  std::filesystem::path data;  // absolute, like all of them
  std::filesystem::path config;
  std::filesystem::path root_key;
  std::filesystem::path proof_secret;
  std::filesystem::path backup_key;
};

// init_node makes what a node needs before its first start, in `data` (0700): root.key,
// upstream-proof.secret, backup.key and counterfoil.toml (0600). Overwrites nothing: when one of
// the files is there, or a store is, nothing is changed and the Failure says so.
[[nodiscard]] std::expected<InitReport, Failure> init_node(const std::filesystem::path& data,
                                                           RandomSource& random);

// make_proof_secret writes a new secret of the identity proof: 64 hex digits, whose ASCII bytes are
// the HMAC key.
[[nodiscard]] std::expected<void, Failure> make_proof_secret(const std::filesystem::path& path,
                                                             RandomSource& random);

// config_template is a configuration file with every setting in a comment, but node.data.
[[nodiscard]] std::string config_template(const std::filesystem::path& data);

}  // namespace counterfoil
