#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "authority/fingerprint.h"  // IWYU pragma: export
#include "base/time.h"

namespace counterfoil {

// ReplayRule says what a route makes of a request that was received before.
enum class ReplayRule : std::uint8_t {
  kRepeatable,  // reading: remembered, never refused
  kOnce,        // state-changing, session logon, key management: refused when seen anywhere before
};

// ReplayMemory remembers the fingerprint of every accepted signed request, on all doors and
// methods, until its window has passed. Bounded: when full it says so, and the request is refused
// rather than the check skipped (control S-43). Safe to call from any thread; two threads that
// bring the same request at once get one kFresh and one kSeen.
//
// Requests of one second are kept together and forgotten together. That is sound because the stamp
// is part of the signed payload: the same payload always has the same one (replay_horizon.h). And
// it is fast: what is asked about was most likely stamped just now, so it stands where the caches
// are warm, and nothing has to be looked through for what has expired.
class ReplayMemory {
 public:
  static constexpr std::size_t kDefaultCapacity = 4'000'000;  // about 20 bytes each
  // Everything is kept so much longer than it could be accepted: a clock that steps back by up to
  // 30 s is still believed (control S-44), and threads read it at different instants.
  static constexpr std::chrono::seconds kKeptLonger{31};

  explicit ReplayMemory(std::size_t capacity = kDefaultCapacity);
  ReplayMemory(const ReplayMemory&) = delete;
  ReplayMemory& operator=(const ReplayMemory&) = delete;
  ReplayMemory(ReplayMemory&&) = delete;
  ReplayMemory& operator=(ReplayMemory&&) = delete;
  ~ReplayMemory();

  enum class Answer : std::uint8_t { kFresh, kSeen, kFull };
  // Stamped is what a request says of its time: its timestamp, and the last instant at which it
  // could be accepted.
  struct Stamped {
    Timestamp at;
    Timestamp forget_at;
  };
  // admit remembers `print` until stamped.forget_at at least, unless the rule refuses it.
  [[nodiscard]] Answer admit(const Fingerprint& print, ReplayRule rule, const Stamped& stamped,
                             Timestamp now);
  // expect says that admit() will be asked about `print` soon: then what it looks at is near by.
  void expect(const Fingerprint& print, Timestamp stamped_at) const;
  // withdraw undoes one admit() that answered kFresh, because the request was not forwarded.
  // `stamped_at` is the same as then.
  void withdraw(const Fingerprint& print, Timestamp stamped_at);
  [[nodiscard]] std::size_t size() const;

  // Batch is requests that are kept together: of one second, or of seconds that share its slot.
  static constexpr std::uint32_t kSlots = 128;
  struct Batch {
    std::uint32_t slot = 0;  // below kSlots
    Timestamp forget_at;     // of the last of them
    std::vector<Fingerprint> prints;
    bool operator==(const Batch&) const = default;
  };
  // batches copies everything that may still be asked about at `now`.
  [[nodiscard]] std::vector<Batch> batches(Timestamp now) const;
  // restore remembers what another process did, as if it had been admitted here. false: there is no
  // room for all of it; then nothing is remembered any more.
  [[nodiscard]] bool restore(std::span<const Batch> batches);

 private:
  struct Shard;
  [[nodiscard]] bool restore(const Batch& batch);
  [[nodiscard]] Shard& shard_of(const Fingerprint& print) const;
  std::size_t shard_capacity_;
  std::uint64_t factor_;  // of the tables
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace counterfoil
