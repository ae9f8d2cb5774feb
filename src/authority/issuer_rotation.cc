#include <chrono>
#include <expected>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

std::expected<void, Problem> check_end(const RotationEnd& end) {
  if (end.overlap < std::chrono::seconds::zero() || end.overlap > kRotationOverlapMax) {
    return problem(Problem::Kind::kInvalid, "overlap_invalid",
                   "the old key pair may be valid for 0 seconds to 30 days more");
  }
  if (end.quiet_for && (*end.quiet_for < kQuietMin || *end.quiet_for >= end.overlap)) {
    return problem(Problem::Kind::kInvalid, "quiet_invalid",
                   "\"until quiet\" is a span of at least a minute, and shorter than the overlap, "
                   "which ends the old key pair in any case");
  }
  return {};
}

}  // namespace

Issuer::Result<Issued> Issuer::rotate_key(const std::string& id, const KeyMaterial& material,
                                          const RotationEnd& end, const Actor& actor,
                                          OnlyIf only_if) {
  if (const auto fine = check_end(end); !fine) {
    return std::unexpected(fine.error());
  }
  const auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  auto prepared = prepare(stored->key.account, material, actor);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  auto held = sealer_.hold_keys();
  const bool at_once = end.overlap == std::chrono::seconds::zero();
  auto rotated =
      store_change(id, actor, only_if,
                   {.action = "key.rotate",
                    .urgency = at_once ? Urgency::kRevocation : Urgency::kNormal,
                    .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
                      auto pair = make_pair(key, *prepared, next_pair_number(key));
                      if (!pair) {
                        return std::unexpected(pair.error());
                      }
                      detail["type"] = describe(prepared->scheme).name;
                      detail["overlap_s"] = std::to_string(end.overlap.count());
                      if (end.quiet_for) {
                        detail["quiet_s"] = std::to_string(end.quiet_for->count());
                      }
                      auto made = rotate(std::move(key), std::move(*pair), now + end.overlap, now,
                                         end.quiet_for);
                      if (!made) {
                        return problem_of(made.error());
                      }
                      made->imported = false;
                      return std::move(*made);
                    }});
  held.unlock();
  if (!rotated) {
    return std::unexpected(rotated.error());
  }
  auto receipt = enforce("key.rotate", *rotated);
  return Issued{.key = std::move(rotated->key),
                .secret = std::move(prepared->secret),
                .receipt = std::move(receipt)};
}

Issuer::Result<ChangedKey> Issuer::end_retiring(const std::string& id, const Actor& actor,
                                                OnlyIf only_if, const std::string& cause) {
  return change_key(
      id, actor, only_if,
      {.action = "key.end_retiring",
       .urgency = Urgency::kRevocation,
       .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
         if (!cause.empty()) {
           detail["cause"] = cause;
         }
         auto ended = counterfoil::end_retiring(std::move(key), now);
         return ended ? Result<ApiKey>(std::move(*ended)) : problem_of(ended.error());
       }});
}

Issuer::Result<ChangedKey> Issuer::back_out(const std::string& id, const Actor& actor,
                                            OnlyIf only_if) {
  return change_key(id, actor, only_if,
                    {.action = "key.back_out",
                     .urgency = Urgency::kRevocation,
                     .apply = [](ApiKey key, Timestamp now, AuditDetail&) -> Result<ApiKey> {
                       auto kept = counterfoil::back_out(std::move(key), now);
                       return kept ? Result<ApiKey>(std::move(*kept)) : problem_of(kept.error());
                     }});
}

}  // namespace counterfoil
