#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>

#include "doors/net/loop.h"

// For tests alone.
namespace counterfoil::net {

// run_on runs `work` on the loop's thread and waits for it.
inline void run_on(Loop& loop, std::move_only_function<void()> work) {
  std::promise<void> done;
  ASSERT_TRUE(loop.post([&] {
    work();
    done.set_value();
  }));
  done.get_future().wait();
}

}  // namespace counterfoil::net
