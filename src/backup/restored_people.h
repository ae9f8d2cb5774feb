#pragma once

#include <string_view>

#include "accounts/person.h"
#include "backup/revocation_lines.h"
#include "base/time.h"

namespace counterfoil {

// What a restore makes of the people of a backup: nobody gets back what was taken from them since
// (control S-86). Pure.

// restored gives the person as they come up in any case: recovery codes, a link to set a new
// password and an app that waits for its first code are worth nothing, for they may have been used
// since.
[[nodiscard]] Person restored(Person person);

// ended gives the person as they must be after `ending`. Who was disabled stays so, also when they
// were enabled since. Who changed or lost a password or a factor is disabled as well, for the new
// ones are not in the backup and the old ones may be in wrong hands: once an owner has enabled
// them, they add a new factor before anything else.
[[nodiscard]] Person ended(Person person, const Ending& ending);

// disabled_until_confirmed is for restores without a complete log.
[[nodiscard]] Person disabled_until_confirmed(Person person, Timestamp now);
inline constexpr std::string_view kUnconfirmedPersonCause =
    "restored from a backup, and it is not known whether they were disabled since: enable them if "
    "they were not";
inline constexpr std::string_view kFactorsEndedCause =
    "the password or a factor was changed after the backup from which they were restored: enable "
    "them once you have spoken to them";

}  // namespace counterfoil
