#pragma once

#include <vector>

#include "authority/refusal_findings.h"
#include "doors/management/json.h"

namespace counterfoil {

// How what an autopsy found is written in answers, wherever it is told.

[[nodiscard]] Json snippets_json(const std::vector<ShownSnippet>& snippets);
// add_findings adds "verdict", "findings", "proof", "same_bytes" and "possible".
void add_findings(const RefusalFindings& found, Json& json);

}  // namespace counterfoil
