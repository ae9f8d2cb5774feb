#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "seeded_random.h"

namespace counterfoil::simulation {

// Micros is an instant of the one true time of a simulated world, from its beginning.
using Micros = std::int64_t;
inline constexpr Micros kMillisecond = 1'000;
inline constexpr Micros kSecond = 1'000'000;

// Faults is what a world has to live through, all drawn from its seed.
struct Faults {
  std::uint64_t lost_one_in = 0;        // messages; 0: none
  std::uint64_t doubled_one_in = 0;     // messages
  std::uint64_t very_late_one_in = 0;   // messages, up to 7 s
  Micros delay_max = 2 * kMillisecond;  // of ordinary messages
  std::uint64_t stale_one_in = 0;       // readings that a lagging copy of the store answers
  std::int64_t drift_ppm_max = 10'000;  // of each node's boot clock, either way
};

// Clockwork is a world's time, its nodes and the network between them and the store: who may run
// when, and which message arrives where. Everything happens in one thread, in an order that the
// seed decides.
class Clockwork {
 public:
  using Work = std::function<void()>;

  Clockwork(std::uint64_t seed, const Faults& faults) : random_(seed), faults_(faults) {}

  [[nodiscard]] Micros now() const { return now_; }
  [[nodiscard]] SeededRandom& random() { return random_; }
  [[nodiscard]] const Faults& faults() const { return faults_; }
  void heal() { faults_ = {.delay_max = 2 * kMillisecond, .drift_ppm_max = faults_.drift_ppm_max}; }

  // add_node gives the number of a new node, whose boot clock runs at its own rate.
  std::size_t add_node();
  // local is what the node's boot clock reads now.
  [[nodiscard]] BootTime local(std::size_t node) const;

  // after_local runs `work` on the node when its own clock has gone on by `by`; never before it is
  // resumed, and not at all once it has crashed.
  void after_local(std::size_t node, Micros by, Work work);
  // at runs `work` outside of every node.
  void at(Micros time, Work work) { push(time, kNoNode, 0, std::move(work)); }

  // to_store and from_store carry a message: it may be lost, doubled, late, or cut off.
  void to_store(std::size_t node, const Work& work);
  void from_store(std::size_t node, const Work& work);

  void pause(std::size_t node, Micros until) { nodes_[node].paused_until = until; }
  // crash ends what runs on the node: its work so far is never carried out.
  void crash(std::size_t node) { ++nodes_[node].life; }
  void cut_to_store(std::size_t node, Micros until) { nodes_[node].no_way_there_until = until; }
  void cut_from_store(std::size_t node, Micros until) { nodes_[node].no_way_back_until = until; }

  // run carries out everything due up to `end`.
  void run(Micros end);
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  static constexpr std::size_t kNoNode = SIZE_MAX;
  struct Node {
    Micros boot_offset = 0;
    std::int64_t drift_ppm = 0;
    Micros paused_until = 0;
    Micros no_way_there_until = 0;
    Micros no_way_back_until = 0;
    std::uint64_t life = 0;
  };
  struct Due {
    Micros time;
    std::uint64_t order;
    std::size_t node;
    std::uint64_t life;
    Work work;
    bool operator>(const Due& other) const {
      return std::pair(time, order) > std::pair(other.time, other.order);
    }
  };
  void push(Micros time, std::size_t node, std::uint64_t life, Work work);
  [[nodiscard]] Micros delay();

  SeededRandom random_;
  Faults faults_;
  Micros now_ = 0;
  std::uint64_t orders_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<Node> nodes_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace counterfoil::simulation
