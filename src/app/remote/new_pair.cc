#include "app/remote/new_pair.h"

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "app/secret_input.h"
#include "authority/possession_text.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/crypto_error.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

constexpr std::size_t kPublicKeyBytesMax = PublicKey::kTextBytesMax;

std::unexpected<Failure> usage(std::string sentence) {
  return std::unexpected(Failure{ExitCode::kUsage, std::move(sentence)});
}

std::expected<std::string, Failure> bytes_of_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return std::unexpected(Failure{
        ExitCode::kCannotTell, path + ": cannot be read; name the public key's file (PEM, \"BEGIN "
                                      "PUBLIC KEY\") with --public-key"});
  }
  std::string text(kPublicKeyBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

std::expected<PublicKey, Failure> public_key_of_file(const std::string& path) {
  const auto text = bytes_of_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto key = PublicKey::import_text(*text);
  if (!key) {
    return usage(path + ": " + std::string(describe(key.error())));
  }
  return std::move(*key);
}

std::expected<Scheme, Failure> scheme_of(const std::string& type) {
  const auto scheme = parse_scheme(type == "hmac"  ? "hmac-sha256"
                                   : type == "rsa" ? "rsa-sha256"
                                                   : type);
  if (!scheme) {
    return usage("--type " + type + " is not known; write ed25519, rsa-sha256 or hmac-sha256");
  }
  return *scheme;
}

}  // namespace

void PairFlags::add_options(CLI::App& command) {
  command.add_option("--type,--algorithm", type, "ed25519 (default), rsa-sha256 or hmac-sha256");
  command.add_option("--out", out,
                     "new folder (0700) for the secret half: key.json, and key.pem "
                     "or secret (0600)");
  command.add_option("--public-key", public_key_file,
                     "PEM of a public key whose private key stays where it is");
  command.add_option("--private-key-file", private_key_file,
                     "PEM of a private key that is here: it signs the challenge and is not sent");
  command.add_option("--nonce", nonce, "of `counterfoil keys challenge`, with --public-key");
  command.add_option("--signature", signature,
                     "base64 of the signature over the challenge, with --public-key");
  command.add_option("--rsa-bits", rsa_bits, "2048 to 4096, a multiple of 8 (default 3072)")
      ->check(CLI::Range(PublicKey::kRsaBitsMin, PublicKey::kRsaBitsMax));
}

std::expected<std::string, Failure> read_public_key(const std::string& path) {
  const auto key = public_key_of_file(path);
  if (!key) {
    return std::unexpected(key.error());
  }
  return key->pem();
}

AskChallenge ask_node(const NodeApi& api, const std::string& account) {
  return [&api, account](const std::string& public_key) {
    return api.post("/api/v1/challenges", {{"account", account}, {"public_key", public_key}});
  };
}

NewPair::NewPair(NewPair&& other) noexcept
    : scheme_(other.scheme_),
      private_key_(std::move(other.private_key_)),
      public_key_(std::move(other.public_key_)),
      possession_(std::move(other.possession_)),
      directory_(std::exchange(other.directory_, std::nullopt)),
      registered_(other.registered_),
      made_folder_(other.made_folder_),
      wrote_private_key_(other.wrote_private_key_) {}

NewPair::~NewPair() {
  if (registered_ || !directory_) {
    return;
  }
  std::error_code ignored;
  if (wrote_private_key_) {
    std::filesystem::remove(directory_->material_file(), ignored);
  }
  if (made_folder_) {
    std::filesystem::remove(directory_->path, ignored);  // not if there is anything in it
  }
}

std::expected<NewPair, Failure> NewPair::prepare(const PairFlags& flags, const AskChallenge& ask) {
  const auto scheme = scheme_of(flags.type);
  if (!scheme) {
    return std::unexpected(scheme.error());
  }
  NewPair pair;
  pair.scheme_ = *scheme;
  if (auto chosen = pair.choose_folder(flags); !chosen) {
    return std::unexpected(chosen.error());
  }
  if (describe(*scheme).material == KeyMaterialKind::kSharedSecret) {
    return pair;
  }
  if (auto found = pair.find_material(flags); !found) {
    return std::unexpected(found.error());
  }
  if (pair.private_key_) {
    if (auto proved = pair.prove(ask, *pair.private_key_); !proved) {
      return std::unexpected(proved.error());
    }
  }
  return pair;
}

