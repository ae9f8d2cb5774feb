// Believes or refuses a request that a Counterfoil gateway forwarded: docs/upstream.md. C++20 and OpenSSL's libcrypto:
//
//   c++ -std=c++20 verify.cc -lcrypto
//
//   ProofChecker checker({{"1", secret}});
//   const std::string_view verdict = checker.check({method, target, body, headers}, now_ms);
//   if (verdict != "accepted") { answer 401 and log the verdict }
//
// body is the whole body without its transfer coding. Two secrets are given while one is rotated. One thread at a time.

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <deque>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

constexpr std::int64_t kAgeMaxMs = 5'000;
// State-changing requests within 10 s; then they are refused, never forgotten.
constexpr std::size_t kRememberedMax = 262'144;
constexpr std::size_t kMacBytes = 32;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
constexpr std::array<std::string_view, 7> kNames = {"account",   "key",     "permissions", "request-id",
                                                    "timestamp", "gateway", "proof"};

using Bytes = std::array<unsigned char, kMacBytes>;
using Claims = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;
  std::string target;  // path, '?' and query, as they stand in the request line
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Proof {
  std::string kid, ts, mac;
};

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hex(const Bytes& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

bool is_made_of(std::string_view text, std::string_view letters, std::size_t size_min, std::size_t size_max) {
  return text.size() >= size_min && text.size() <= size_max && text.find_first_not_of(letters) == text.npos;
}

// parse reads "v1;kid=<id>;ts=<ms>;mac=<64 lower-case hex digits>", written exactly so.
std::optional<Proof> parse(std::string_view text) {
  Proof proof;
  if (!text.starts_with("v1;")) {
    return std::nullopt;
  }
  text.remove_prefix(3);
  for (const auto& [name, value] : {std::pair("kid=", &proof.kid), {"ts=", &proof.ts}, {"mac=", &proof.mac}}) {
    if (!text.starts_with(name)) {
      return std::nullopt;
    }
    text.remove_prefix(std::string_view(name).size());
    const std::size_t end = value == &proof.mac ? text.size() : std::min(text.find(';'), text.size());
    *value = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const bool good = is_made_of(proof.kid, kLetters, 1, 64) && is_made_of(proof.ts, "0123456789", 1, 15) &&
                    is_made_of(proof.mac, "0123456789abcdef", 2 * kMacBytes, 2 * kMacBytes);
  return good ? std::optional(proof) : std::nullopt;
}

// read_claims gives nothing unless each of the seven headers is there exactly once.
std::optional<Claims> read_claims(const Request& request) {
  constexpr std::string_view kPrefix = "x-counterfoil-";
  Claims claims;
  for (const auto& [header, value] : request.headers) {
    std::string name = header;
    std::ranges::transform(name, name.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (!name.starts_with(kPrefix) || std::ranges::find(kNames, name.substr(kPrefix.size())) == kNames.end()) {
      continue;
    }
    if (!claims.emplace(name.substr(kPrefix.size()), value).second) {
      return std::nullopt;
    }
  }
  return claims.size() == kNames.size() ? std::optional(claims) : std::nullopt;
}

class ProofChecker {
 public:
  explicit ProofChecker(std::map<std::string, std::string> secrets) : secrets_(std::move(secrets)) {}
  void add_secret(std::string kid, std::string secret) { secrets_[std::move(kid)] = std::move(secret); }

  // check judges one request; the word says why it is refused.
  std::string_view check(const Request& request, std::int64_t now_ms) {
    const auto claims = read_claims(request);
    const auto proof = claims ? parse(claims->at("proof")) : std::nullopt;
    if (!proof || proof->ts != claims->at("timestamp")) {
      return "malformed";
    }
    const auto secret = secrets_.find(proof->kid);
    if (secret == secrets_.end()) {
      return "unknown_secret";
    }
    std::int64_t ts = 0;
    std::from_chars(proof->ts.data(), proof->ts.data() + proof->ts.size(), ts);
    if (now_ms - ts > kAgeMaxMs) {
      return "too_old";
    }
    if (ts - now_ms > kAgeMaxMs) {
      return "from_the_future";
    }
    const auto text = proved_text(request, *claims, *proof);
    if (!text) {
      return "malformed";
    }
    Bytes mac{};
    HMAC(EVP_sha256(), secret->second.data(), static_cast<int>(secret->second.size()), raw(*text), text->size(), mac.data(),
         nullptr);
    if (CRYPTO_memcmp(hex(mac).data(), proof->mac.data(), proof->mac.size()) != 0) {
      return "wrong_mac";
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    return reads || is_new(claims->at("gateway") + "\n" + claims->at("request-id"), ts, now_ms) ? "accepted" : "replayed";
  }

 private:
  // proved_text gives nothing when a control byte stands in a line: two requests could then share one text.
  static std::optional<std::string> proved_text(const Request& request, const Claims& claims, const Proof& proof) {
    Bytes hash{};
    EVP_Digest(request.body.data(), request.body.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
    std::string text = "counterfoil-proof-v1";
    for (const std::string& line : {proof.kid, proof.ts, request.method, request.target, hex(hash), claims.at("account"),
                                    claims.at("key"), claims.at("permissions"), claims.at("gateway"), claims.at("request-id")}) {
      if (std::ranges::any_of(line, [](unsigned char byte) { return byte < 0x20; })) {
        return std::nullopt;
      }
      text += "\n" + line;
    }
    return text;
  }

  bool is_new(const std::string& name, std::int64_t ts, std::int64_t now_ms) {
    while (!order_.empty() && seen_[order_.front()] < now_ms) {
      seen_.erase(order_.front());
      order_.pop_front();
    }
    if (seen_.contains(name) || order_.size() >= kRememberedMax) {
      return false;
    }
    seen_[name] = ts + kAgeMaxMs;
    order_.push_back(name);
    return true;
  }

  std::map<std::string, std::string> secrets_;
  std::unordered_map<std::string, std::int64_t> seen_;  // "gateway\nrequest id": until when it is remembered
  std::deque<std::string> order_;
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char letter : line) {
    if (letter == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += letter;
    }
  }
  return fields;
}

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace

// main lets tests drive this file: see examples/upstream/README.md.
int main() {
  ProofChecker checker({});
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::vector<std::string> fields = split(line);
    if (fields[0] == "secret") {
      checker.add_secret(fields.at(1), fields.at(2));
      continue;
    }
    Request request{fields.at(2), fields.at(3), from_hex(fields.at(4)), {}};
    for (std::size_t at = 5; at + 1 < fields.size(); at += 2) {
      request.headers.emplace_back(fields[at], fields[at + 1]);
    }
    std::cout << checker.check(request, std::stoll(fields.at(1))) << "\n";
  }
}
