#include "crypto/process_hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace counterfoil {

bool forbid_core_dumps() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && ::setrlimit(RLIMIT_CORE, &none) == 0;
}

}  // namespace counterfoil
