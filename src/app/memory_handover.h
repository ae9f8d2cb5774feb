#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <utility>

#include "app/log.h"
#include "authority/acceptance.h"
#include "authority/replay_handover.h"
#include "authority/replay_memory.h"
#include "authority/sealer.h"
#include "base/random.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {

// MemoryHandover hands the replay memory on from a process that ends in good order to the next one
// (authority/replay_handover.h), by a file (0600) in the data directory. Whatever keeps it from
// being handed on is told in the log, and costs a second in which state-changing requests are
// refused; it never makes a request pass.
class MemoryHandover {
 public:
  // Everything must outlive it.
  struct Parts {
    std::filesystem::path file;
    Registry& registry;
    const Sealer& sealer;
    RandomSource& random;
    const Clock& clock;
    Log& log;
  };
  explicit MemoryHandover(Parts parts) : parts_(std::move(parts)) {}

  // take restores what the process before left. The file is gone afterwards, whatever was in it: a
  // hand-over serves once, so that a crash leaves none. The error, a sentence, is that it cannot be
  // removed: then nothing may be accepted. Before anything is, by the process that has the registry
  // locked.
  [[nodiscard]] std::expected<void, std::string> take(ReplayMemory& memory, Acceptance& acceptance);
  // leave writes the file. Once nothing is accepted any more.
  void leave(const ReplayMemory& memory, const Acceptance& acceptance);

 private:
  [[nodiscard]] std::expected<Handover, HandoverFault> read(const std::string& bytes,
                                                            std::uint64_t ticket) const;
  [[nodiscard]] std::expected<HandoverOrigin, std::string> origin(std::uint64_t ticket) const;
  // issue_ticket writes a new ticket into the registry, redeem_ticket takes it out again: 0 when
  // there is none, or it cannot be taken out, for then it could serve twice.
  [[nodiscard]] std::expected<std::uint64_t, std::string> issue_ticket();
  [[nodiscard]] std::uint64_t redeem_ticket();

  Parts parts_;
};

}  // namespace counterfoil
