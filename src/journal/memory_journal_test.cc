#include "journal/memory_journal.h"

#include <gtest/gtest.h>

#include <memory>

#include "journal/journal.h"
#include "journal/journal_contract.h"

namespace counterfoil {
namespace {

class MemoryBench final : public JournalBench {
 public:
  std::unique_ptr<Journal> open() override { return make_memory_journal(); }
};

INSTANTIATE_TEST_SUITE_P(Memory, JournalContract,
                         testing::Values(JournalEngine{
                             .name = "memory",
                             .bench = [] { return std::make_unique<MemoryBench>(); }}),
                         engine_name);

}  // namespace
}  // namespace counterfoil
