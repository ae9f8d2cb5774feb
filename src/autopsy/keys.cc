// Whose material the signature was made with, and in what form.
#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/judges.h"
#include "autopsy/scene.h"
#include "autopsy/secret_placeholders.h"
#include "autopsy/signature_values.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/wiped_text.h"
#include "crypto/hash.h"
#include "crypto/signature_scheme.h"

namespace counterfoil::autopsy {
namespace {

// Secrets are told on one by one; each stands in a text that is wiped.
using EmitSecret = std::function<void(const WipedText&)>;

void each_secret(const Scene& scene, std::string_view cause, const EmitJudge& emit,
                 void (*change)(std::string_view secret, const EmitSecret& emit)) {
  for (const AccountKey* key : scene.verifying()) {
    if (!key->secret.empty()) {
      const std::string_view right = key->secret;
      change(right, [&](const WipedText& altered) {
        if (altered != right) {
          emit(mac_judge(scene, HashName::kSha256, altered, {cause}));
        }
      });
    }
  }
}

void white_space(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  each_secret(scene, "secret-has-surrounding-whitespace", emit,
              [](std::string_view secret, const EmitSecret& tell) {
                for (const std::string_view blank :
                     {"\n", "\r\n", "\r", " ", "\t", "\n\n", "\xc2\xa0", "\xe2\x80\x8b"}) {
                  tell(WipedText(secret) += blank);
                  tell(WipedText(blank) += secret);
                  tell((WipedText(blank) += secret) += blank);
                }
                tell(WipedText("\xef\xbb\xbf") += secret);
                tell((WipedText(" ") += secret) += "\n");
                tell(WipedText(secret) += " \n");
                tell(WipedText(secret) += "\\n");
              });
}

void quotes(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  each_secret(scene, "secret-has-quotes", emit,
              [](std::string_view secret, const EmitSecret& tell) {
                for (const std::string_view quote : {"\"", "'", "`", "\\\""}) {
                  tell((WipedText(quote) += secret) += quote);
                  tell(WipedText(quote) += secret);
                  tell(WipedText(secret) += quote);
                }
                tell((WipedText("b'") += secret) += "'");
                tell((WipedText("\xe2\x80\x9c") += secret) += "\xe2\x80\x9d");
                tell((WipedText("\xe2\x80\x98") += secret) += "\xe2\x80\x99");
              });
}

void one_character(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach == Reach::kLikely) {
    each_secret(scene, "secret-one-char-missing", emit,
                [](std::string_view secret, const EmitSecret& tell) {
                  for (std::size_t at = 0; at < secret.size(); ++at) {
                    if (at == 0 || secret[at] != secret[at - 1]) {
                      tell(WipedText(secret).erase(at, 1));
                    }
                  }
                });
    return;
  }
  each_secret(scene, "secret-one-char-missing", emit,
              [](std::string_view secret, const EmitSecret& tell) {
                constexpr std::string_view kLetters =
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
                WipedText changed(secret);
                for (std::size_t at = 0; at < secret.size(); ++at) {
                  for (const char letter : kLetters) {
                    changed[at] = letter;
                    tell(changed);
                  }
                  changed[at] = secret[at];
                  tell(WipedText(secret).insert(at, 1, secret[at]));
                  if (at + 1 < secret.size()) {
                    std::swap(changed[at], changed[at + 1]);
                    tell(changed);
                    std::swap(changed[at], changed[at + 1]);
                  }
                }
              });
}

void letter_case(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  each_secret(scene, "secret-letter-case-changed", emit,
              [](std::string_view secret, const EmitSecret& tell) {
                std::string low = lower(secret);
                std::string up = upper(secret);
                tell(WipedText(low));
                tell(WipedText(up));
                tell(WipedText(up.substr(0, 1)) += std::string_view(low).substr(1));
                wipe(low);
                wipe(up);
              });
}

void as_base64(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  each_secret(scene, "secret-decoded-as-base64", emit,
              [](std::string_view secret, const EmitSecret& tell) {
                // Decoders drop an end that is no whole group.
                std::string text = replaced(replaced(secret, "-", "+"), "_", "/");
                text.resize(text.size() - (text.size() % 4));
                if (const auto bytes = from_base64(text)) {
                  tell(WipedText(as_text(*bytes)));
                }
                wipe(text);
              });
}

void as_hex(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  each_secret(scene, "secret-decoded-as-hex", emit,
              [](std::string_view secret, const EmitSecret& tell) {
                // Some decoders stop at the first character that is no digit.
                std::size_t digits = secret.find_first_not_of("0123456789abcdefABCDEF");
                digits = std::min(digits, secret.size());
                if (const auto bytes = from_hex(secret.substr(0, digits - (digits % 2)));
                    bytes && !bytes->empty()) {
                  tell(WipedText(as_text(*bytes)));
                }
              });
}

void placeholder(const Scene& scene, Reach reach, const EmitJudge& emit) {
  constexpr std::size_t kLikelyWords = 6;  // a variable that is not set
  const auto words = secret_placeholders();
  for (const std::string_view word :
       reach == Reach::kLikely ? words.first(kLikelyWords) : words.subspan(kLikelyWords)) {
    emit(mac_judge(scene, HashName::kSha256, word, {"secret-placeholder"}));
  }
}

void api_key_as_secret(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach == Reach::kLikely && !scene.secret_in_header && !scene.reading.api_key.empty()) {
    emit(mac_judge(scene, HashName::kSha256, scene.reading.api_key, {"api-key-used-as-secret"}));
  }
}

