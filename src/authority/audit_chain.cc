#include "authority/audit_chain.h"

#include <fmt/core.h>

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "authority/audit_lines.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"

namespace counterfoil {
namespace {

// Its objects are sorted maps, which is the order that RFC 8785 asks of ASCII names.
using Json = nlohmann::json;

constexpr std::size_t kTextBytesMax = 1024;
constexpr std::string_view kHashDomain{"counterfoil-audit-v1\0", 21};
constexpr std::string_view kCheckpointDomain{"counterfoil-checkpoint-v1\0", 26};
constexpr std::string_view kKeyChangeDomain{"counterfoil-audit-key-v1\0", 25};

std::string canonical(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string cut(std::string_view text) { return std::string(text.substr(0, kTextBytesMax)); }

}  // namespace

std::string audit_time_text(Timestamp time) {
  const auto since_1970 = time.time_since_epoch();
  // NOLINTNEXTLINE(misc-include-cleaner): both are of <chrono>
  const auto days = std::chrono::floor<std::chrono::days>(since_1970);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::chrono::hh_mm_ss clock(since_1970 - days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}000Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string encode_birth(const AuditBirth& birth) {
  return canonical(Json{{"birth",
                         {{"log_id", birth.log_id},
                          {"public_key", birth.public_key_pem},
                          {"time", audit_time_text(birth.time)}}}});
}

Digest birth_hash(std::string_view birth_line) { return sha256(as_bytes(birth_line)); }

std::string encode_record(const AuditFact& fact, const AuditHead& head, Timestamp time,
                          std::string_view node) {
  Json detail = Json::object();
  for (const auto& [name, value] : fact.detail) {
    detail[name] = cut(value);
  }
  return canonical(Json{{"action", fact.action},
                        {"actor", cut(fact.actor)},
                        {"detail", detail},
                        {"node", node},
                        {"object", cut(fact.object)},
                        {"outcome", fact.outcome},
                        {"prev", to_hex(head.hash)},
                        {"seq", head.seq + 1},
                        {"source", cut(fact.source)},
                        {"time", audit_time_text(time)}});
}

Digest record_hash(const Digest& prev, std::string_view record_line) {
  Sha256 hash;
  hash.update(as_bytes(kHashDomain));
  hash.update(prev);
  hash.update(as_bytes(record_line));
  return hash.finish();
}

std::optional<AuditHead> head_of(std::string_view record_line) {
  const auto record = parse_record(record_line);
  if (!record) {
    return std::nullopt;
  }
  return AuditHead{.seq = record->seq, .hash = record_hash(record->prev, record_line)};
}

std::string audit_key_change_text(std::string_view log_id, std::string_view new_public_key_pem) {
  return std::string(kKeyChangeDomain).append(log_id).append(1, '\n').append(new_public_key_pem);
}

std::optional<AuditFact> audit_key_change(std::string_view log_id, const PrivateKey& old_key,
                                          const PublicKey& new_key) {
  const std::string pem = new_key.pem();
  const auto signature = old_key.sign(as_bytes(audit_key_change_text(log_id, pem)));
  if (!signature) {
    return std::nullopt;
  }
  return AuditFact{.actor = "system",
                   .source = "local",
                   .action = std::string(kAuditKeyChange),
                   .object = new_key.fingerprint_text(),
                   .detail = {{"public_key", pem}, {"signature", to_base64(*signature)}}};
}

std::string checkpoint_text(std::string_view body) {
  return std::string(kCheckpointDomain).append(body);
}

std::optional<std::string> encode_checkpoint(std::string_view log_id, const AuditHead& head,
                                             Timestamp time, const PrivateKey& audit_key) {
  Json body{{"hash", to_hex(head.hash)},
            {"key_id", audit_key.public_key().fingerprint_text()},
            {"log_id", log_id},
            {"seq", head.seq},
            {"time", audit_time_text(time)}};
  const auto signature = audit_key.sign(as_bytes(checkpoint_text(canonical(body))));
  if (!signature) {
    return std::nullopt;
  }
  body["signature"] = to_base64(*signature);
  return canonical(Json{{"checkpoint", body}});
}

}  // namespace counterfoil
