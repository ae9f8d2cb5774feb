#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "registry/registry.h"

namespace counterfoil {

// FeedFollower decides what a gateway does to keep its copy of the registry in force: what to read
// next, when to load everything anew, and when a revision may be called applied: its records are in
// the table AND every event loop has come round since, for the last look at a key and the first
// byte upstream happen in one step of one loop.
//
// A pure machine: whoever drives it carries out the steps and tells it how they went. Answers may
// be late or doubled; one whose number is not that of the step under way changes nothing. One
// thread at a time.
class FeedFollower {
 public:
  // Load everything from one state and put it into the table; but before anything is put there,
  // refuse (failed) a state of the same incarnation that is older than `at_least`: from a lagging
  // copy a revoked key would come back to life.
  struct Load {
    std::uint64_t number;
    std::optional<Revision> at_least;
    bool operator==(const Load&) const = default;
  };
  // Read the changes after `after` and put them into the table.
  struct Read {
    std::uint64_t number;
    Revision after;
    bool operator==(const Read&) const = default;
  };
  // Pass the loops: have every event loop cut the sessions of dead keys and come round once.
  struct Pass {
    std::uint64_t number;
    bool operator==(const Pass&) const = default;
  };
  using Step = std::variant<Load, Read, Pass>;

  // next gives the step to be carried out now, or nullopt: nothing to do until told something. Each
  // step is given once; one Load or Read and one Pass may be under way at a time.
  [[nodiscard]] std::optional<Step> next();

  // told_of says that the registry stands at `revision`, as a heartbeat or a listener told.
  void told_of(const Revision& revision);

  // awaits reports whether `number` is the Load or Read under way: only then may its answer go into
  // the table.
  [[nodiscard]] bool awaits(std::uint64_t number) const { return filling_ == number; }
  // filled answers the Load or Read: the table now shows `at`. After a Read that may be less than
  // told_of() told, when the answer came from a lagging copy: then there is more to read.
  void filled(std::uint64_t number, const Revision& at);
  // gap answers a Read that could not be served from `after`: everything is loaded anew.
  void gap(std::uint64_t number);
  // failed says that a Load or Read did not work; it is given again.
  void failed(std::uint64_t number);
  // passed answers Pass.
  void passed(std::uint64_t number);

  // applied is the newest revision in force here; nullopt until the first load has passed the
  // loops.
  [[nodiscard]] const std::optional<Revision>& applied() const { return applied_; }
  // shown is what the table shows; it runs ahead of applied().
  [[nodiscard]] const std::optional<Revision>& shown() const { return shown_; }

 private:
  struct Passing {
    std::uint64_t number;
    Revision makes_applied;
  };
  [[nodiscard]] bool wants_read() const;

  std::uint64_t numbers_ = 0;
  bool load_again_ = true;
  std::optional<std::uint64_t> filling_;
  bool filling_is_load_ = false;
  std::optional<Passing> passing_;
  std::optional<Revision> told_;
  std::optional<Revision> shown_;
  std::optional<Revision> applied_;
};

}  // namespace counterfoil