bool is_verifying(const Scene& scene, const AccountKey& key) {
  const auto verifying = scene.verifying();
  return std::ranges::find(verifying, &key) != verifying.end();
}

void emit_native(const Scene& scene, const AccountKey& key, std::string_view cause,
                 const EmitJudge& emit) {
  if (!is_verifying(scene, key)) {
    if (auto judge = native_judge(scene, key, {cause})) {
      emit(std::move(*judge));
    }
  }
}

void predecessor(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach == Reach::kLikely && scene.named == &scene.estate.key) {
    for (const AccountKey& key : scene.estate.predecessors) {
      emit_native(scene, key, "signed-with-predecessor-key", emit);
    }
  }
}

void other_key(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  emit_native(scene, scene.estate.key, "signed-with-other-key", emit);
  for (const AccountKey& key : scene.estate.other_keys) {
    emit_native(scene, key, "signed-with-other-key", emit);
  }
  if (scene.named != &scene.estate.key) {
    for (const AccountKey& key : scene.estate.predecessors) {
      emit_native(scene, key, "signed-with-other-key", emit);
    }
  }
}

void public_key_as_secret(const Scene& scene, Reach reach, const EmitJudge& emit) {
  if (reach != Reach::kLikely || scene.named == nullptr || !scene.named->public_key) {
    return;
  }
  const std::string pem = scene.named->public_key->pem();
  const std::string whole(pem.substr(0, pem.find_last_not_of('\n') + 1));
  const std::string der = std::string(as_text(scene.named->public_key->spki_der()));
  for (const std::string& text :
       {pem, whole, replaced(pem, "\n", "\r\n"), replaced(whole, "\n", "\r\n"),
        replaced(pem, "\n", "\\n"), replaced(whole, "\n", ""), replaced(whole, "\n", "\\n"),
        to_base64(scene.named->public_key->spki_der()), der,
        std::string(as_text(scene.named->public_key->ed25519_point()))}) {
    if (!text.empty()) {
      emit(mac_judge(scene, HashName::kSha256, text, {"hmac-keyed-with-public-key"}));
    }
  }
}

// ---- what the value itself is

std::optional<std::string> secret_as_signature(const Scene& scene) {
  const std::string text = scene.reading.signature.value_or("");
  for (const AccountKey* key : scene.all_keys()) {
    if (!key->secret.empty() && text.contains(key->secret)) {
      return "the value of signature is the secret of " + key->api_key.substr(0, 8) + "…";
    }
  }
  return text.contains("PRIVATE KEY") ? std::optional<std::string>("a PEM of a private key")
                                      : std::nullopt;
}

bool is_unexplained(const Scene& scene) {
  return scene.outcome == SignatureOutcome::kUnknown && scene.named != nullptr;
}

std::optional<std::string> hmac_for_asymmetric(const Scene& scene) {
  return is_unexplained(scene) && scene.named->scheme != Scheme::kHmacSha256 &&
                 scene.values.hex_digits() == 64
             ? std::optional<std::string>("64 hex digits, as HMAC-SHA-256 gives")
             : std::nullopt;
}

