#include <algorithm>
#include <chrono>
#include <cstdint>
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

std::uint32_t next_number(const ApiKey& key) {
  std::uint32_t last = 0;
  for (const KeyPair& pair : key.pairs) {
    last = std::max(last, pair.number);
  }
  return last + 1;
}

}  // namespace

Issuer::Result<Issued> Issuer::rotate_key(const std::string& id, const KeyMaterial& material,
                                          std::chrono::seconds overlap, const Actor& actor,
                                          OnlyIf only_if) {
  if (overlap < std::chrono::seconds::zero() || overlap > kRotationOverlapMax) {
    return problem(Problem::Kind::kInvalid, "overlap_invalid",
                   "the old key pair may be valid for 0 seconds to 30 days more");
  }
  const auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  auto prepared = prepare(stored->key.account, material);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  const bool at_once = overlap == std::chrono::seconds::zero();
  auto rotated =
      store_change(id, actor, only_if,
                   {.action = "key.rotate",
                    .urgency = at_once ? Urgency::kRevocation : Urgency::kNormal,
                    .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) -> Result<ApiKey> {
                      auto pair = make_pair(key, *prepared, next_number(key));
                      if (!pair) {
                        return std::unexpected(pair.error());
                      }
                      detail["type"] = describe(prepared->scheme).name;
                      detail["overlap_s"] = std::to_string(overlap.count());
                      auto made = rotate(std::move(key), std::move(*pair), now + overlap, now);
                      if (!made) {
                        return problem_of(made.error());
                      }
                      made->imported = false;
                      return std::move(*made);
                    }});
  if (!rotated) {
    return std::unexpected(rotated.error());
  }
  auto receipt = enforce("key.rotate", *rotated);
  return Issued{.key = std::move(rotated->key),
                .secret = std::move(prepared->secret),
                .receipt = std::move(receipt)};
}

Issuer::Result<ChangedKey> Issuer::end_retiring(const std::string& id, const Actor& actor,
                                                OnlyIf only_if) {
  return change_key(id, actor, only_if,
                    {.action = "key.end_retiring",
                     .urgency = Urgency::kRevocation,
                     .apply = [](ApiKey key, Timestamp now, AuditDetail&) -> Result<ApiKey> {
                       auto ended = counterfoil::end_retiring(std::move(key), now);
                       return ended ? Result<ApiKey>(std::move(*ended)) : problem_of(ended.error());
                     }});
}

}  // namespace counterfoil
