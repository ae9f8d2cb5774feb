#include "backup/restored_keys.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/manifest.h"
#include "backup/revocation_lines.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/life.h"

namespace counterfoil {
namespace {

constexpr std::string_view kPairsEndedCause =
    "its key pair was ended after the backup from which it was restored";

void end_at(KeyPair& pair, Timestamp time) {
  pair.retires_at = std::min(pair.retires_at.value_or(time), time);
}

}  // namespace

std::expected<EndingsSince, Problem> endings_since(const std::vector<RevocationSection>& log,
                                                   std::string_view name,
                                                   const StoresSurvey& backup,
                                                   std::uint64_t newest_known) {
  EndingsSince known;
  bool is_after = false;
  for (const RevocationSection& section : log) {
    if (section.log_id != backup.log_id) {
      return problem(Problem::Kind::kInvalid, "revocation_log_foreign",
                     std::string(name) +
                         " is the revocation log of another node: name the one of the node that "
                         "was backed up");
    }
    const bool is_own = section.incarnation == backup.incarnation;
    known.is_complete = known.is_complete || (is_own && section.from_seq <= backup.head.seq);
    is_after = is_after || is_own;
    for (const Ending& ending : section.endings) {
      if (is_after && (!is_own || ending.seq > backup.head.seq)) {
        known.endings.push_back(ending);
      }
    }
  }
  known.is_complete = known.is_complete && !log.empty() && log.back().seen_seq >= newest_known;
  return known;
}

void merge(EndingsSince& known, EndingsSince more) {
  known.is_complete = known.is_complete || more.is_complete;
  for (Ending& ending : more.endings) {
    if (std::ranges::find(known.endings, ending) == known.endings.end()) {
      known.endings.push_back(std::move(ending));
    }
  }
}

ApiKey ended(ApiKey key, const Ending& ending) {
  switch (ending.kind) {
    case EndingKind::kRevoke:
      return revoke(std::move(key), ending.cause, ending.ends_at);
    case EndingKind::kSuspend: {
      auto made = suspend(key, ending.cause, ending.ends_at);
      return made ? std::move(*made) : std::move(key);
    }
    case EndingKind::kRotate:
      for (KeyPair& pair : key.pairs) {
        end_at(pair, ending.ends_at);
      }
      return key;
    case EndingKind::kEndRetiring:
      for (KeyPair& pair : key.pairs) {
        if (pair.retires_at) {
          end_at(pair, ending.ends_at);
        }
      }
      return key;
    case EndingKind::kSuspendAccount:
    case EndingKind::kDisablePerson:
    case EndingKind::kChangePassword:
    case EndingKind::kResetPassword:
    case EndingKind::kForceNewFactor:
    case EndingKind::kReplaceTotp:
    case EndingKind::kRemoveTotp:
    case EndingKind::kRemovePasskey:
    case EndingKind::kUnlinkIdentity:
      return key;
  }
  std::unreachable();
}

ApiKey settled(ApiKey key, Timestamp now) {
  std::optional<Timestamp> last;
  for (const KeyPair& pair : key.pairs) {
    if (!pair.retires_at) {
      return drop_retired(std::move(key), now);
    }
    last = std::max(last.value_or(*pair.retires_at), *pair.retires_at);
  }
  if (!last) {
    return key;
  }
  if (*last <= now) {
    return revoke(std::move(key), kPairsEndedCause, now);
  }
  key.expires_at = std::min(key.expires_at.value_or(*last), *last);
  return drop_retired(std::move(key), now);
}

ApiKey suspended_until_confirmed(ApiKey key, Timestamp now) {
  auto made = suspend(key, kUnconfirmedCause, now);
  return made ? std::move(*made) : std::move(key);
}

}  // namespace counterfoil
