#pragma once

#include <cstddef>

namespace counterfoil {

// allocations_of_this_thread counts every operator new of this thread since it began. A test that
// links test_allocations.cc has all of its allocations counted.
[[nodiscard]] std::size_t allocations_of_this_thread();

}  // namespace counterfoil
