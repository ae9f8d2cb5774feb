#include "authority/audit_lines.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/audit_chain.h"
#include "authority/canonical_reader.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

constexpr std::string_view kBirthStart = "{\"birth\":";
constexpr std::string_view kCheckpointStart = "{\"checkpoint\":";
constexpr std::size_t kLogIdBytes = 32;
constexpr std::size_t kNameBytesMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_name_character(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_'; }

std::optional<Digest> digest_in(std::string_view hex) {
  Digest digest{};
  if (!std::ranges::all_of(hex, is_lower_hex) || !from_hex_into(hex, digest)) {
    return std::nullopt;
  }
  return digest;
}

// Details is what a record's `detail` holds that the chain needs.
struct Details {
  std::string_view public_key;
  std::string_view signature;
};

// Names must rise, so that each stands once; they need no escape.
Details read_details(CanonicalReader& reader, bool& is_sorted) {
  Details details;
  std::string_view last_name;
  reader.literal("{");
  while (!reader.failed() && !reader.starts_with("}")) {
    if (!last_name.empty()) {
      reader.literal(",");
    }
    const std::string_view name = reader.string();
    const std::string_view value = reader.literal(":").string();
    is_sorted = is_sorted && name > last_name && name.size() <= kNameBytesMax &&
                std::ranges::all_of(name, is_name_character);
    if (!is_sorted) {
      return details;
    }
    last_name = name;
    details.public_key = name == "public_key" ? value : details.public_key;
    details.signature = name == "signature" ? value : details.signature;
  }
  reader.literal("}");
  return details;
}

}  // namespace

