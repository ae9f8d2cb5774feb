#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace counterfoil::net {

class BufferPool;

// Buffer is a piece of memory out of a BufferPool, given back when this object ends. Its bytes are
// not cleared.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { give_back(); }

  [[nodiscard]] char* data() { return bytes_.get(); }
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  friend class BufferPool;
  Buffer(BufferPool& pool, std::unique_ptr<char[]> bytes, std::size_t size)
      : pool_(&pool), bytes_(std::move(bytes)), size_(size) {}
  void give_back();

  BufferPool* pool_ = nullptr;
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

// BufferPool hands out buffers of two sizes and keeps a bounded number of those given back. It
// belongs to one event loop and must outlive its buffers.
class BufferPool {
 public:
  static constexpr std::size_t kSmallBytes = std::size_t{4} * 1024;
  static constexpr std::size_t kLargeBytes = std::size_t{64} * 1024;

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  BufferPool(BufferPool&&) = delete;
  BufferPool& operator=(BufferPool&&) = delete;
  ~BufferPool() = default;

  [[nodiscard]] Buffer small() { return take(small_, kSmallBytes); }
  [[nodiscard]] Buffer large() { return take(large_, kLargeBytes); }

 private:
  friend class Buffer;
  static constexpr std::size_t kSmallKeptMax = 4096;
  static constexpr std::size_t kLargeKeptMax = 256;
  using Kept = std::vector<std::unique_ptr<char[]>>;

  [[nodiscard]] Buffer take(Kept& kept, std::size_t size);
  void give_back(std::unique_ptr<char[]> bytes, std::size_t size);

  Kept small_;
  Kept large_;
};

}  // namespace counterfoil::net
