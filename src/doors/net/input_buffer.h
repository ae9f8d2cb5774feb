#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "doors/net/buffer_pool.h"

namespace counterfoil::net {

// InputBuffer holds what was received and not yet used up: a window in a pooled buffer, which grows
// from small to large once. Views of it are good until make_room() or restart() is called.
class InputBuffer {
 public:
  explicit InputBuffer(BufferPool& pool) : pool_(pool) {}

  // received is what is there, from the oldest byte on.
  [[nodiscard]] std::string_view received() const {
    return {buffer_.data() + begin_, end_ - begin_};
  }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t room() const { return buffer_.size() - end_; }
  // space is where the next bytes go: room() of them.
  [[nodiscard]] char* space() { return buffer_.data() + end_; }
  void commit(std::size_t size) { end_ += size; }
  // consume uses up bytes from the front; cut drops those behind the first `size`.
  void consume(std::size_t size) {
    begin_ += size;
    if (begin_ == end_) {
      begin_ = 0;
      end_ = 0;
    }
  }
  void cut(std::size_t size) { end_ = begin_ + size; }

  // make_room sees to it that at least `least` bytes fit behind what is there: moves it to the
  // front, or into a large buffer. false: it does not fit in a large one either. Views end.
  [[nodiscard]] bool make_room(std::size_t least);
  // give_back returns the memory of an empty buffer to the pool.
  void give_back() {
    buffer_ = Buffer();
    begin_ = 0;
    end_ = 0;
  }

 private:
  BufferPool& pool_;
  Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

inline bool InputBuffer::make_room(std::size_t least) {
  if (room() >= least) {
    return true;
  }
  const std::size_t used = end_ - begin_;
  if (buffer_.size() - used < least) {
    if (BufferPool::kLargeBytes - used < least) {
      return false;
    }
    Buffer bigger = used + least <= BufferPool::kSmallBytes ? pool_.small() : pool_.large();
    if (used > 0) {
      std::memcpy(bigger.data(), buffer_.data() + begin_, used);
    }
    buffer_ = std::move(bigger);
  } else if (used > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, used);
  }
  begin_ = 0;
  end_ = used;
  return true;
}

}  // namespace counterfoil::net
