#include "doors/net/buffer_pool.h"

#include <cstddef>
#include <memory>
#include <utility>

namespace counterfoil::net {

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::exchange(other.pool_, nullptr);
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Buffer::give_back() {
  if (pool_ != nullptr && bytes_ != nullptr) {
    pool_->give_back(std::move(bytes_), size_);
  }
}

Buffer BufferPool::take(Kept& kept, std::size_t size) {
  if (kept.empty()) {
    return {*this, std::make_unique_for_overwrite<char[]>(size), size};
  }
  std::unique_ptr<char[]> bytes = std::move(kept.back());
  kept.pop_back();
  return {*this, std::move(bytes), size};
}

void BufferPool::give_back(std::unique_ptr<char[]> bytes, std::size_t size) {
  const bool is_small = size == kSmallBytes;
  Kept& kept = is_small ? small_ : large_;
  if (kept.size() < (is_small ? kSmallKeptMax : kLargeKeptMax)) {
    kept.push_back(std::move(bytes));
  }
}

}  // namespace counterfoil::net
