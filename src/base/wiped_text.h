#pragma once

#include <string.h>

#include <cstddef>
#include <memory>
#include <string>

namespace counterfoil {

// WipingAllocator overwrites memory before it gives it back, so that a text which grew or ended
// leaves no copy of a secret behind on the heap.
template <typename T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <typename Other>
  // NOLINTNEXTLINE(google-explicit-constructor): an allocator's rebinding constructor is implicit
  WipingAllocator(const WipingAllocator<Other>&) {}

  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    ::explicit_bzero(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  template <typename Other>
  bool operator==(const WipingAllocator<Other>& /*other*/) const {
    return true;
  }
};

// WipedText is for buffers that a secret passes through on its way between a socket and secret
// memory: the body of a request or an answer. It is not locked, so nothing rests in it. Texts of up
// to 15 bytes stand in the object itself and are not wiped; no secret is that short.
using WipedText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

// wipe overwrites and empties a text that a secret passed through. It reaches only the buffer that
// the text has now, all of it: a text that grew has left copies behind, so reserve first.
inline void wipe(std::string& text) {
  text.resize(text.capacity());  // What stood beyond size() before it was shortened counts too.
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace counterfoil
