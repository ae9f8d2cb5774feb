#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/replay_memory.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "registry/registry.h"

namespace counterfoil {

// A process that ends in good order hands what it remembers of requests on to the next, so that
// nothing stamped before that one's start has to be refused. Whatever is doubtful about a hand-over
// is a ground to do without: the next process then refuses, for a second, what it cannot know.
//
// The form, integers little-endian:
//
//   "cfreplay", 4 bytes version (2)
//   8 + 8      registry: incarnation, revision
//   8          ticket
//   8, 8       wall clock (us), boot-time clock (ns) when it was written
//   8          changes_from (us)
//   1 + n      id of the machine's boot, at most 64 bytes
//   4          number of batches
//   4, 8, 4    of each batch: slot, forget_at (us), number of fingerprints; then 8 bytes each
//   32         HMAC-SHA-256 of all before, under a key that only this installation has

// HandoverOrigin says of which registry and moment a hand-over is.
struct HandoverOrigin {
  Revision registry;
  // A random number that is in the registry as long as the hand-over has not served; 0: none is.
  std::uint64_t ticket = 0;
  Timestamp wall;
  BootTime boot;
  std::string boot_id;     // which boot of the machine `boot` belongs to
  Timestamp changes_from;  // of before: what was received earlier is not in the memory
  bool operator==(const HandoverOrigin&) const = default;
};

struct Handover {
  HandoverOrigin origin;
  std::vector<ReplayMemory::Batch> batches;
  bool operator==(const Handover&) const = default;
};

enum class HandoverFault : std::uint8_t {
  kMissing,  // there is none: a first start, or the process before did not end in good order
  kUnsafeFile,
  kUnreadable,
  kTooLarge,
  kNotAuthentic,   // torn, altered, or of another installation
  kMalformed,      // authentic, and not understood: of another version
  kOtherRegistry,  // the registry was restored or replaced since
  kServedBefore,   // the file was put back
  kOtherBoot,      // the machine was started anew: whether the clock stepped meanwhile is unknown
  kClockInDoubt,   // the clocks went apart since
  kTooOld,
  kNoRoom,  // replay.capacity is too small for it
};
// describe says it in words that follow "the replay memory was not taken over: ".
[[nodiscard]] std::string_view describe(HandoverFault fault);

inline constexpr std::size_t kHandoverPrintsMax = 8'000'000;
inline constexpr std::size_t kHandoverBatchesMax = 16UL * ReplayMemory::kSlots;
inline constexpr std::size_t kHandoverBootIdBytesMax = 64;
inline constexpr std::size_t kHandoverBytesMax =
    256 + kHandoverBatchesMax * 16 + kHandoverPrintsMax * 8;
// Longer than a restart or an upgrade takes.
inline constexpr std::chrono::minutes kHandoverAgeMax{10};
// The clocks may go apart by so much meanwhile: what a time service slews in ten minutes.
inline constexpr std::chrono::seconds kHandoverClockMax{1};

// encode_handover gives nullopt for more than a reader takes.
[[nodiscard]] std::optional<std::string> encode_handover(const Handover& handover,
                                                         const HmacKey& key);
// decode_handover reads it back: kTooLarge, kNotAuthentic, kMalformed.
[[nodiscard]] std::expected<Handover, HandoverFault> decode_handover(std::string_view bytes,
                                                                     const HmacKey& key);
// parse_handover reads what stands before the authentication, and does not judge that: for
// decode_handover, and for trying what it makes of any bytes.
[[nodiscard]] std::optional<Handover> parse_handover(std::string_view body);

// check_handover says whether a hand-over is of the moment before `here`: kOtherRegistry,
// kServedBefore, kOtherBoot, kClockInDoubt, kTooOld. Pure.
[[nodiscard]] std::expected<void, HandoverFault> check_handover(const HandoverOrigin& from,
                                                                const HandoverOrigin& here);

}  // namespace counterfoil
