#include "registry/memory_registry.h"

#include <gtest/gtest.h>

#include <memory>

#include "registry/registry.h"
#include "registry/registry_contract.h"

namespace counterfoil {
namespace {

class MemoryBench final : public RegistryBench {
 public:
  std::unique_ptr<Registry> open() override {
    return make_memory_registry({.incarnation = 7, .feed_changes_max = kContractFeedMax});
  }
};

INSTANTIATE_TEST_SUITE_P(Memory, RegistryContract,
                         testing::Values(RegistryEngine{
                             .name = "memory",
                             .bench = [] { return std::make_unique<MemoryBench>(); }}),
                         engine_name);

}  // namespace
}  // namespace counterfoil
