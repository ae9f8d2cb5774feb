#include "sim_clockwork.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/time.h"

namespace counterfoil::simulation {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr Micros kVeryLateMax = 7 * kSecond;

}  // namespace

std::size_t Clockwork::add_node() {
  const std::int64_t drift = faults_.drift_ppm_max;
  nodes_.push_back({.boot_offset = random_.between(kSecond, 1'000 * kSecond),
                    .drift_ppm = random_.between(-drift, drift)});
  return nodes_.size() - 1;
}

BootTime Clockwork::local(std::size_t node) const {
  const Node& facts = nodes_[node];
  return BootTime(
      std::chrono::microseconds(facts.boot_offset + now_ + (now_ * facts.drift_ppm / kMillion)));
}

void Clockwork::push(Micros time, std::size_t node, std::uint64_t life, Work work) {
  due_.push(
      {.time = time, .order = orders_++, .node = node, .life = life, .work = std::move(work)});
}

void Clockwork::after_local(std::size_t node, Micros by, Work work) {
  const Micros real = by * kMillion / (kMillion + nodes_[node].drift_ppm);
  push(now_ + real, node, nodes_[node].life, std::move(work));
}

Micros Clockwork::delay() {
  if (random_.one_in(faults_.very_late_one_in)) {
    return random_.between(0, kVeryLateMax);
  }
  return random_.between(50, faults_.delay_max);
}

void Clockwork::to_store(std::size_t node, const Work& work) {
  const int copies = random_.one_in(faults_.doubled_one_in) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (now_ >= nodes_[node].no_way_there_until && !random_.one_in(faults_.lost_one_in)) {
      push(now_ + delay(), kNoNode, 0, work);
    }
  }
}

void Clockwork::from_store(std::size_t node, const Work& work) {
  const int copies = random_.one_in(faults_.doubled_one_in) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (now_ >= nodes_[node].no_way_back_until && !random_.one_in(faults_.lost_one_in)) {
      push(now_ + delay(), node, nodes_[node].life, work);
    }
  }
}

void Clockwork::run(Micros end) {
  while (!due_.empty() && due_.top().time <= end) {
    Due next = due_.top();
    due_.pop();
    now_ = next.time;
    if (next.node == kNoNode) {
      ++steps_;
      next.work();
      continue;
    }
    const Node& node = nodes_[next.node];
    if (next.life != node.life) {
      continue;
    }
    if (now_ < node.paused_until) {
      next.time = node.paused_until;  // its order keeps it behind what was due before it
      due_.push(std::move(next));
      continue;
    }
    ++steps_;
    next.work();
  }
  now_ = end;
}

}  // namespace counterfoil::simulation
