#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/remote/node_api.h"
#include "base/wiped_text.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"

namespace CLI {
class App;
}

namespace counterfoil {

// PairFlags say where a new key pair comes from, for `keys create` and `keys rotate`:
//
//   --type hmac-sha256                     the node makes the secret and shows it once
//   --type ed25519|rsa-sha256 --out DIR    the pair is made here; the private key never leaves
//   --private-key-file FILE                a private key that is here already signs the challenge
//   --public-key FILE                      the private key is elsewhere: --nonce and --signature
//                                          prove that it is held (`keys challenge`)
struct PairFlags {
  std::string type = "ed25519";
  std::string out;
  std::string private_key_file;
  std::string public_key_file;
  std::string nonce;
  std::string signature;
  std::size_t rsa_bits = PrivateKey::kRsaBitsDefault;

  void add_options(CLI::App& command);
};

// read_public_key reads and checks a public key's file, and gives it as PEM.
[[nodiscard]] std::expected<std::string, Failure> read_public_key(const std::string& path);

// AskChallenge gets the challenge {"nonce","text"} for a public key (PEM) from whoever will
// register it; ask_node does so for an API key of `account`. `api` must outlive what it gives.
using AskChallenge = std::function<std::expected<NodeJson, Failure>(const std::string& public_key)>;
[[nodiscard]] AskChallenge ask_node(const NodeApi& api, const std::string& account);

// NewPair is a key pair on its way: ready to be registered, its files checked or already written.
// What was written is removed again if it is never registered.
class NewPair {
 public:
  // prepare reads or makes the pair, writes a private key that was made here, and signs the
  // challenge, if it is one: a private key that exists already signs no other text for whoever
  // asks. Nothing is registered yet.
  [[nodiscard]] static std::expected<NewPair, Failure> prepare(const PairFlags& flags,
                                                               const AskChallenge& ask);

  NewPair(const NewPair&) = delete;
  NewPair& operator=(const NewPair&) = delete;
  NewPair(NewPair&& other) noexcept;
  NewPair& operator=(NewPair&&) = delete;
  ~NewPair();

  // add_to writes the members "type", "public_key" and "possession" of the node's request.
  void add_to(NodeJson& body) const;
  // keep is called once the node has registered the pair: it writes the files that are still
  // missing, and adds "secret_file" or "private_key_file" to the answer. A secret that went into a
  // file is wiped from `secret`. Failure: the pair is registered, but a file could not be written.
  [[nodiscard]] std::expected<void, Failure> keep(NodeJson& answer, WipedText& secret);
  // leave lets the private key that was made here stay, for nobody knows whether it was registered.
  // Gives its file; empty: none was made.
  [[nodiscard]] std::string leave();

 private:
  NewPair() = default;
  [[nodiscard]] std::expected<void, Failure> choose_folder(const PairFlags& flags);
  [[nodiscard]] std::expected<void, Failure> find_material(const PairFlags& flags);
  [[nodiscard]] std::expected<void, Failure> make_here(const PairFlags& flags);
  [[nodiscard]] std::expected<void, Failure> prove(const AskChallenge& ask, const PrivateKey& key);
  [[nodiscard]] std::expected<void, Failure> take_public_key(const PairFlags& flags);

  Scheme scheme_ = Scheme::kEd25519;
  std::optional<PrivateKey> private_key_;
  std::string public_key_;
  NodeJson possession_;
  std::optional<KeyDirectory> directory_;
  bool registered_ = false;
  bool made_folder_ = false;
  bool wrote_private_key_ = false;
};

}  // namespace counterfoil
