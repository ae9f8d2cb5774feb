#include "autopsy/key_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "autopsy/secret_placeholders.h"
#include "base/trim.h"
#include "crypto/private_key.h"
#include "keys/api_key_form.h"
#include "keys/key_format.h"

namespace counterfoil::autopsy {
namespace {

using Problems = std::vector<KeyFileProblem>;

constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kConvert =
    "Convert it: openssl pkcs8 -topk8 -nocrypt -in FILE -out key.pem";

// ---- a PEM

std::string_view label_of(std::string_view pem) {
  const std::size_t begin = pem.find(kPemBegin) + kPemBegin.size();
  return pem.substr(begin, pem.find("-----", begin) - begin);
}

// Container is a block that is no PKCS#8 private key, by its label.
struct Container {
  std::string_view label;
  KeyFileProblem problem;
};

constexpr auto kContainers = std::to_array<Container>({
    {"ENCRYPTED PRIVATE KEY",
     {"pem-encrypted", true, "The private key is protected by a pass phrase.",
      "Give the client the pass phrase, or decrypt it: openssl pkcs8 -in FILE -out key.pem"}},
    {"RSA PRIVATE KEY",
     {"pem-wrong-container", true, "The private key is PKCS#1, where PKCS#8 is wanted.", kConvert}},
    {"EC PRIVATE KEY",
     {"pem-wrong-container", true,
      "It is an EC key (SEC1), which no key pair here is: Ed25519 is another curve.",
      "Make an Ed25519 pair and register its public half: openssl genpkey -algorithm ed25519"}},
    {"DSA PRIVATE KEY",
     {"pem-wrong-container", true, "It is a DSA key, which no key pair here is.",
      "Make an Ed25519 pair and register its public half: openssl genpkey -algorithm ed25519"}},
    {"OPENSSH PRIVATE KEY",
     {"pem-wrong-container", true, "The private key is in OpenSSH's own form.",
      "Convert it: ssh-keygen -p -N '' -m PKCS8 -f FILE (it rewrites the file; ed25519 needs "
      "OpenSSH 9.6 or later)"}},
    {"PUBLIC KEY",
     {"pem-wrong-container", true, "It is the public half, which cannot sign.",
      "Name the file of the private key."}},
    {"RSA PUBLIC KEY",
     {"pem-wrong-container", true, "It is the public half, which cannot sign.",
      "Name the file of the private key."}},
    {"CERTIFICATE",
     {"pem-wrong-container", true, "It is a certificate, which cannot sign.",
      "Name the file of the private key."}},
});

// lines_lost tells whether the line breaks of a PEM were lost on its way through a variable.
bool lines_lost(std::string_view pem) { return pem.contains("\\n") || !trim(pem).contains('\n'); }

void examine_pem(std::string_view text, Problems& problems) {
  if (lines_lost(text)) {
    problems.push_back({"pem-newlines-lost", true,
                        "The line breaks of the PEM are lost: it stands on one line, or \\n "
                        "stands in it as two characters.",
                        "Write real line breaks, or give the client the path of the file."});
    return;
  }
  const std::string_view label = label_of(text);
  if (text.contains("Proc-Type: 4,ENCRYPTED")) {
    problems.push_back(kContainers.front().problem);
    return;
  }
  const auto found = std::ranges::find(kContainers, label, &Container::label);
  if (found != kContainers.end()) {
    problems.push_back(found->problem);
    return;
  }
  if (const auto key = PrivateKey::from_pkcs8_pem(text); !key) {
    problems.push_back({"pem-wrong-container", true, describe(key.error()),
                        "Make a new pair if no copy of the file is left: openssl genpkey "
                        "-algorithm ed25519 -out key.pem"});
  }
}

// ---- a secret

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

// is_bare_der: base64 as long as a private key's, and of the letters a DER sequence begins with.
bool is_bare_der(std::string_view text) {
  constexpr std::size_t kShortestBytes = 60;  // an Ed25519 PKCS#8 has 64 characters
  return text.size() >= kShortestBytes &&
         (text.starts_with("MC4CAQAwBQYDK2Vw") || text.starts_with("MII"));
}

bool is_placeholder(std::string_view secret) {
  const auto words = secret_placeholders();
  return std::ranges::find(words, secret) != words.end();
}

void examine_secret_text(std::string_view secret, std::string_view api_key, Problems& problems) {
  const KeyFormat format;
  if (is_bare_der(secret)) {
    problems.push_back({"pem-wrong-container", true,
                        "It is a private key without the BEGIN and END lines of a PEM.",
                        "Put -----BEGIN PRIVATE KEY----- before it and -----END PRIVATE KEY----- "
                        "behind it, each on a line of its own."});
    return;
  }
  if (secret.empty() || is_placeholder(secret)) {
    problems.push_back({"secret-placeholder", true,
                        "The file is empty or holds a sample text: the secret was never filled in.",
                        "Write the real secret into it."});
    return;
  }
  const bool is_api_key =
      !api_key.empty() &&
      secret == api_key;  // LINT-ALLOW(early-exit-compare): the holder's own files
  if (is_api_key || format.classify_api_key(secret) != KeyFormat::Kind::kForeign) {
    problems.push_back({"api-key-used-as-secret", true,
                        "The file holds an API key, not the secret that belongs to it.",
                        "Write the secret into it; it was shown once, when the key was made."});
    return;
  }
  if (format.classify_secret(secret) == KeyFormat::Kind::kBadChecksum) {
    problems.push_back({"secret-one-char-missing", true,
                        "The checksum of the secret is wrong: a character was lost, changed or "
                        "added in copying.",
                        "Copy the secret again; if it is gone, rotate the key."});
  }
}

void examine_secret(std::string_view text, std::string_view api_key, Problems& problems) {
  std::string_view secret = trim(text);
  if (!secret.empty() && is_quote(secret.front()) && secret.size() > 1 &&
      secret.front() == secret.back()) {
    problems.push_back({"secret-has-quotes", true, "The secret stands in quotes in the file.",
                        "Remove the quotes from the file."});
    secret = secret.substr(1, secret.size() - 2);
  }
  examine_secret_text(secret, api_key, problems);
  if (text != trim(text) && !secret.empty()) {
    const std::string_view behind = text.substr(trim(text).size());  // if it begins at once
    problems.push_back(
        text.starts_with(trim(text)) && (behind == "\n" || behind == "\r\n")
            ? KeyFileProblem{"secret-has-surrounding-whitespace", false,
                             "The file ends with a line end. Counterfoil leaves it out; a client "
                             "that reads the whole file signs with it.",
                             "Write it without one: printf %s SECRET > FILE, or strip it when it "
                             "is read."}
            : KeyFileProblem{"secret-has-surrounding-whitespace", true,
                             "There is white space around the secret in the file.",
                             "Remove it from the file."});
  }
}

// ---- the API key

void add_api_key_problem(std::string_view api_key, Problems& problems) {
  if (api_key.contains(kPemBegin) || is_bare_der(api_key)) {
    problems.push_back({"private-key-pasted-as-api-key", true,
                        "A private key stands in the place of the API key.",
                        "Rotate this key now if it was sent anywhere; then name the API key."});
    return;
  }
  switch (form_of(api_key, KeyFormat())) {
    case ApiKeyForm::kSecret:
      problems.push_back({"key-and-secret-swapped", true,
                          "A secret stands in the place of the API key.",
                          "Rotate this key now if it was sent anywhere; then exchange the two."});
      return;
    case ApiKeyForm::kOtherCharacters:
    case ApiKeyForm::kUnsendable:
      problems.push_back(
          {"api-key-has-extra-characters", true,
           "The API key has other characters than letters and digits, or far too many.",
           "Give the exact text of the API key."});
      return;
    case ApiKeyForm::kMistyped:
      problems.push_back({"api-key-unknown", true,
                          "The checksum of the API key is wrong: it was mistyped or cut.",
                          "Copy the API key again."});
      return;
    case ApiKeyForm::kOurs:
    case ApiKeyForm::kForeign:
    case ApiKeyForm::kOtherLength:  // another server may make such
      return;
  }
}

}  // namespace

std::vector<KeyFileProblem> examine_api_key(std::string_view api_key) {
  Problems problems;
  if (!api_key.empty()) {
    add_api_key_problem(api_key, problems);
  }
  return problems;
}

std::vector<KeyFileProblem> examine_key_file(std::string_view text, std::string_view api_key) {
  Problems problems = examine_api_key(api_key);
  if (text.contains(kPemBegin)) {
    examine_pem(text, problems);
  } else {
    examine_secret(text, api_key, problems);
  }
  return problems;
}

}  // namespace counterfoil::autopsy
