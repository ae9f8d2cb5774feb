#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authority/issuer.h"
#include "authority/key_selection.h"
#include "base/time.h"

namespace counterfoil {

// SelectionCounts is what a selection holds at one instant.
struct SelectionCounts {
  std::uint64_t selected = 0;  // active + suspended + revoked + expired + unreadable
  std::uint64_t active = 0;
  std::uint64_t suspended = 0;
  std::uint64_t revoked = 0;
  std::uint64_t expired = 0;
  std::uint64_t unreadable = 0;  // records that cannot be read, and listed keys that do not exist
  std::uint64_t accounts = 0;    // whose they are
  bool operator==(const SelectionCounts&) const = default;
};

// MassAction is one change of many API keys (control S-93): as it was asked for, and how far it is.
struct MassAction {
  enum class State : std::uint8_t {
    kPrepared = 0,  // previewed, and not begun; kept in memory alone
    kRunning = 1,
    kDone = 2,
    kStopped = 3,  // before its end: by somebody, or by itself for `stop_reason`
  };
  std::string id;
  KeyVerb verb = KeyVerb::kSuspend;
  std::string cause;
  KeySelection selection;  // as asked for; its list is not in encode()'s bytes
  Actor by;
  State state = State::kPrepared;
  Timestamp begun{};  // prepared, then started
  std::optional<Timestamp> ended;
  // Why it stopped by itself: "starter_revoked" or "starter_suspended", of the API key that started
  // it. Empty: it did not.
  std::string stop_reason;
  SelectionCounts at_start;
  std::uint64_t changed = 0;
  std::uint64_t already = 0;  // were so before
  std::uint64_t refused = 0;
  std::string looked_at;                     // the id where the walk stands
  std::uint64_t lists = 0;                   // records that hold the list
  std::uint64_t results = 0;                 // records that hold what became of each key
  std::optional<std::uint64_t> still_valid;  // selected keys that are accepted after its end

  // bounded is the selection without what was created after the start, which would have no end.
  [[nodiscard]] KeySelection bounded() const;
};

[[nodiscard]] std::string_view name_of(KeyVerb verb);             // "suspend"
[[nodiscard]] std::string_view name_of(MassAction::State state);  // "running"

[[nodiscard]] std::string encode(const MassAction& action);
// decode_mass_action gives nullopt for anything but what encode wrote.
[[nodiscard]] std::optional<MassAction> decode_mass_action(std::string_view bytes);

}  // namespace counterfoil
