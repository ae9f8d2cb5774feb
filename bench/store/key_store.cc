#include "store/key_store.h"

#include <cstddef>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_origin.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "crypto/root_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"
#include "policy/profile.h"
#include "policy/shipped_profile.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"

namespace counterfoil::bench {
namespace {

constexpr std::size_t kKeysAtOnce = 1'000;

template <typename T, typename E>
T must(std::expected<T, E> value, const char* what) {
  if (!value) {
    throw Fault(std::string("cannot ") + what);
  }
  return std::move(*value);
}

Profile shipped() {
  return must(Profile::parse(shipped_profile("binance-spot").value_or(""), "binance-spot.toml"),
              "read the profile binance-spot");
}

AccountId bench_account() { return *AccountId::parse("bench"); }

}  // namespace

KeyStore::KeyStore(const std::filesystem::path& data)
    : profile_(shipped()),
      registry_(must(open_sqlite_registry(data / "registry.db", random_), "open the registry")) {
  const std::filesystem::path file = data / "root.key";
  if (!std::filesystem::exists(file)) {
    (void)must(RootKey::create_file(file, random_), "make root.key");
  }
  const auto load = [&file] { return must(RootKey::load(file), "load root.key"); };
  const AuditOrigin origin =
      must(ensure_audit_origin(
               *registry_, [&]() -> std::expected<RootKey, Problem> { return load(); }, random_,
               clock_, "bench"),
           "begin the audit log");
  audited_.emplace(*registry_, clock_, "bench", origin.hash);
  sealer_ = must(Sealer::start(load(), *audited_, random_), "open the sealing keys");
}

Write KeyStore::record_of(const GivenKey& given) {
  const auto id = ApiKeyId::parse(given.api_key);
  if (!id) {
    throw Fault("keys.jsonl holds something that is no API key");
  }
  const Timestamp now = clock_.now();
  const PermissionTable& permissions = profile_.permissions();
  ApiKey key{.id = *id,
             .account = bench_account(),
             .label = "bench",
             .permissions = permissions.find("USER_DATA")->with(*permissions.find("TRADE")),
             .allow_list = AllowList::any(),
             .created = now,
             .state_since = now,
             .imported = true};
  KeyPair pair{.created = now};
  if (given.secret.empty()) {
    const PublicKey parsed =
        must(PublicKey::import_text(given.public_key_pem), "read a public key");
    pair.scheme = parsed.scheme();
    pair.public_key = parsed.spki_der();
    pair.lookup_hash = sha256(pair.public_key);
  } else {
    const SecretBytes secret = must(SecretBytes::copy_of(as_bytes(given.secret)), "keep a secret");
    auto sealed = must(sealer_->seal_secret(key, 1, secret), "seal a secret");
    pair.scheme = Scheme::kHmacSha256;
    pair.sealed_secret = std::move(sealed.bytes);
    pair.lookup_hash = sealed.lookup_hash;
  }
  key.pairs.push_back(std::move(pair));
  return api_key_write(key, profile_.permissions(), 0);
}

void KeyStore::commit(std::vector<Write> writes) {
  const AuditFact fact{.actor = "bench",
                       .source = "local",
                       .action = "bench.fill",
                       .object = "registry",
                       .detail = {}};
  (void)must(audited_->commit(std::move(writes), fact), "write to the registry");
  (void)sealer_->maintain();
}

std::size_t KeyStore::add(const std::function<std::optional<GivenKey>()>& next) {
  const Timestamp now = clock_.now();
  commit({account_write({.id = bench_account(),
                         .name = "bench",
                         .state_since = now,
                         .state_cause = {},
                         .created = now},
                        0)});
  std::size_t count = 0;
  std::vector<Write> writes;
  while (const auto given = next()) {
    writes.push_back(record_of(*given));
    ++count;
    if (writes.size() == kKeysAtOnce) {
      commit(std::exchange(writes, {}));
    }
  }
  if (!writes.empty()) {
    commit(std::move(writes));
  }
  return count;
}

}  // namespace counterfoil::bench
