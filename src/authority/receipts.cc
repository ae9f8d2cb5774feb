#include "authority/receipts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <mutex>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_export.h"
#include "authority/audit_lines.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/revocation_wait.h"
#include "authority/revoker.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// Its objects are sorted maps, which is the order that RFC 8785 asks of ASCII names.
using Json = nlohmann::json;
using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr std::string_view kDomain{"counterfoil-receipt-v1\0", 23};
constexpr std::string_view kApplied = "applied";
constexpr std::string_view kRightEnded = "right_ended";
constexpr auto kAnswerNames =
    std::to_array<std::string_view>({"waiting", "taken", "given_up", "overtaken"});
constexpr std::size_t kMembers = 15;
constexpr std::size_t kGatewayMembers = 4;
constexpr std::size_t kUpstreamMembers = 4;

std::string canonical(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_to_sign(const Json& body) { return std::string(kDomain).append(canonical(body)); }

std::string incarnation_text(std::uint64_t incarnation) {
  return fmt::format("{:016x}", incarnation);
}

std::optional<std::uint64_t> parse_incarnation(const std::string& text) {
  std::uint64_t incarnation = 0;
  std::from_chars(text.data(), text.data() + text.size(), incarnation, 16);
  return incarnation_text(incarnation) == text ? std::optional(incarnation) : std::nullopt;
}

Json to_json(const GatewayAnswer& answer) {
  const bool has_applied = answer.kind == GatewayAnswer::Kind::kApplied;
  return {{"after_us", duration_cast<microseconds>(answer.since.time_since_epoch()).count()},
          {"gateway", answer.gateway},
          {"outcome", has_applied ? kApplied : kRightEnded},
          {"revision", has_applied ? answer.applied.number : 0}};
}

Json to_json(const std::optional<UpstreamAnswer>& upstream) {
  if (!upstream) {
    return nullptr;
  }
  return {{"answer", name_of(upstream->kind)},
          {"canceled_orders",
           upstream->canceled_orders ? Json(*upstream->canceled_orders) : Json(nullptr)},
          {"event", upstream->event},
          {"status", upstream->status}};
}

// count_members counts the members of all objects within.
std::size_t count_members(const Json& json) {
  std::size_t count = json.is_object() ? json.size() : 0;
  if (json.is_structured()) {
    for (const Json& inner : json) {
      count += count_members(inner);
    }
  }
  return count;
}

// parse_once gives nothing when an object has a member twice: two readers of such a text could each
// believe another of the two.
std::optional<Json> parse_once(std::string_view text) {
  constexpr int kDepthMax = 8;
  std::size_t names = 0;
  bool is_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& /*parsed*/) {
    names += event == Json::parse_event_t::key ? 1 : 0;
    is_deep = is_deep || depth > kDepthMax;
    return !is_deep;
  };
  constexpr bool kAllowExceptions = false;
  Json parsed = Json::parse(text.begin(), text.end(), watch, kAllowExceptions);
  if (parsed.is_discarded() || is_deep || count_members(parsed) != names) {
    return std::nullopt;
  }
  return parsed;
}

// Members reads the members of an object; once one is not there or of another kind it has failed.
class Members {
 public:
  Members(const Json& object, std::size_t count)
      : object_(object), failed_(!object.is_object() || object.size() != count) {}

