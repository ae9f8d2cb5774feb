#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <vector>

#include "authority/activity.h"
#include "authority/autopsy_reports.h"
#include "authority/issuer.h"
#include "authority/key_trouble.h"
#include "authority/problem.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "policy/profile.h"

namespace counterfoil {

inline constexpr std::chrono::hours kStillWrong{24};  // a refusal that is older is no longer told
inline constexpr std::chrono::hours kExpiresSoon{24 * 14};
inline constexpr std::chrono::hours kRenewal{24 * 90};  // how much longer a renewed key lives
inline constexpr std::size_t kAddressesTold = 10;       // unlisted ones, those seen last
inline constexpr std::size_t kHostsTold = 3;            // that still sign with a retiring pair

// KeyFacts is all that the list is made from.
struct KeyFacts {
  ApiKey key;
  bool account_suspended = false;
  KeyActivity uses;
  std::vector<CauseReport> causes;
  // Requests whose signature was right and whose address was not listed, as it then was. An address
  // is looked at only behind the signature, so each proves that its sender has the secret.
  std::vector<RefusedRequest> unlisted;
  std::vector<RefusedRequest> unpermitted;  // for want of a permission; their signature was right
};

// troubles_of says what is wrong with an API key now and what to do about it, the most pressing
// first. What was mended since is left out as far as that can be seen: a listed address, a ticked
// permission. Pure.
//
// A right signature from an address that is not listed stands before everything else, as a possible
// theft. It never offers the address first: suspending is one step, allowing wants a second factor.
[[nodiscard]] std::vector<KeyTrouble> troubles_of(const KeyFacts& facts, const Profile& profile,
                                                  Timestamp now);

// key_facts gathers them. It checks no right: the caller asks only for what the one it answers may
// see. Any thread; it waits for the stores. Problem: one of them does not answer.
[[nodiscard]] std::expected<KeyFacts, Problem> key_facts(const ApiKey& key, const Issuer& issuer,
                                                         const Activity& activity,
                                                         const AutopsyReports& reports,
                                                         Timestamp now);

}  // namespace counterfoil
