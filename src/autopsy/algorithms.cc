// By what algorithm the signature was made.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/judges.h"
#include "autopsy/scene.h"
#include "autopsy/signature_values.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/wiped_text.h"
#include "crypto/hash.h"
#include "crypto/signature_scheme.h"

namespace counterfoil::autopsy {
namespace {

// each_hmac_key gives the secrets of the named API key, and far off those of the owner's others.
void each_hmac_key(const Scene& scene, Reach reach, std::string_view cause,
                   const std::function<void(std::string_view secret, const Causes&)>& tell) {
  const auto verifying = scene.verifying();
  for (const AccountKey* key : scene.all_keys()) {
    const bool named = std::ranges::find(verifying, key) != verifying.end();
    if (key->secret.empty() || named != (reach == Reach::kLikely)) {
      continue;
    }
    Causes causes{cause};
    if (!named) {
      const bool older = scene.named == &scene.estate.key &&
                         key >= scene.estate.predecessors.data() &&
                         key < scene.estate.predecessors.data() + scene.estate.predecessors.size();
      causes.emplace_back(older ? "signed-with-predecessor-key" : "signed-with-other-key");
    }
    tell(key->secret, causes);
  }
}

void wrong_hash(const Scene& scene, Reach reach, const EmitJudge& emit) {
  each_hmac_key(scene, reach, "hmac-wrong-hash",
                [&](std::string_view secret, const Causes& causes) {
                  for (const HashRow& row : kHashes) {
                    if (row.hash != HashName::kSha256) {
                      emit(mac_judge(scene, row.hash, secret, causes));
                    }
                  }
                });
}

// The text with the secret in it, as plain hashes take it.
struct Mixture {
  std::string_view before;  // stands before the secret
  bool secret_first;
};
constexpr auto kMixtures = std::to_array<Mixture>(
    {{"", true}, {"", false}, {"&secret=", false}, {"&key=", false}, {"&", false}, {"&", true}});

void plain_hash(const Scene& scene, Reach reach, const EmitJudge& emit) {
  each_hmac_key(
      scene, reach, "plain-hash-instead-of-hmac",
      [&](std::string_view secret, const Causes& causes) {
        for (const HashName hash :
             {HashName::kSha256, HashName::kSha512, HashName::kMd5, HashName::kSha1}) {
          for (const Mixture& mixture : kMixtures) {
            emit({.causes = causes,
                  .cost = kSlowHashCost,
                  .shows_text = false,
                  .matches = [&scene, hash, mixture, secret = WipedText(secret)](
                                 std::string_view text) -> std::optional<Causes> {
                    const ByteView key = as_bytes(secret);
                    const ByteView glue = as_bytes(mixture.before);
                    const std::array<ByteView, 3> parts =
                        mixture.secret_first ? std::array<ByteView, 3>{key, glue, as_bytes(text)}
                                             : std::array<ByteView, 3>{as_bytes(text), glue, key};
                    const auto digest = hash_of(hash, parts);
                    return digest ? scene.values.match(*digest, Writing::kHex) : std::nullopt;
                  }});
          }
        }
      });
}

void swapped(const Scene& scene, Reach reach, const EmitJudge& emit) {
  each_hmac_key(
      scene, reach, "hmac-arguments-swapped", [&](std::string_view secret, const Causes& causes) {
        emit({.causes = causes,
              .cost = kSlowHashCost,
              .matches = [&scene, secret = WipedText(secret)](
                             std::string_view text) -> std::optional<Causes> {
                const auto mac = hmac_of(HashName::kSha256, as_bytes(text), as_bytes(secret));
                return mac ? scene.values.match(*mac, Writing::kHex) : std::nullopt;
              }});
      });
}

void prehashed(const Scene& /*scene*/, const std::string& text, Reach reach, const EmitText& emit) {
  const std::array<ByteView, 1> whole{as_bytes(text)};
  const auto tell = [&](HashName hash) {
    const auto digest = hash_of(hash, whole);
    const std::string hex = digest ? to_hex(*digest) : "";
    return digest && emit(std::string(as_text(*digest))) && emit(hex) &&
           (reach == Reach::kLikely || (emit(upper(hex)) && emit(to_base64(*digest))));
  };
  if (reach == Reach::kLikely) {
    static_cast<void>(tell(HashName::kSha256) && tell(HashName::kSha512));
    return;
  }
  for (const HashName hash : {HashName::kSha256, HashName::kSha512, HashName::kSha1, HashName::kMd5,
                              HashName::kSha384, HashName::kSha3Short}) {
    if (!tell(hash)) {
      return;
    }
  }
}

std::optional<std::string> key_type(const Scene& scene) {
  if (scene.named == nullptr || scene.named->scheme == Scheme::kEd25519) {
    return std::nullopt;
  }
  const bool logon = scene.request.transport == Transport::kWebSocket &&
                     std::ranges::any_of(scene.reading.envelope, [](const auto& member) {
                       return member.name == "method" && member.text.ends_with("session.logon");
                     });
  return scene.request.transport == Transport::kFix || logon
             ? std::optional(std::string("this key is ") +
                             std::string(describe(scene.named->scheme).display_name))
             : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"key-type-not-allowed-here", kProved, kOnWebSocket | kOnFix, "A session can only be logged on with an Ed25519 key.", "the type of the named key",
     "Make an Ed25519 pair, or sign each request instead of a session.", Remedy::kWebSocketLogon, SeeFact{key_type}},
    {"payload-prehashed", kProved, kOnAll, "A hash of the payload was signed instead of the payload.", "the signature covers the SHA-256 or SHA-512 of the payload",
     "Hand the payload itself to the signing function; it hashes on its own.", Remedy::kSignRsa, WrapText{prehashed}},
    {"hmac-arguments-swapped", kProved, kOnAll, "The arguments of the HMAC function are exchanged: the payload was the key.", "the HMAC of the secret, keyed with the payload, is the value sent",
     "Check the order of the arguments: first the key, then the message, or as your library says.", Remedy::kHmac, MakeJudges{swapped}},
    {"hmac-wrong-hash", kProved, kOnAll, "The HMAC was made with another hash than SHA-256.", "the HMAC with that hash is the value sent",
     "Use HMAC-SHA-256.", Remedy::kHmac, MakeJudges{wrong_hash}},
    {"plain-hash-instead-of-hmac", kProved, kOnAll, "A plain hash over secret and payload was sent instead of an HMAC.", "the hash of both, joined, is the value sent",
     "Use the HMAC function of your library, with the secret as its key.", Remedy::kHmac, MakeJudges{plain_hash}},
    {"rsa-pss-instead-of-pkcs1", kProved, kOnAll, "The RSA signature has the PSS padding.", "the signature opened with the public key ends in bc and is a right PSS block",
     "Choose PKCS#1 v1.5 padding.", Remedy::kSignRsa, {}},
    {"rsa-wrong-hash", kProved, kOnAll, "The RSA signature was made with another hash than SHA-256.", "the DigestInfo in the signature names it",
     "Sign with SHA-256.", Remedy::kSignRsa, {}},
    {"pem-newlines-lost", kPossible, kOnAll, "The line breaks of the PEM may have been lost in a variable.", "nothing reaches us",
     "Keep real line breaks, or give the path of the file.", Remedy::kLoadPair, {}},
    {"pem-encrypted", kPossible, kOnAll, "The private key file may be protected by a pass phrase.", "nothing reaches us",
     "Decrypt it, or give the pass phrase.", Remedy::kLoadPair, {}},
    {"pem-wrong-container", kPossible, kOnAll, "The private key may be PKCS#1, SEC1 or OpenSSH where PKCS#8 is wanted.", "nothing reaches us",
     "Convert it: openssl pkcs8 -topk8 -nocrypt.", Remedy::kLoadPair, {}},
    {"library-lacks-key-type", kPossible, kOnAll, "The client may be too old to know this type of key.", "nothing reaches us",
     "Update the client.", Remedy::kLoadPair, {}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> algorithm_causes() { return kRows; }

}  // namespace counterfoil::autopsy
