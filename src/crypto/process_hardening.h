#pragma once

namespace counterfoil {

// forbid_core_dumps makes sure that no crash writes the memory of this process to a disk, and that
// no other process of the same user can attach to it (control S-12): PR_SET_DUMPABLE 0, RLIMIT_CORE
// 0. Call it before any secret is read. false: the kernel refused, and the program should not go
// on.
[[nodiscard]] bool forbid_core_dumps();

}  // namespace counterfoil
