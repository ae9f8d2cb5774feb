#pragma once

#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace counterfoil {

// ImportFileFlags of `counterfoil keys import --file`.
struct ImportFileFlags {
  std::string file;    // lines of JSON (doors/management/import_rows.h), or "-"
  std::string report;  // where refused rows go; empty: nowhere
  bool dry_run = false;
  bool create_accounts = false;
};

// run_import_file hands the rows of a file to the node, batch by batch. Refused rows do not stop it
// (exit code kNo at the end); a fault does, and the same command goes on from there, for rows that
// are there already are passed over.
[[nodiscard]] std::expected<void, Failure> run_import_file(const NodeApi& api,
                                                           CommandContext& context,
                                                           const ImportFileFlags& flags);

}  // namespace counterfoil