  [[nodiscard]] const Json& any(const char* name) {
    static const Json nothing;
    const auto found = failed_ ? object_.end() : object_.find(name);
    if (failed_ || found == object_.end()) {
      failed_ = true;
      return nothing;
    }
    return *found;
  }
  [[nodiscard]] std::string text(const char* name) {
    const Json& value = any(name);
    failed_ = failed_ || !value.is_string();
    return failed_ ? std::string() : value.get<std::string>();
  }
  [[nodiscard]] std::uint64_t number(const char* name) {
    const Json& value = any(name);
    failed_ = failed_ || !value.is_number_unsigned();
    return failed_ ? 0 : value.get<std::uint64_t>();
  }
  [[nodiscard]] Timestamp time(const char* name) {
    const auto time = parse_audit_time(text(name));
    failed_ = failed_ || !time;
    return time.value_or(Timestamp{});
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  const Json& object_;
  bool failed_;
};

// The longest time that a receipt may tell of: what is longer is no receipt's.
constexpr std::uint64_t kTimeMaxUs = 3'600'000'000;

std::optional<GatewayAnswer> read_gateway(const Json& json) {
  Members members(json, kGatewayMembers);
  const std::uint64_t after_us = members.number("after_us");
  GatewayAnswer answer{.gateway = members.text("gateway")};
  const std::string outcome = members.text("outcome");
  answer.applied.number = members.number("revision");
  if (members.failed() || after_us > kTimeMaxUs ||
      (outcome != kApplied && outcome != kRightEnded)) {
    return std::nullopt;
  }
  answer.kind =
      outcome == kApplied ? GatewayAnswer::Kind::kApplied : GatewayAnswer::Kind::kCountedOut;
  answer.since = BootTime(microseconds(after_us));
  return answer;
}

std::optional<UpstreamAnswer> read_upstream(const Json& json) {
  Members members(json, kUpstreamMembers);
  UpstreamAnswer answer{.event = members.text("event")};
  const std::string kind = members.text("answer");
  const std::uint64_t status = members.number("status");
  const Json& canceled = members.any("canceled_orders");
  const auto* const row = std::ranges::find(kAnswerNames, kind);
  if (members.failed() || row == kAnswerNames.end() || status > 999 ||
      (!canceled.is_null() && !canceled.is_number_unsigned())) {
    return std::nullopt;
  }
  answer.kind = static_cast<UpstreamAnswer::Kind>(row - kAnswerNames.begin());
  answer.status = static_cast<int>(status);
  if (!canceled.is_null()) {
    answer.canceled_orders = canceled.get<std::uint64_t>();
  }
  return answer;
}

std::optional<ReceiptFacts> read_facts(const Json& body) {
  Members members(body, kMembers);
  ReceiptFacts facts;
  facts.subject = {.id = members.text("id"),
                   .action = members.text("action"),
                   .object = members.text("object"),
                   .account = members.text("account")};
  facts.committed_at = members.time("committed_at");
  facts.in_force_at = members.time("in_force_at");
  const std::uint64_t bound_ms = members.number("bound_ms");
  facts.bound = std::chrono::milliseconds(bound_ms);
  facts.node = members.text("node");
  facts.log_id = members.text("log_id");
  const auto incarnation = parse_incarnation(members.text("incarnation"));
  facts.revision.number = members.number("revision");
  const Json& gateways = members.any("gateways");
  const Json& upstream = members.any("upstream");
  if (members.failed() || !gateways.is_array() || bound_ms > kTimeMaxUs || !incarnation) {
    return std::nullopt;
  }
  facts.revision.incarnation = *incarnation;
  for (const Json& gateway : gateways) {
    auto answer = read_gateway(gateway);
    if (!answer) {
      return std::nullopt;
    }
    facts.gateways.push_back(std::move(*answer));
  }
  if (!upstream.is_null()) {
    facts.upstream = read_upstream(upstream);
    if (!facts.upstream) {
      return std::nullopt;
    }
  }
  return facts;
}

Json to_json(const ReceiptFacts& facts) {
  Json gateways = Json::array();
  for (const GatewayAnswer& answer : facts.gateways) {
    gateways.push_back(to_json(answer));
  }
  return {{"account", facts.subject.account},
          {"action", facts.subject.action},
          {"bound_ms", facts.bound.count()},
          {"committed_at", audit_time_text(facts.committed_at)},
          {"gateways", std::move(gateways)},
          {"id", facts.subject.id},
          {"in_force_at", audit_time_text(facts.in_force_at)},
          {"incarnation", incarnation_text(facts.revision.incarnation)},
          {"log_id", facts.log_id},
          {"node", facts.node},
          {"object", facts.subject.object},
          {"revision", facts.revision.number},
          {"upstream", to_json(facts.upstream)}};
}

std::optional<std::string> sign(Json body, const PrivateKey& node_key) {
  body["key_id"] = node_key.public_key().fingerprint_text();
  const auto signature = node_key.sign(as_bytes(text_to_sign(body)));
  if (!signature) {
    return std::nullopt;
  }
  body["signature"] = to_base64(*signature);
  return canonical(Json{{"receipt", std::move(body)}});
}

}  // namespace

std::string_view name_of(UpstreamAnswer::Kind kind) {
  return kAnswerNames.at(static_cast<std::size_t>(kind));
}

std::optional<std::string> encode_receipt(const ReceiptFacts& facts, const PrivateKey& node_key) {
  return sign(to_json(facts), node_key);
}

std::string_view describe(ReceiptFault fault) {
  switch (fault) {
    case ReceiptFault::kTooLong:
      return "this is longer than any receipt";
    case ReceiptFault::kNoReceipt:
      return "there is no receipt in this: it must be JSON with a member \"receipt\", as an answer "
             "or `counterfoil receipt show` gave it";
    case ReceiptFault::kForm:
      return "this receipt lacks something or has something that no receipt has: it was changed, "
             "or a newer release made it";
    case ReceiptFault::kOtherKey:
      return "another key signed this receipt: name the public key of the node that made it "
             "(`counterfoil receipt key` shows it)";
    case ReceiptFault::kSignature:
      return "the signature is wrong: this receipt was changed after it was signed";
  }
  return "unknown";
}

