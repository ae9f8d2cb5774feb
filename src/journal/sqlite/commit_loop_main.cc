// journal_commit_loop <store>: writes audit records, uses, refusals and checkpoints without end,
// and after each round prints its number in a line. sqlite_journal_kill_test.cc kills it at some
// moment and looks at what is left.

#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/time.h"
#include "journal/journal.h"
#include "journal/sqlite/sqlite_journal.h"

namespace counterfoil {
namespace {

bool write_round(Journal& journal, std::uint64_t round) {
  const std::string number = std::to_string(round);
  const Timestamp time = from_unix_ms(1'700'000'000'000);
  const std::array audit{AuditRow{.seq = (2 * round) - 1, .bytes = "first of " + number},
                         AuditRow{.seq = 2 * round, .bytes = "second of " + number}};
  const std::array uses{UsageRow{.api_key = "key",
                                 .pair = 1,
                                 .route = "route",
                                 .first = time,
                                 .last = time,
                                 .count = 1,
                                 .last_request_id = number},
                        UsageRow{.api_key = "key-" + number,
                                 .pair = 1,
                                 .route = "route",
                                 .first = time,
                                 .last = time,
                                 .count = 1}};
  const std::array refusals{RefusalRow{.request_id = "r-" + number, .time = time},
                            RefusalRow{.request_id = "s-" + number, .time = time}};
  return journal.append_audit(audit) && journal.record_usage(uses) &&
         journal.record_refusals(refusals) && journal.add_checkpoint(number);
}

int run(const char* path) {
  const auto journal = open_sqlite_journal(path);
  if (!journal) {
    return 2;
  }
  const auto head = (*journal)->checkpoint_head();
  if (!head) {
    return 3;
  }
  // A round that was cut is not done again: the next one goes on behind what is there.
  const auto audit = (*journal)->audit_head();
  std::uint64_t round = audit && *audit ? ((*audit)->seq / 2) + 1 : 1;
  for (;; ++round) {
    if (!write_round(**journal, round)) {
      return 4;
    }
    const std::string line = std::to_string(round) + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) {
      return 0;  // Nobody listens any more.
    }
  }
}

}  // namespace
}  // namespace counterfoil

int main(int argc, char** argv) { return argc == 2 ? counterfoil::run(argv[1]) : 1; }
