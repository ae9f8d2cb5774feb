#include "registry/commit_listeners.h"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "registry/registry.h"

namespace counterfoil {

struct CommitListeners::State {
  std::mutex mutex;
  std::list<CommitListener> listeners;
};

CommitListeners::CommitListeners() : state_(std::make_shared<State>()) {}

Subscription CommitListeners::add(CommitListener listener) {
  const std::scoped_lock lock(state_->mutex);
  const auto place = state_->listeners.insert(state_->listeners.end(), std::move(listener));
  // The pointer itself means nothing; its end is what counts.
  return {static_cast<void*>(&*place), [state = state_, place](void*) {
            const std::scoped_lock end_lock(state->mutex);
            state->listeners.erase(place);
          }};
}

void CommitListeners::notify(std::uint64_t revision) {
  const std::scoped_lock lock(state_->mutex);
  for (CommitListener& listener : state_->listeners) {
    listener(revision);
  }
}

}  // namespace counterfoil
