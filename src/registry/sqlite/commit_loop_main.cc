// registry_commit_loop <store>: commits without end, and after each commit prints its audit seq in
// a line. sqlite_registry_kill_test.cc kills it at some moment and looks at what is left.

#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/random.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"

namespace counterfoil {
namespace {

// One commit writes one new record, rewrites the same record as all others, and appends two audit
// entries: seq and seq + 1.
Transaction step(std::uint64_t seq, std::uint64_t counter_modified) {
  Write counter{.kind = RecordKind::kSetting,
                .id = "counter",
                .bytes = std::to_string(seq),
                .expected_modified = counter_modified};
  Write record{
      .kind = RecordKind::kApiKey,
      .id = "key-" + std::to_string(seq),
      .bytes = std::string(500, 'x'),
      .indexes = {{.index = "name", .value = std::to_string(seq), .rule = IndexRule::kUnique}}};
  Transaction transaction;
  transaction.writes = {std::move(counter), std::move(record)};
  transaction.audit = {{.seq = seq, .bytes = "first of " + std::to_string(seq)},
                       {.seq = seq + 1, .bytes = "second of " + std::to_string(seq)}};
  return transaction;
}

int run(const char* path) {
  SystemRandom random;
  const auto registry = open_sqlite_registry(path, random);
  if (!registry) {
    return 2;
  }
  const auto last = (*registry)->last_audit();
  const auto counter = (*registry)->find(RecordKind::kSetting, "counter");
  if (!last || !counter) {
    return 3;
  }
  std::uint64_t seq = *last ? (*last)->seq + 1 : 1;
  std::uint64_t modified = *counter ? (*counter)->modified : 0;
  for (;; seq += 2) {
    const auto committed = (*registry)->commit(step(seq, modified));
    if (!committed) {
      return 4;
    }
    modified = committed->number;
    const std::string line = std::to_string(seq + 1) + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) {
      return 0;  // Nobody listens any more.
    }
  }
}

}  // namespace
}  // namespace counterfoil

int main(int argc, char** argv) { return argc == 2 ? counterfoil::run(argv[1]) : 1; }
