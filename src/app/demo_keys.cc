#include "app/demo_keys.h"

#include <array>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/crypto_error.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

constexpr std::size_t kRsaBits = 2048;  // made in a moment; a key that matters takes 3072

struct Wanted {
  std::string_view label;
  Scheme scheme;
};
constexpr auto kWanted = std::to_array<Wanted>({{"hmac", Scheme::kHmacSha256},
                                                {"rsa", Scheme::kRsaPkcs1Sha256},
                                                {"ed25519", Scheme::kEd25519}});

const Actor& demo_actor() {
  static const Actor actor{.name = "demo", .source = "local"};
  return actor;
}

std::unexpected<Failure> failed(const Problem& problem) {
  return std::unexpected(Failure{ExitCode::kCannotTell, problem.detail});
}

std::expected<void, Failure> ensure_account(Issuer& issuer) {
  const std::string id(kDemoAccount);
  const auto present = issuer.account(id);
  if (present) {
    return {};
  }
  if (present.error().kind != Problem::Kind::kNotFound) {
    return failed(present.error());
  }
  const auto made = issuer.create_account(id, "Demo", demo_actor());
  return made ? std::expected<void, Failure>{} : failed(made.error());
}

NewKey wanted_key(const Wanted& wanted) {
  NewKey key;
  key.account = std::string(kDemoAccount);
  key.label = std::string(wanted.label);
  key.material.scheme = wanted.scheme;
  key.permissions = std::string(kDemoPermissions);
  key.allow_list = std::string(kDemoAllowList);
  return key;
}

// prove signs the challenge, as a holder of a private key does when registering its public half.
std::expected<KeyMaterial, Failure> prove(Issuer& issuer, const PrivateKey& key) {
  KeyMaterial material;
  material.scheme = key.scheme();
  material.public_key = key.public_key().pem();
  const auto challenge = issuer.challenge(std::string(kDemoAccount), material.public_key);
  if (!challenge) {
    return failed(challenge.error());
  }
  const auto signature = key.sign(as_bytes(challenge->text));
  if (!signature) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell, std::string(describe(signature.error()))});
  }
  material.possession_nonce = challenge->nonce;
  material.possession_signature = to_base64(*signature);
  return material;
}

std::expected<std::string, Failure> make_hmac_key(Issuer& issuer, const Wanted& wanted,
                                                  const KeyDirectory& files) {
  const auto issued = issuer.create_key(wanted_key(wanted), demo_actor());
  if (!issued) {
    return failed(issued.error());
  }
  const auto& secret = issued->secret;
  if (!secret) {
    return std::unexpected(Failure{ExitCode::kCannotTell, "the new key came without a secret"});
  }
  if (const auto written = KeyFileWriter::write_secret(files.material_file(), *secret); !written) {
    return std::unexpected(written.error());
  }
  return std::string(issued->key.id.text());
}

std::expected<std::string, Failure> make_public_key(Issuer& issuer, const Wanted& wanted,
                                                    const KeyDirectory& files,
                                                    RandomSource& random) {
  const auto made = PrivateKey::generate(wanted.scheme, random, kRsaBits);
  if (!made) {
    return std::unexpected(Failure{ExitCode::kCannotTell, std::string(describe(made.error()))});
  }
  if (const auto written = KeyFileWriter::write_private_key(files.material_file(), *made);
      !written) {
    return std::unexpected(written.error());
  }
  auto material = prove(issuer, *made);
  if (!material) {
    return std::unexpected(material.error());
  }
  NewKey key = wanted_key(wanted);
  key.material = std::move(*material);
  const auto issued = issuer.create_key(key, demo_actor());
  return issued ? std::expected<std::string, Failure>(issued->key.id.text())
                : failed(issued.error());
}

bool is_usable(const Issuer& issuer, const KeyDirectory& files) {
  std::error_code error;
  const auto key = issuer.stored_key(files.api_key);
  return key && effective_state(key->key, SystemClock().now()) == EffectiveState::kActive &&
         std::filesystem::exists(files.material_file(), error);
}

std::expected<KeyDirectory, Failure> ensure_key(Issuer& issuer, const Wanted& wanted,
                                                const std::filesystem::path& keys,
                                                RandomSource& random) {
  const std::filesystem::path path = keys / wanted.label;
  if (auto present = KeyDirectory::open(path); present && is_usable(issuer, *present)) {
    return std::move(*present);
  }
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (const auto made = make_private_directory(path); !made) {
    return std::unexpected(made.error());
  }
  KeyDirectory files{
      .path = path, .api_key = {}, .label = std::string(wanted.label), .scheme = wanted.scheme};
  auto id = wanted.scheme == Scheme::kHmacSha256 ? make_hmac_key(issuer, wanted, files)
                                                 : make_public_key(issuer, wanted, files, random);
  if (!id) {
    return std::unexpected(id.error());
  }
  files.api_key = std::move(*id);
  // Written last: a folder without it is a key that was not finished, and is made anew.
  if (const auto written = files.write_facts(); !written) {
    return std::unexpected(written.error());
  }
  return files;
}

}  // namespace

std::expected<std::vector<KeyDirectory>, Failure> ensure_demo_keys(
    Issuer& issuer, const std::filesystem::path& keys, RandomSource& random) {
  if (const auto made = make_private_directory(keys); !made) {
    return std::unexpected(made.error());
  }
  if (const auto account = ensure_account(issuer); !account) {
    return std::unexpected(account.error());
  }
  std::vector<KeyDirectory> all;
  for (const Wanted& wanted : kWanted) {
    auto key = ensure_key(issuer, wanted, keys, random);
    if (!key) {
      return std::unexpected(key.error());
    }
    all.push_back(std::move(*key));
  }
  return all;
}

}  // namespace counterfoil
