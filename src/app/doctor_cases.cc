#include "app/doctor_cases.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/evidence.h"
#include "autopsy/finding.h"
#include "base/base64.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

using autopsy::AccountKey;
using autopsy::PairState;
using autopsy::Transport;
using nlohmann::json;

constexpr std::string_view kFormat = "apikey-autopsy-cases/1";

// Reader reads one case; `fault` is the first thing wrong with it.
class Reader {
 public:
  explicit Reader(DoctorCase& out) : out_(out) {}
  std::optional<std::string> fault;

  void read(const json& given) {
    const std::string transport = text(given, "transport");
    if (transport != "rest" && transport != "ws" && transport != "fix") {
      fail("transport", "rest, ws or fix");
    }
    out_.request.transport = transport == "ws"    ? Transport::kWebSocket
                             : transport == "fix" ? Transport::kFix
                                                  : Transport::kRest;
    const auto now = number(given, "server_time_ms");
    if (!now) {
      fail("server_time_ms", "a whole number");
    }
    out_.now = from_unix_ms(now.value_or(0));
    // The file's own rule, where it says nothing else: the signature comes last.
    out_.rules = {.signature_must_be_last = true, .environment = text(given, "environment")};
    if (!given.contains("key") || !given["key"].is_object()) {
      fail("key", "an object");
      return;
    }
    out_.estate.key = key(given["key"], &out_.estate.predecessors);
    for (const json& other : array(given, "other_keys_of_account")) {
      std::vector<AccountKey> older;
      AccountKey read_key = key(other, &older);
      out_.estate.other_keys.push_back(std::move(read_key));
      std::ranges::move(older, std::back_inserter(out_.estate.other_keys));
    }
    if (given.contains("request") && given["request"].is_object()) {
      request(given["request"]);
    } else {
      fail("request", "an object");
    }
  }

 private:
  void fail(std::string_view member, std::string_view wanted) {
    if (!fault) {
      fault = "case \"" + out_.id + "\": " + std::string(member) + " is not " + std::string(wanted);
    }
  }

  static std::string text(const json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_string() ? found->get<std::string>() : "";
  }
  static std::optional<std::int64_t> number(const json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_number_integer()
               ? std::optional(found->get<std::int64_t>())
               : std::nullopt;
  }
  static json array(const json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_array() ? *found : json::array();
  }
  static std::vector<std::string> texts(const json& from, const char* name) {
    std::vector<std::string> list;
    for (const json& one : array(from, name)) {
      if (one.is_string()) {
        list.push_back(one.get<std::string>());
      }
    }
    return list;
  }

  static PairState state_of(const std::string& status) {
    if (status == "revoked" || status == "deleted") {
      return PairState::kRevoked;
    }
    if (status == "disabled" || status == "suspended") {
      return PairState::kSuspended;
    }
    if (status == "rotating" || status == "retiring") {
      return PairState::kRetiring;
    }
    return status == "rotated" || status == "retired" ? PairState::kRetired : PairState::kActive;
  }

  static std::optional<PublicKey> public_key(std::string pem) {
    const std::size_t head = pem.find("KEY-----");
    if (head != std::string::npos) {
      pem.erase(0, head + std::string_view("KEY-----").size());
      pem.erase(std::min(pem.find("-----"), pem.size()));
    }
    std::erase_if(pem, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    const auto der = from_base64(pem);
    auto key = der ? PublicKey::from_stored(*der) : std::unexpected(PublicKeyError::kBase64Broken);
    return key ? std::optional(std::move(*key)) : std::nullopt;
  }

  AccountKey key(const json& given, std::vector<AccountKey>* older) {
    AccountKey read_key{.api_key = text(given, "api_key"),
                        .secret = {},
                        .state = state_of(text(given, "status")),
                        .environment = text(given, "environment"),
                        .permissions = texts(given, "permissions"),
                        .allow_list = texts(given, "ip_allowlist"),
                        .symbols = texts(given, "symbol_allowlist"),
                        .products = texts(given, "products"),
                        .expires_at_ms = number(given, "expires_at_ms"),
                        .retires_at_ms = number(given, "grace_until_ms")};
    const std::string type = text(given, "type");
    if (type == "hmac") {
      read_key.scheme = Scheme::kHmacSha256;
      std::string secret = text(given, "secret");
      out_.secrets.emplace_back(secret);
      wipe(secret);
      // A text's bytes stay where they are when the list grows only if they are on the heap.
      read_key.secret = out_.secrets.back();
    } else if (type == "rsa" || type == "ed25519") {
      read_key.scheme = type == "rsa" ? Scheme::kRsaPkcs1Sha256 : Scheme::kEd25519;
      read_key.public_key = public_key(text(given, "public_key_pem"));
      if (!read_key.public_key) {
        fail("public_key_pem", "a public key");
      }
    } else {
      fail("key.type", "hmac, rsa or ed25519");
    }
    if (given.contains("predecessor") && given["predecessor"].is_object()) {
      older->push_back(key(given["predecessor"], older));
    }
    return read_key;
  }

  void request(const json& given) {
    autopsy::RefusedRequest& read = out_.request;
    read.method = text(given, "method");
    read.path = text(given, "path");
    read.query = text(given, "raw_query");
    read.body = text(given, "raw_body");
    read.message = text(given, read.transport == Transport::kWebSocket ? "frame" : "message");
    read.source_ip = text(given, "source_ip");
    read.required_permission = text(given, "required_permission");
    if (const auto session = given.find("session"); session != given.end()) {
      read.session_api_key = session->is_object() ? text(*session, "logged_on_api_key") : "";
    }
    if (const auto headers = given.find("headers");
        headers != given.end() && headers->is_object()) {
      for (const auto& [name, value] : headers->items()) {
        if (value.is_string()) {
          read.headers.emplace_back(name, value.get<std::string>());
        }
      }
    }
  }

  DoctorCase& out_;
};

}  // namespace

std::expected<std::vector<DoctorCase>, std::string> read_cases(const std::string& text) {
  const json file = json::parse(text, nullptr, false);
  if (file.is_discarded() || !file.is_object() || !file.contains("cases") ||
      !file["cases"].is_array()) {
    return std::unexpected("it is not a JSON object with a list \"cases\"");
  }
  if (file.contains("format") && file["format"] != kFormat) {
    return std::unexpected("its format is not " + std::string(kFormat));
  }
  std::vector<DoctorCase> cases(file["cases"].size());
  for (std::size_t at = 0; at < cases.size(); ++at) {
    const json& given = file["cases"][at];
    if (!given.is_object() || !given.contains("id") || !given["id"].is_string()) {
      return std::unexpected("case number " + std::to_string(at + 1) + " has no id");
    }
    cases[at].id = given["id"].get<std::string>();
    // Room for all, so that borrowed secrets stay where they are.
    cases[at].secrets.reserve(256);
    Reader reader(cases[at]);
    reader.read(given);
    if (reader.fault) {
      return std::unexpected(*reader.fault);
    }
  }
  return cases;
}

std::vector<std::string> causes_of(const autopsy::Findings& findings) {
  std::vector<std::string> causes;
  causes.reserve(findings.all.size() + 1);
  for (const autopsy::Finding& finding : findings.all) {
    causes.emplace_back(finding.cause);
  }
  if (findings.verdict == autopsy::Findings::Verdict::kUnknownSignature) {
    causes.emplace_back("unknown-signature");
  } else if (causes.empty()) {
    causes.emplace_back("none");
  }
  return causes;
}

}  // namespace counterfoil