std::optional<Timestamp> parse_audit_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000000Z";
  const bool has_form =
      text.size() == kForm.size() && std::ranges::equal(text, kForm, [](char c, char form) {
        return form == '0' ? is_digit(c) : c == form;
      });
  if (!has_form) {
    return std::nullopt;
  }
  const auto number_at = [&](std::size_t at, std::size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  const std::chrono::year_month_day day(std::chrono::year(number_at(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number_at(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number_at(8, 2))));
  const std::chrono::hours hours(number_at(11, 2));
  const std::chrono::minutes minutes(number_at(14, 2));
  const std::chrono::seconds seconds(number_at(17, 2));
  if (!day.ok() || hours.count() > 23 || minutes.count() > 59 || seconds.count() > 59) {
    return std::nullopt;
  }
  return Timestamp(std::chrono::sys_days(day) + hours + minutes + seconds +
                   std::chrono::microseconds(number_at(20, 6)));
}

AuditLineKind audit_line_kind(std::string_view line) {
  if (line.starts_with(kBirthStart)) {
    return AuditLineKind::kBirth;
  }
  return line.starts_with(kCheckpointStart) ? AuditLineKind::kCheckpoint : AuditLineKind::kRecord;
}

std::optional<AuditBirth> parse_birth(std::string_view line) {
  if (line.size() > kAuditLineBytesMax) {
    return std::nullopt;
  }
  CanonicalReader reader(line);
  const std::string_view log_id = reader.literal(kBirthStart).literal("{\"log_id\":").string();
  const std::string_view public_key = reader.literal(",\"public_key\":").string();
  const auto time = parse_audit_time(reader.literal(",\"time\":").string());
  reader.literal("}}");
  if (!reader.done() || !time || log_id.size() != kLogIdBytes ||
      !std::ranges::all_of(log_id, is_lower_hex)) {
    return std::nullopt;
  }
  return AuditBirth{
      .log_id = std::string(log_id), .public_key_pem = unescape_json(public_key), .time = *time};
}

std::optional<AuditRecord> parse_record(std::string_view line) {
  if (line.size() > kAuditLineBytesMax) {
    return std::nullopt;
  }
  CanonicalReader reader(line);
  bool is_sorted = true;
  AuditRecord record;
  record.action = reader.literal("{\"action\":").string();
  (void)reader.literal(",\"actor\":").string();
  const Details details = read_details(reader.literal(",\"detail\":"), is_sorted);
  (void)reader.literal(",\"node\":").string();
  (void)reader.literal(",\"object\":").string();
  (void)reader.literal(",\"outcome\":").string();
  const auto prev = digest_in(reader.literal(",\"prev\":").string());
  record.seq = reader.literal(",\"seq\":").number();
  (void)reader.literal(",\"source\":").string();
  const auto time = parse_audit_time(reader.literal(",\"time\":").string());
  reader.literal("}");
  if (!reader.done() || !is_sorted || !prev || !time || record.seq == 0) {
    return std::nullopt;
  }
  record.prev = *prev;
  record.time = *time;
  record.public_key = details.public_key;
  record.signature = details.signature;
  return record;
}

std::optional<AuditCheckpoint> parse_checkpoint(std::string_view line) {
  if (line.size() > kAuditLineBytesMax) {
    return std::nullopt;
  }
  constexpr std::string_view kSignatureName = ",\"signature\":";
  CanonicalReader reader(line);
  const auto hash = digest_in(reader.literal(kCheckpointStart).literal("{\"hash\":").string());
  const std::string_view key_id = reader.literal(",\"key_id\":").string();
  const std::string_view log_id = reader.literal(",\"log_id\":").string();
  const std::uint64_t seq = reader.literal(",\"seq\":").number();
  const std::string_view signature = reader.literal(kSignatureName).string();
  const std::string_view time_text = reader.literal(",\"time\":").string();
  reader.literal("}}");
  const auto time = parse_audit_time(time_text);
  if (!reader.done() || !hash || !time || seq == 0) {
    return std::nullopt;
  }
  // The signed body is the inner object with its signature taken out.
  const auto offset = [&](const char* at) { return static_cast<std::size_t>(at - line.data()); };
  const std::size_t cut_from = offset(signature.data()) - 1 - kSignatureName.size();
  const std::size_t cut_to = offset(signature.data()) + signature.size() + 1;
  std::string body(line.substr(kCheckpointStart.size(), cut_from - kCheckpointStart.size()));
  body.append(line.substr(cut_to, line.size() - cut_to - 1));
  return AuditCheckpoint{.hash = *hash,
                         .key_id = std::string(key_id),
                         .log_id = std::string(log_id),
                         .seq = seq,
                         .time = *time,
                         .signed_text = checkpoint_text(body),
                         .signature = std::string(signature)};
}

std::optional<AuditKey> AuditKey::from_pem(std::string_view pem) {
  const auto key = PublicKey::import_text(pem);
  if (!key || key->scheme() != Scheme::kEd25519 || key->pem() != pem) {
    return std::nullopt;
  }
  auto verifier = VerificationKey::from_public_key(*key);
  return verifier ? std::optional(AuditKey(*key, std::move(*verifier))) : std::nullopt;
}

bool AuditKey::verify(std::string_view text, std::string_view signature_base64) const {
  return verifier_.verify_text(as_bytes(text), signature_base64);
}

std::optional<AuditCursor> AuditCursor::at_birth(std::string_view birth_line) {
  auto birth = parse_birth(birth_line);
  if (!birth) {
    return std::nullopt;
  }
  auto key = AuditKey::from_pem(birth->public_key_pem);
  if (!key) {
    return std::nullopt;
  }
  return AuditCursor(std::move(*birth), std::move(*key), birth_hash(birth_line));
}

std::optional<AuditKey> AuditCursor::next_key(const AuditRecord& record) const {
  const std::string pem = unescape_json(record.public_key);
  if (!key_.verify(audit_key_change_text(log_id_, pem), record.signature)) {
    return std::nullopt;
  }
  return AuditKey::from_pem(pem);
}

std::expected<void, AuditCursor::Wrong> AuditCursor::advance(std::string_view record_line) {
  const auto record = parse_record(record_line);
  if (!record) {
    return std::unexpected(Wrong::kForm);
  }
  if (record->seq != head_.seq + 1) {
    return std::unexpected(Wrong::kSequence);
  }
  if (record->prev != head_.hash) {
    return std::unexpected(Wrong::kLink);
  }
  if (record->time < time_ - kAuditTimeBackMax) {
    return std::unexpected(Wrong::kTime);
  }
  if (record->action == kAuditKeyChange) {
    std::optional<AuditKey> key = next_key(*record);
    if (!key) {
      return std::unexpected(Wrong::kKeyChange);
    }
    key_ = std::move(*key);
  }
  head_ = {.seq = record->seq, .hash = record_hash(record->prev, record_line)};
  time_ = record->time;
  return {};
}

void AuditCursor::skip_to(const AuditHead& head, Timestamp time, AuditKey key) {
  head_ = head;
  time_ = time;
  key_ = std::move(key);
}

}  // namespace counterfoil
