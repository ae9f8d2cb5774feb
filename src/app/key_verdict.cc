#include "app/key_verdict.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/live_finding.h"
#include "app/server_answer.h"
#include "base/time.h"
#include "keys/api_key_form.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"

namespace counterfoil {
namespace {

using Kind = LiveFinding::Kind;

constexpr int kTooManyRequests = 429;
constexpr int kBanned = 418;
constexpr int kForbidden = 403;
constexpr int kServerFaults = 500;

// CodeRow is what one code of the vendor's wire profile means for a signed request that asks for
// nothing but what its own API key may do.
struct CodeRow {
  std::int64_t code;
  Kind kind;
  std::string_view id;
  std::string_view text;
  std::string_view next;
};

constexpr std::int64_t kRejectedKey = -2015;
constexpr std::int64_t kWrongSignature = -1022;
constexpr std::string_view kSignatureWrong = "signature_wrong";
constexpr std::string_view kWait = "wait, and ask again";

// clang-format off
constexpr auto kCodes = std::to_array<CodeRow>({
    {kRejectedKey, Kind::kProblem, kKeyRefused,
     "the server does not take this API key from here: it is unknown, deleted, suspended or expired, or this address is not on its IP allow-list, or it may not read; one code stands for all of them",
     "look the API key up where it was made: is it there and enabled, does its IP allow-list hold the public address of this machine, and is reading permitted"},
    {kWrongSignature, Kind::kProblem, kSignatureWrong,
     "the server knows this API key, but the signature does not fit it: the secret or private key given here belongs to another API key, or the pair was rotated",
     "take API key and secret (or private key) from the same place; `counterfoil sign --explain` shows what is signed"},
    {-2014, Kind::kProblem, "api_key_malformed",
     "the server says that this text is no API key at all", "copy the API key again, without blanks or quotes, and not the secret"},
    {-2008, Kind::kProblem, kKeyUnknown,
     "the server does not know this API key", "look the API key up where it was made: was it deleted, or made on another host"},
    {-1021, Kind::kProblem, "timestamp_refused",
     "the server refuses the very time that it told: whoever judges timestamps there goes by another clock than its time endpoint",
     "ask the server's operator: the gateway's clock and that of the API behind it differ"},
    {-1002, Kind::kProblem, "not_authorized",
     "the server knows the API key and does not let it read what it may do", "permit reading for this API key where it was made"},
    {-4056, Kind::kProblem, "key_type_refused",
     "the server does not take keys of this type here", "make an Ed25519 key pair and register its public key"},
    {-2017, Kind::kProblem, "account_locked",
     "the API keys of this account are locked", "sign in to the account and see why; a lock is the account's, not this key's"},
    {-1003, Kind::kCannotTell, "limited", "the server takes no more requests from this address for now", kWait},
    {-1000, Kind::kCannotTell, "server_fault", "the server has a fault of its own", kWait},
    {-1001, Kind::kCannotTell, "server_fault", "the server cannot reach what is behind it", kWait},
    {-1006, Kind::kCannotTell, "server_fault", "the server got a strange answer from what is behind it", kWait},
    {-1007, Kind::kCannotTell, "server_fault", "what is behind the server did not answer it in time", kWait},
    {-1008, Kind::kCannotTell, "server_fault", "the server is overloaded", kWait},
    {-1016, Kind::kCannotTell, "server_fault", "the server is shutting down", kWait},
});
// clang-format on

// clang-format off
constexpr auto kForms = std::to_array<ApiKeyFormRow>({
    {ApiKeyForm::kOurs,       "counterfoil", "made by a Counterfoil (checksum ok)"},
    {ApiKeyForm::kForeign,    "foreign",     "well formed"},
    {ApiKeyForm::kOtherCharacters, "unusual", "of an unusual form"},
    {ApiKeyForm::kOtherLength, "unusual",    "of an unusual length"},
    {ApiKeyForm::kMistyped,   "mistyped",    "mistyped (checksum wrong)"},
    {ApiKeyForm::kSecret,     "secret",      "a secret, not an API key"},
    {ApiKeyForm::kUnsendable, "unsendable",  "not an API key"},
});
// clang-format on
static_assert(std::ranges::all_of(kForms, [](const ApiKeyFormRow& row) {
  return &kForms[static_cast<std::size_t>(row.form)] == &row;  // Row n describes enumerator n.
}));

LiveFinding of_row(const CodeRow& row) {
  return {.kind = row.kind,
          .id = std::string(row.id),
          .text = std::string(row.text),
          .next = std::string(row.next)};
}

// without_code judges an answer that is none of this wire profile: from a firewall, a proxy, or
// another kind of server.
LiveFinding without_code(int status) {
  if (status == kTooManyRequests || status == kBanned) {
    return {.kind = Kind::kCannotTell,
            .id = "limited",
            .text = "the server takes no more requests from this address for now",
            .next = std::string(kWait)};
  }
  if (status == kForbidden) {
    return {.kind = Kind::kCannotTell,
            .id = "blocked",
            .text = "something before the server blocks this request, and says nothing of the key",
            .next = "ask from another network, or ask the server's operator"};
  }
  if (status >= kServerFaults) {
    return {.kind = Kind::kCannotTell,
            .id = "server_fault",
            .text = "the server has a fault of its own",
            .next = std::string(kWait)};
  }
  return {.kind = Kind::kCannotTell,
          .id = "not_understood",
          .text = "the answer has no code of this wire profile",
          .next = "is this the right server? Name it with --url"};
}

// add_order says what the order of the checks tells beside the code.
void add_order(std::int64_t code, FromGateway from, LiveFinding& finding) {
  if (code == kRejectedKey && from == FromGateway::kYes) {
    finding.text += ". A gateway tells no stranger which";
  }
  if (code == kWrongSignature) {
    finding.text +=
        from == FromGateway::kYes
            ? ". Whether this address is allowed is not told: a gateway looks at it after the "
              "signature"
            : ". This address is probably allowed: the vendor looks at that before the signature";
  }
}

void add_world(VendorHost host, LiveFinding& finding) {
  if (host == VendorHost::kLive) {
    finding.next += "; a key of the test network is unknown on this live host";
  } else if (host == VendorHost::kTest) {
    finding.next += "; a live key is unknown on this test host";
  }
}

bool ends_with_domain(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

bool is_told(const PermissionRule& rule, const KeyRights& rights) {
  return std::ranges::any_of(rule.api_restrictions,
                             [&](const std::string& field) { return rights.has(field); });
}

}  // namespace

VendorHost vendor_host(std::string_view host) {
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  if (ends_with_domain(lower, "testnet.binance.vision") ||
      ends_with_domain(lower, "binancefuture.com") ||
      (lower.starts_with("demo-") && ends_with_domain(lower, "binance.com"))) {
    return VendorHost::kTest;
  }
  return ends_with_domain(lower, "binance.com") || ends_with_domain(lower, "binance.us")
             ? VendorHost::kLive
             : VendorHost::kNone;
}

const ApiKeyFormRow& describe(ApiKeyForm form) { return kForms[static_cast<std::size_t>(form)]; }

std::optional<LiveFinding> judge_form(ApiKeyForm form, VendorHost host) {
  switch (form) {
    case ApiKeyForm::kOurs:
      if (host != VendorHost::kNone) {
        return LiveFinding{
            .kind = Kind::kProblem,
            .id = "key_of_a_gateway",
            .text =
                "a Counterfoil made this API key; the vendor's own servers do not "
                "know it",
            .next = "name your gateway with --url, or use a key that the vendor made"};
      }
      return std::nullopt;
    case ApiKeyForm::kForeign:
      return std::nullopt;
    case ApiKeyForm::kOtherCharacters:
    case ApiKeyForm::kOtherLength:
      return LiveFinding{.kind = Kind::kWarning,
                         .id = "api_key_unusual",
                         .text = "this API key is not 64 letters and digits, as the vendor's are",
                         .next = "if the server refuses it, copy it again"};
    case ApiKeyForm::kMistyped:
      return LiveFinding{.kind = Kind::kProblem,
                         .id = "api_key_mistyped",
                         .text =
                             "the API key's checksum is wrong: a character was lost or mistyped; "
                             "the server was not asked",
                         .next = "copy the API key again"};
    case ApiKeyForm::kSecret:
      return LiveFinding{.kind = Kind::kProblem,
                         .id = "secret_for_api_key",
                         .text =
                             "what stands where the API key should be is a secret; it was not "
                             "sent",
                         .next =
                             "swap the two; and if a program has sent it as the API key before, "
                             "rotate the key"};
    case ApiKeyForm::kUnsendable:
      return LiveFinding{.kind = Kind::kProblem,
                         .id = "api_key_malformed",
                         .text =
                             "what stands where the API key should be is empty, longer than 256 "
                             "bytes, or has blanks or control characters; it was not sent",
                         .next = "copy the API key again, without blanks, quotes or line ends"};
  }
  std::unreachable();
}

LiveFinding judge_refusal(int status, const std::optional<ServerRefusal>& refusal, FromGateway from,
                          VendorHost host) {
  std::string answer = "HTTP " + std::to_string(status);
  if (!refusal) {
    LiveFinding finding = without_code(status);
    finding.text += " (" + answer + ")";
    return finding;
  }
  answer += ", code " + std::to_string(refusal->code) +
            (refusal->text.empty() ? "" : " \"" + refusal->text + "\"");
  const auto* const row = std::ranges::find(kCodes, refusal->code, &CodeRow::code);
  if (row == kCodes.end()) {
    LiveFinding finding = without_code(status);
    if (finding.id == "not_understood") {
      finding.text = "the server refuses for a reason that says nothing of the key";
      finding.next = "look the code up in the server's documents";
    }
    finding.text += " (" + answer + ")";
    return finding;
  }
  LiveFinding finding = of_row(*row);
  finding.text += " (" + answer + ")";
  add_order(refusal->code, from, finding);
  if (refusal->code == kRejectedKey || finding.id == "api_key_unknown") {
    add_world(host, finding);
  }
  return finding;
}

LiveFinding judge_elsewhere(LiveFinding refused, const std::string& other_url,
                            bool is_accepted_there, const std::vector<LiveFinding>& told) {
  if (is_accepted_there) {
    return {.kind = Kind::kProblem,
            .id = "key_of_other_environment",
            .text = "this API key is of another environment: " + other_url +
                    " takes it, and this server does not",
            .next = "send to " + other_url + ", or take a key that was made here"};
  }
  const bool is_known = std::ranges::find(told, kSignatureWrong, &LiveFinding::id) != told.end();
  const bool is_not_told = std::ranges::any_of(
      told, [](const LiveFinding& finding) { return finding.kind == Kind::kCannotTell; });
  refused.text += is_known ? ". " + other_url +
                                 " knows this API key, so it is of that environment; the secret or "
                                 "private key given here does not fit it there"
                  : is_not_told ? ". " + other_url + " could not tell whether it takes the key"
                                : ". " + other_url + " does not take it either";
  return refused;
}

std::vector<std::string> permissions_told(const KeyRights& rights, const Profile& profile) {
  std::vector<std::string> names;
  for (const PermissionRule& rule : profile.permission_rules()) {
    if (is_told(rule, rights)) {
      names.push_back(rule.name);
    }
  }
  for (const auto& [field, is_permitted] : rights.fields) {
    if (is_permitted &&
        std::ranges::find(profile.api_restriction_fields(), field, &ApiRestrictionField::name) ==
            profile.api_restriction_fields().end()) {
      names.push_back(field);
    }
  }
  return names;
}

std::vector<LiveFinding> judge_rights(const KeyRights& rights, const Profile& profile,
                                      Timestamp now) {
  std::vector<LiveFinding> findings;
  const bool can_harm = std::ranges::any_of(profile.permission_rules(), [&](const auto& rule) {
    return rule.needs_allow_list && is_told(rule, rights);
  });
  if (can_harm && !rights.ip_restricted) {
    findings.push_back({.kind = Kind::kWarning,
                        .id = "no_allow_list",
                        .text = "this API key does more than read, from any address: whoever gets "
                                "hold of it can use it",
                        .next = "give it an IP allow-list where it was made"});
  }
  if (rights.trading_ends && *rights.trading_ends - now < kEndsSoon) {
    findings.push_back({.kind = Kind::kWarning,
                        .id = "trading_ends",
                        .text = *rights.trading_ends > now
                                    ? "its permission to trade ends within a week"
                                    : "its permission to trade has ended",
                        .next = "give the API key an IP allow-list, which keeps the permission"});
  }
  return findings;
}

std::optional<LiveFinding> judge_expiry(Timestamp expires, Timestamp now) {
  if (expires - now >= kEndsSoon) {
    return std::nullopt;
  }
  return LiveFinding{
      .kind = Kind::kWarning,
      .id = "key_expires",
      .text = "the API key expires within a week",
      .next = "extend it (`counterfoil keys edit --expires`), or make a new one before"};
}

}  // namespace counterfoil
