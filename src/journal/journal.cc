#include "journal/journal.h"

#include <string_view>
#include <utility>

namespace counterfoil {

std::string_view describe(JournalError error) {
  switch (error) {
    case JournalError::kGap:
      return "audit records are missing between the journal's newest and these";
    case JournalError::kConflict:
      return "the journal holds other audit records under these numbers";
    case JournalError::kTooLarge:
      return "beyond a limit of the journal";
    case JournalError::kFull:
      return "no space is left on the journal's disk";
    case JournalError::kUnavailable:
      return "the journal does not answer";
    case JournalError::kCorrupt:
      return "the journal is damaged";
  }
  std::unreachable();
}

}  // namespace counterfoil
