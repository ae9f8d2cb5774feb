#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/keyed_hash.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "replica/replica.h"

namespace counterfoil {

// Sealer opens and seals every secret of the installation: HMAC secrets of API keys, our own
// signing keys, what is kept of refused requests. It holds the sealing keys; secrets themselves
// only pass through. Safe to call from any thread.
class Sealer final : public MaterialSource {
 public:
  // start loads the sealing keys from the registry, or makes the first one in an empty registry.
  // Problem: the root key is not the one this registry was made with, or a record was tampered
  // with. `registry` must outlive it.
  [[nodiscard]] static std::expected<std::unique_ptr<Sealer>, Problem> start(
      RootKey root, AuditedRegistry& registry, RandomSource& random);

  // maintain keeps the count of wraps ahead of what was used, and makes a new sealing key when the
  // present one has wrapped nearly as often as it may (control S-02). Call it every second or so.
  void maintain();

  struct SealedSecret {
    std::vector<std::uint8_t> bytes;
    Digest lookup_hash;  // keyed hash of the secret, by which a leaked one is found without trying
                         // to verify
  };
  [[nodiscard]] std::expected<SealedSecret, Problem> seal_secret(const ApiKey& key,
                                                                 std::uint32_t pair,
                                                                 const SecretBytes& secret);
  // new_secret makes the text of a new HMAC secret, inside secret memory.
  [[nodiscard]] std::expected<SecretBytes, Problem> new_secret(const KeyFormat& format,
                                                               RandomSource& random) const;

  // open makes verification material of a stored pair (MaterialSource).
  [[nodiscard]] std::optional<VerificationKey> open(const ApiKey& key,
                                                    const KeyPair& pair) override;

  // seal_refused keeps the payload of a refused request for its owner's autopsy. Empty when it
  // cannot.
  [[nodiscard]] std::vector<std::uint8_t> seal_refused(std::string_view request_id,
                                                       std::string_view payload);

  // seal_own and open_own keep our own keys, such as the audit key, as records of the registry.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, Problem> seal_own(
      std::string_view name, const SecretBytes& secret);
  [[nodiscard]] std::expected<SecretBytes, Problem> open_own(std::string_view name,
                                                             ByteView sealed) const;

 private:
  Sealer(RootKey root, AuditedRegistry& registry, RandomSource& random)
      : root_(std::move(root)), registry_(registry), random_(random) {}
  [[nodiscard]] std::expected<void, Problem> load_keys();
  [[nodiscard]] std::expected<void, Problem> load_pepper();
  [[nodiscard]] std::expected<void, Problem> make_key(std::uint32_t version);
  [[nodiscard]] std::expected<void, Problem> reserve_wraps();

  RootKey root_;
  AuditedRegistry& registry_;
  RandomSource& random_;
  mutable std::shared_mutex ring_mutex_;  // exclusive: a sealing key is added
  KekRing ring_;
  std::optional<KeyedHash> lookup_;
  std::uint64_t reserved_wraps_ = 0;
};

}  // namespace counterfoil
