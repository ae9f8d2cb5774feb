#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/sealer.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/root_key.h"
#include "policy/profile.h"
#include "registry/registry.h"

namespace counterfoil::bench {

// Fault ends a bench: its text is for people.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// GivenKey is a key as keys.jsonl tells it: one of the two is not empty.
struct GivenKey {
  std::string api_key;
  std::string secret;
  std::string public_key_pem;
};

// KeyStore is a node's registry, opened as the node opens it, and filled faster than people make
// keys: the records, their sealing and their audit entries are the real ones.
class KeyStore {
 public:
  // Takes a data directory as `counterfoil init` makes it; a root key that is missing is made.
  // Throws Fault.
  explicit KeyStore(const std::filesystem::path& data);

  // add stores the keys that `next` gives, until it gives nullopt, for the account "bench".
  std::size_t add(const std::function<std::optional<GivenKey>()>& next);

  [[nodiscard]] Registry& registry() { return *registry_; }
  [[nodiscard]] Sealer& sealer() { return *sealer_; }
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] SystemRandom& random() { return random_; }

 private:
  [[nodiscard]] Write record_of(const GivenKey& given);
  void commit(std::vector<Write> writes);

  SystemRandom random_;
  SystemClock clock_;
  Profile profile_;
  std::unique_ptr<Registry> registry_;
  std::optional<AuditedRegistry> audited_;
  std::unique_ptr<Sealer> sealer_;
};

}  // namespace counterfoil::bench
