#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/mass_action.h"
#include "registry/registry.h"

namespace counterfoil {

// How mass actions, their lists and their results become records, and what the audit log says of
// them.

[[nodiscard]] std::string mass_list_id(const std::string& action, std::uint64_t number);
[[nodiscard]] std::string mass_results_id(const std::string& action, std::uint64_t number);
[[nodiscard]] Write mass_action_write(const MassAction& action, std::uint64_t expected_modified);
[[nodiscard]] Write mass_part_write(std::string id, std::string bytes);  // of a new one

// mass_action_fact: `what` is start, part, end, stop or forget.
[[nodiscard]] AuditFact mass_action_fact(const MassAction& action, std::string what,
                                         const Actor& actor);

// mass_result_line is a line of MassActions::results. read_changed reads such lines, and gives the
// keys that were changed.
[[nodiscard]] std::string mass_result_line(const BatchKey& key);
[[nodiscard]] std::vector<BatchKey> read_changed(std::string_view lines);

}  // namespace counterfoil