std::optional<std::string> asymmetric_for_hmac(const Scene& scene) {
  if (!is_unexplained(scene) || scene.named->scheme != Scheme::kHmacSha256) {
    return std::nullopt;
  }
  for (const SignatureValue& value : scene.values.all()) {
    const std::size_t size = value.bytes.size();
    if (value.writing == Writing::kBase64 &&
        (size == 64 || size == 256 || size == 384 || size == 512)) {
      return std::to_string(size) + " bytes in base64, as " + (size == 64 ? "Ed25519" : "RSA") +
             " gives";
    }
  }
  return std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"secret-sent-as-signature", kProved, kOnAll, "The secret or private key itself was sent in the place of the signature.", "the value is the secret",
     "Rotate this key now, the secret travelled; then sign with the new secret instead of sending it.", Remedy::kRotate, SeeFact{secret_as_signature}},
    {"signed-with-predecessor-key", kProved, kOnAll, "The request names the new API key and was signed with the material of its predecessor.", "the signature is right under the predecessor",
     "Deploy both halves of the new pair together and restart.", Remedy::kLoadPair, MakeJudges{predecessor}},
    {"signed-with-other-key", kProved, kOnAll, "The request names one API key and was signed with the material of another one of yours.", "the signature is right under another key of the same owner",
     "Keep the API key and its secret half together; match the pairs.", Remedy::kLoadPair, MakeJudges{other_key}},
    {"api-key-used-as-secret", kProved, kOnAll, "The API key was taken as the secret.", "the signature is right under the API key's own text",
     "Sign with the secret, not with the API key.", Remedy::kLoadSecret, MakeJudges{api_key_as_secret}},
    {"secret-has-surrounding-whitespace", kProved, kOnAll, "The secret was read with white space around it.", "the signature is right under the secret with a line end, a blank or the like",
     "Strip the secret when it is read.", Remedy::kLoadSecret, MakeJudges{white_space}},
    {"secret-has-quotes", kProved, kOnAll, "The secret was read with the quotes around it.", "the signature is right under the secret in quotes",
     "Remove the quotes from the file or the variable.", Remedy::kLoadSecret, MakeJudges{quotes}},
    {"secret-letter-case-changed", kProved, kOnAll, "The letter case of the secret was changed.", "the signature is right under the secret in other case",
     "Keep the secret exactly as it was shown.", Remedy::kLoadSecret, MakeJudges{letter_case}},
    {"secret-placeholder", kProved, kOnAll, "The secret is empty or a sample text: it was never filled in.", "the signature is right under a well-known placeholder",
     "Load the real secret, and stop when it is missing.", Remedy::kLoadSecret, MakeJudges{placeholder}},
    {"secret-decoded-as-base64", kProved, kOnAll, "The secret was decoded as base64 before use.", "the signature is right under the decoded bytes",
     "Use the text of the secret, byte by byte, as the HMAC key.", Remedy::kLoadSecret, MakeJudges{as_base64}},
    {"secret-decoded-as-hex", kProved, kOnAll, "The secret was decoded as hex before use.", "the signature is right under the decoded bytes",
     "Use the text of the secret, byte by byte, as the HMAC key.", Remedy::kLoadSecret, MakeJudges{as_hex}},
    {"hmac-keyed-with-public-key", kProved, kOnAll, "The public key's text was taken as an HMAC secret.", "the signature is the HMAC keyed with the registered public key",
     "Sign with the private key, by its own algorithm.", Remedy::kSignRsa, MakeJudges{public_key_as_secret}},
    {"secret-one-char-missing", kProved, kOnAll, "One character of the secret was lost or changed in copying.", "the signature is right under the secret less, or with another, character",
     "Copy the secret again; if it is gone, rotate.", Remedy::kLoadSecret, MakeJudges{one_character}},
    {"hmac-signature-for-asymmetric-key", kStrong, kOnAll, "This key is RSA or Ed25519, and the signature has the form of an HMAC.", "64 hex digits on an RSA or Ed25519 key",
     "Tell the client the type of the key; an old version may not know it.", Remedy::kSignRsa, SeeFact{hmac_for_asymmetric}},
    {"asymmetric-signature-for-hmac-key", kStrong, kOnAll, "This key is HMAC, and the signature has the form of RSA or Ed25519.", "88 or 344 characters of base64 on an HMAC key",
     "Use the key pair that this API key names.", Remedy::kLoadPair, SeeFact{asymmetric_for_hmac}},
    {"private-key-not-the-registered-one", kPossible, kOnAll, "The private key may not be the one whose public half is registered.", "nothing: it verifies with nothing we hold",
     "Compare the fingerprints and upload the public half that belongs to the private key.", Remedy::kLoadPair, {}},
    {"secret-shell-expanded", kPossible, kOnAll, "A $ in the secret may have been expanded by the shell.", "nothing, where secrets hold no $",
     "Put the secret into single quotes.", Remedy::kLoadSecret, {}},
    {"passphrase-as-secret", kPossible, kOnAll, "A third credential of another exchange may have been taken as the secret.", "nothing: we hold no passphrase",
     "Check the order of the credentials.", Remedy::kLoadSecret, {}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> key_causes() { return kRows; }

}  // namespace counterfoil::autopsy
