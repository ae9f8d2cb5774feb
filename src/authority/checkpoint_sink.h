#pragma once

#include <expected>
#include <string_view>

#include "authority/problem.h"

namespace counterfoil {

// CheckpointSink is a place outside the journal where the audit log's checkpoints go, so that
// nobody who can change the journal can cut it unnoticed. One thread at a time.
class CheckpointSink {
 public:
  CheckpointSink() = default;
  CheckpointSink(const CheckpointSink&) = delete;
  CheckpointSink& operator=(const CheckpointSink&) = delete;
  CheckpointSink(CheckpointSink&&) = delete;
  CheckpointSink& operator=(CheckpointSink&&) = delete;
  virtual ~CheckpointSink() = default;
  // take keeps one checkpoint line (without LF), durably before it returns. After an error the next
  // checkpoint comes all the same: each one stands for all before it.
  [[nodiscard]] virtual std::expected<void, Problem> take(std::string_view line) = 0;
};

}  // namespace counterfoil
