#include "journal/test_allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

// These stand in a file of their own: where a compiler sees both the replaced operators and their
// use, it takes the free() inside for a mismatch.

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace counterfoil {

std::size_t allocations_of_this_thread() { return allocations; }

}  // namespace counterfoil
