#pragma once

#include "base/time.h"
#include "base/wiped_text.h"

namespace counterfoil {

// SetupLink is the address at which the first owner is set up, with its token behind the '#', so
// that no request and no log holds it.
struct SetupLink {
  WipedText url;
  Timestamp ends_at{};
};

}  // namespace counterfoil