std::expected<ReceiptFacts, ReceiptFault> check_receipt(std::string_view text,
                                                        const AuditKey& node_key) {
  if (text.size() > kReceiptBytesMax) {
    return std::unexpected(ReceiptFault::kTooLong);
  }
  const auto parsed = parse_once(text);
  if (!parsed || !parsed->is_object() || !parsed->contains("receipt")) {
    return std::unexpected(ReceiptFault::kNoReceipt);
  }
  Json body = parsed->at("receipt");
  auto facts = read_facts(body);
  Members members(body, kMembers);
  const std::string key_id = members.text("key_id");
  const std::string signature = members.text("signature");
  if (!facts || members.failed()) {
    return std::unexpected(ReceiptFault::kForm);
  }
  if (key_id != node_key.id()) {
    return std::unexpected(ReceiptFault::kOtherKey);
  }
  body.erase("signature");
  if (!node_key.verify(text_to_sign(body), signature)) {
    return std::unexpected(ReceiptFault::kSignature);
  }
  return std::move(*facts);
}

std::string Receipts::new_id() {
  const std::scoped_lock lock(mutex_);
  return std::string(ids_.next().text());
}

std::optional<std::string> Receipts::issue(const ReceiptSubject& subject, const InForce& in_force,
                                           const std::optional<UpstreamAnswer>& upstream) {
  const Told change{.subject = subject, .upstream = upstream};
  return issue_all({&change, 1}, in_force).lines.front();
}

Receipts::Issued Receipts::issue_all(std::span<const Told> changes, const InForce& in_force) {
  const auto wall = [&, now = parts_.clock.now(), boot = parts_.clock.boot_now()](BootTime at) {
    return now - duration_cast<microseconds>(boot - at);
  };
  ReceiptFacts facts{.committed_at = wall(in_force.committed_at),
                     .in_force_at = wall(in_force.since),
                     .revision = in_force.revision,
                     .bound = in_force.times.bound(),
                     .gateways = in_force.gateways,
                     .node = parts_.node,
                     .log_id = parts_.log_id};
  for (GatewayAnswer& answer : facts.gateways) {
    answer.since = BootTime(answer.since - in_force.committed_at);
  }
  Issued issued;
  std::vector<ReceiptRow> rows;
  for (const Told& change : changes) {
    facts.subject = change.subject;
    facts.upstream = change.upstream;
    issued.lines.push_back(encode_receipt(facts, parts_.node_key));
    if (const auto& line = issued.lines.back()) {
      rows.push_back({.id = change.subject.id,
                      .object = change.subject.object,
                      .time = facts.in_force_at,
                      .bytes = *line});
    }
  }
  issued.are_kept = rows.size() == changes.size() && parts_.journal.keep_receipts(rows);
  return issued;
}

std::expected<std::string, Problem> Receipts::find(std::string_view id) const {
  auto found = parts_.journal.receipt(id);
  if (!found) {
    return problem_of(found.error());
  }
  if (!*found) {
    return problem(Problem::Kind::kNotFound, "no_such_receipt",
                   "there is no receipt with this id here; `counterfoil receipt list KEY` shows "
                   "those of an API key");
  }
  return std::move((*found)->bytes);
}

std::expected<std::vector<std::string>, Problem> Receipts::of(std::string_view object,
                                                              std::size_t limit) const {
  auto rows = parts_.journal.receipts(object, limit);
  if (!rows) {
    return problem_of(rows.error());
  }
  std::vector<std::string> lines;
  lines.reserve(rows->size());
  for (ReceiptRow& row : *rows) {
    lines.push_back(std::move(row.bytes));
  }
  return lines;
}

bool Receipts::amend(std::string_view id, const UpstreamAnswer& upstream) {
  auto found = parts_.journal.receipt(id);
  if (!found) {
    return false;
  }
  if (!*found) {
    return true;  // Whoever asked for it has it; nothing is left to amend.
  }
  ReceiptRow row = std::move(**found);
  const auto parsed = parse_once(row.bytes);
  auto facts =
      parsed && parsed->is_object() ? read_facts(parsed->value("receipt", Json())) : std::nullopt;
  if (!facts) {
    return true;  // A damaged row is not made better by signing it.
  }
  facts->upstream = upstream;
  auto line = encode_receipt(*facts, parts_.node_key);
  if (!line) {
    return false;
  }
  row.bytes = std::move(*line);
  return parts_.journal.keep_receipts({&row, 1}).has_value();
}

}  // namespace counterfoil
