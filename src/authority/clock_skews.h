#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.h"

namespace counterfoil {

// ClockSkews remembers how old requests were when they were accepted, so that an autopsy can tell a
// slow clock from one slow request. Of each API key it has the last kPerKey samples (one for each
// client and drain of the recorder), of the kKeys keys used last: about 8 MiB at most. Safe to call
// from any thread.
class ClockSkews {
 public:
  static constexpr std::size_t kPerKey = 256;
  static constexpr std::size_t kKeys = 4'096;

  void note_uses(std::span<const UsageRow> rows);
  // delays_ms gives our time minus the timestamp, oldest first; empty: nothing is known.
  [[nodiscard]] std::vector<std::int64_t> delays_ms(std::string_view api_key) const;

 private:
  struct Ring {
    std::deque<std::int32_t> delays_ms;
    std::list<std::string>::iterator place;  // in used_
  };
  mutable std::mutex mutex_;
  std::map<std::string, Ring, std::less<>> rings_;
  std::list<std::string> used_;  // API keys, the one used last in front
};

}  // namespace counterfoil