std::expected<void, Failure> NewPair::choose_folder(const PairFlags& flags) {
  const bool is_elsewhere = !flags.public_key_file.empty() || !flags.private_key_file.empty();
  if (is_elsewhere && !flags.out.empty()) {
    return usage("--out is for a pair that is made here; leave it out when the pair exists");
  }
  if (is_elsewhere && describe(scheme_).material == KeyMaterialKind::kSharedSecret) {
    return usage("an hmac-sha256 key has no public key; its secret is made by the node");
  }
  if (flags.out.empty()) {
    return {};
  }
  KeyDirectory wanted{.path = flags.out, .api_key = {}, .label = {}, .scheme = scheme_};
  std::error_code ignored;
  const auto is_there = [&](const std::filesystem::path& path) {
    return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
  };
  const bool was_there = is_there(wanted.path);
  if (const auto made = make_private_directory(wanted.path); !made) {
    return std::unexpected(made.error());
  }
  for (const auto& file : {wanted.material_file(), wanted.path / KeyDirectory::kFactsName}) {
    if (is_there(file)) {
      return usage(file.string() +
                   " is there already and is never overwritten; name a new folder with --out");
    }
  }
  made_folder_ = !was_there;
  directory_ = std::move(wanted);
  return {};
}

std::expected<void, Failure> NewPair::find_material(const PairFlags& flags) {
  if (!flags.public_key_file.empty()) {
    return take_public_key(flags);
  }
  if (flags.private_key_file.empty()) {
    return make_here(flags);
  }
  auto key = read_private_key_file(flags.private_key_file);
  if (!key) {
    return std::unexpected(key.error());
  }
  scheme_ = key->scheme();
  private_key_ = std::move(*key);
  return {};
}

std::expected<void, Failure> NewPair::take_public_key(const PairFlags& flags) {
  const auto key = public_key_of_file(flags.public_key_file);
  if (!key) {
    return std::unexpected(key.error());
  }
  scheme_ = key->scheme();
  public_key_ = key->pem();
  if (flags.nonce.empty() != flags.signature.empty()) {
    return usage(
        "--nonce and --signature belong together; `counterfoil keys challenge` gives the "
        "nonce and the text to sign");
  }
  if (!flags.nonce.empty()) {
    possession_ = {{"nonce", flags.nonce}, {"signature", flags.signature}};
  }
  return {};
}

std::expected<void, Failure> NewPair::make_here(const PairFlags& flags) {
  if (!directory_) {
    return usage(
        "say where the new private key goes with --out DIR (it is made here and never sent), or "
        "bring a public key with --public-key FILE");
  }
  SystemRandom random;
  auto key = PrivateKey::generate(scheme_, random, flags.rsa_bits);
  if (!key) {
    return std::unexpected(
        Failure{key.error() == CryptoError::kWrongScheme ? ExitCode::kUsage : ExitCode::kCannotTell,
                std::string(describe(key.error()))});
  }
  // The file comes first: a registered key whose private half was lost would be worth nothing.
  if (auto written = KeyFileWriter::write_private_key(directory_->material_file(), *key);
      !written) {
    return std::unexpected(written.error());
  }
  wrote_private_key_ = true;
  private_key_ = std::move(*key);
  return {};
}

std::expected<void, Failure> NewPair::prove(const AskChallenge& ask, const PrivateKey& key) {
  public_key_ = key.public_key().pem();
  const auto challenge = ask(public_key_);
  if (!challenge) {
    return std::unexpected(challenge.error());
  }
  const std::string text = member(*challenge, "text");
  if (!is_possession_text(text, key.public_key())) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell,
                "what should be signed to prove that the private key is held is no challenge of "
                "that form, so it was not signed; is this the right server?"});
  }
  const auto signature = key.sign(as_bytes(text));
  if (!signature) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell, std::string(describe(signature.error()))});
  }
  possession_ = {{"nonce", member(*challenge, "nonce")}, {"signature", to_base64(*signature)}};
  return {};
}

void NewPair::add_to(NodeJson& body) const {
  body["type"] = describe(scheme_).name;
  if (!public_key_.empty()) {
    body["public_key"] = public_key_;
  }
  if (!possession_.is_null()) {
    body["possession"] = possession_;
  }
}

std::expected<void, Failure> NewPair::keep(NodeJson& answer, WipedText& secret) {
  registered_ = true;
  if (!directory_) {
    return {};
  }
  directory_->api_key = member(answer, "api_key");
  directory_->label = member(answer, "label");
  const std::string file = directory_->material_file().string();
  const auto lost = [&](const Failure& failure) {
    return std::unexpected(Failure{
        failure.code, "the API key " + directory_->api_key + " was made, but its files were not: " +
                          failure.sentence + ". Rotate it with another --out, or revoke it"});
  };
  if (describe(scheme_).material == KeyMaterialKind::kSharedSecret) {
    const auto held = SecretBytes::copy_of(as_bytes(secret));
    if (!held) {
      return lost({ExitCode::kCannotTell, std::string(describe(held.error()))});
    }
    if (const auto written = KeyFileWriter::write_secret(file, *held); !written) {
      return lost(written.error());
    }
    secret = WipedText();
    answer["secret_file"] = file;
  } else {
    answer["private_key_file"] = file;
  }
  if (const auto written = directory_->write_facts(); !written) {
    return lost(written.error());
  }
  return {};
}

std::string NewPair::leave() {
  registered_ = true;
  return wrote_private_key_ ? directory_->material_file().string() : std::string();
}

}  // namespace counterfoil
