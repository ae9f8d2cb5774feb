#pragma once

#include <vector>

#include "autopsy/cause.h"
#include "autopsy/finding.h"

namespace counterfoil::autopsy {

// snippets_of gives the snippets that show a remedy, one a language; none for kNone, where nothing
// in the client's code has to change.
[[nodiscard]] std::vector<Snippet> snippets_of(Remedy remedy);

}  // namespace counterfoil::autopsy
