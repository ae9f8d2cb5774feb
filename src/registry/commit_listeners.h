#pragma once

#include <cstdint>
#include <memory>

#include "registry/registry.h"

namespace counterfoil {

// CommitListeners keeps what subscribe() was given. For engines. Safe to call from any thread; a
// Subscription may outlive it.
class CommitListeners {
 public:
  CommitListeners();
  [[nodiscard]] Subscription add(CommitListener listener);
  // notify calls every listener, one notify at a time.
  void notify(std::uint64_t revision);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace counterfoil
