#pragma once

#include <cstdint>
#include <string>

#include "load/load_loop.h"

namespace counterfoil {

// report writes the result as one JSON object: requests a second (status 200 alone), latencies in
// microseconds, answers by status, faults, bytes. harness/load.py reads it.
[[nodiscard]] std::string report(const LoadPlan& plan, const LoadResult& result,
                                 std::uint64_t signed_while_running);

}  // namespace counterfoil
