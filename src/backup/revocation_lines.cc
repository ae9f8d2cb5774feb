#include "backup/revocation_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "authority/audit_lines.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

// Its objects are sorted maps, so what it writes has one form.
using Json = nlohmann::json;

constexpr std::string_view kHashDomain{"counterfoil-revocations-v1\0", 27};
constexpr std::size_t kHashDigits = 64;
constexpr std::int64_t kOverlapSecondsMax = std::chrono::seconds(kRotationOverlapMax).count();

struct KindRow {
  EndingKind kind;
  std::string_view action;  // of the audit record
};
constexpr auto kKinds = std::to_array<KindRow>({
    {EndingKind::kRevoke, "key.revoke"},
    {EndingKind::kSuspend, "key.suspend"},
    {EndingKind::kRotate, "key.rotate"},
    {EndingKind::kEndRetiring, "key.end_retiring"},
    {EndingKind::kSuspendAccount, "account.suspend"},
    {EndingKind::kDisablePerson, "person.disable"},
    {EndingKind::kChangePassword, "password.change"},
    {EndingKind::kResetPassword, "password.reset"},
    {EndingKind::kForceNewFactor, "person.force_new_factor"},
    {EndingKind::kReplaceTotp, "totp.replace"},
    {EndingKind::kRemoveTotp, "totp.remove"},
    {EndingKind::kRemovePasskey, "passkey.remove"},
    {EndingKind::kUnlinkIdentity, "identity.unlink"},
});
static_assert(std::ranges::all_of(kKinds, [](const KindRow& row) {
  return &row - kKinds.data() == std::to_underlying(row.kind);  // Row n describes enumerator n.
}));

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// text_in gives "" for a member that is missing or no text.
std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::uint64_t> number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned()
             ? std::optional(found->get<std::uint64_t>())
             : std::nullopt;
}

std::int64_t stored(Timestamp time) { return time.time_since_epoch().count(); }

std::optional<Timestamp> time_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer()
             ? std::optional(Timestamp(Timestamp::duration(found->get<std::int64_t>())))
             : std::nullopt;
}

// LogReader takes a log line by line.
class LogReader {
 public:
  void take(std::string_view line) {
    ++number_;
    if (!last_line_.empty() && line == last_line_) {
      first_bad_ = 0;  // Written again, because whether it had reached the disk was not known.
      return;
    }
    const auto json = json_of(line);
    if (!json || !take_json(*json)) {
      first_bad_ = first_bad_ == 0 ? number_ : first_bad_;
      return;
    }
    first_bad_ = 0;  // What was passed over was cut short by a crash: the chain goes on without it.
    (void)from_hex_into(line.substr(0, kHashDigits), log_.last_hash);
    last_line_ = line;
  }
  // forgive_last: the last line has no end, so its writing was never finished.
  void forgive_last() { first_bad_ = first_bad_ == number_ ? 0 : first_bad_; }

  [[nodiscard]] std::size_t first_bad() const { return first_bad_; }
  [[nodiscard]] RevocationLogText take_log() { return std::move(log_); }

 private:
  // json_of gives the JSON of a line that follows the last good one.
  [[nodiscard]] std::optional<std::string_view> json_of(std::string_view line) const {
    if (line.size() <= kHashDigits || line.size() > kRevocationLineBytesMax ||
        line[kHashDigits] != ' ') {
      return std::nullopt;
    }
    const std::string_view json = line.substr(kHashDigits + 1);
    const std::string expected = to_hex(revocation_hash(log_.last_hash, json));
    return line.starts_with(expected) ? std::optional(json) : std::nullopt;
  }

  bool take_json(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.size() != 1 || !json.begin()->is_object()) {
      return false;
    }
    const Json& body = *json.begin();
    const std::string& kind = json.begin().key();
    if (kind == "begin") {
      return take_begin(body, text);
    }
    const auto seq = number_in(body, "seq");
    if (log_.sections.empty() || !seq) {
      return false;
    }
    RevocationSection& section = log_.sections.back();
    // One form only: what is not read here must not be there.
    const bool is_read =
        kind == "ending" ? take_ending(body, *seq, text, section) : text == seen_json(*seq);
    section.seen_seq = is_read ? std::max(section.seen_seq, *seq) : section.seen_seq;
    return is_read;
  }

  bool take_begin(const Json& body, std::string_view text) {
    const auto incarnation = number_in(body, "incarnation");
    const auto seq = number_in(body, "seq");
    if (!incarnation || !seq) {
      return false;
    }
    RevocationSection section{.log_id = text_in(body, "log_id"),
                              .incarnation = *incarnation,
                              .from_seq = *seq,
                              .seen_seq = *seq,
                              .endings = {}};
    if (begin_json(section) != text) {
      return false;
    }
    log_.sections.push_back(std::move(section));
    return true;
  }

  static bool take_ending(const Json& body, std::uint64_t seq, std::string_view text,
                          RevocationSection& section) {
    const std::string what = text_in(body, "what");
    const auto* const row = std::ranges::find(kKinds, what, &KindRow::action);
    const auto ends_at = time_in(body, "ends_at_us");
    Ending ending{.kind = row == kKinds.end() ? EndingKind::kRevoke : row->kind,
                  .object = text_in(body, "object"),
                  .cause = text_in(body, "cause"),
                  .seq = seq,
                  .time = text_in(body, "time"),
                  .ends_at = ends_at.value_or(Timestamp{})};
    if (row == kKinds.end() || ending.object.empty() || !ends_at || ending_json(ending) != text) {
      return false;
    }
    section.endings.push_back(std::move(ending));
    return true;
  }

  RevocationLogText log_;
  std::string last_line_;
  std::size_t number_ = 0;
  std::size_t first_bad_ = 0;  // from 1; 0: none
};

}  // namespace

std::optional<Ending> ending_in(std::string_view audit_record) {
  const auto parsed = parse_record(audit_record);
  if (!parsed) {
    return std::nullopt;
  }
  const auto* const row = std::ranges::find(kKinds, parsed->action, &KindRow::action);
  if (row == kKinds.end()) {
    return std::nullopt;
  }
  const Json json = Json::parse(audit_record, nullptr, false);
  const auto detail = json.find("detail");
  Ending ending{.kind = row->kind,
                .object = text_in(json, "object"),
                .cause = {},
                .seq = parsed->seq,
                .time = text_in(json, "time"),
                .ends_at = parsed->time};
  if (detail != json.end() && detail->is_object()) {
    ending.cause = text_in(*detail, "cause");
    const std::string overlap = text_in(*detail, "overlap_s");
    std::int64_t seconds = 0;
    // An overlap that cannot be read is none: the pair is then dead too early, not too late.
    const auto read = std::from_chars(overlap.data(), overlap.data() + overlap.size(), seconds);
    if (read.ec == std::errc{} && seconds > 0 && seconds <= kOverlapSecondsMax) {
      ending.ends_at += std::chrono::seconds(seconds);
    }
  }
  return ending;
}

std::string begin_json(const RevocationSection& section) {
  return dump({{"begin",
                {{"incarnation", section.incarnation},
                 {"log_id", section.log_id},
                 {"seq", section.from_seq}}}});
}

std::string ending_json(const Ending& ending) {
  return dump({{"ending",
                {{"cause", ending.cause},
                 {"ends_at_us", stored(ending.ends_at)},
                 {"object", ending.object},
                 {"seq", ending.seq},
                 {"time", ending.time},
                 {"what", kKinds.at(std::to_underlying(ending.kind)).action}}}});
}

std::string seen_json(std::uint64_t seq) { return dump({{"seen", {{"seq", seq}}}}); }

Digest revocation_hash(const Digest& before, std::string_view json) {
  Sha256 hash;
  hash.update(as_bytes(kHashDomain));
  hash.update(before);
  hash.update(as_bytes(json));
  return hash.finish();
}

std::string revocation_line(const Digest& hash, std::string_view json) {
  return to_hex(hash).append(" ").append(json);
}

std::expected<RevocationLogText, Problem> parse_revocation_log(std::string_view text,
                                                               std::string_view name) {
  LogReader reader;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.take(text.substr(0, end));
    if (end == std::string_view::npos) {
      reader.forgive_last();
      break;
    }
    text.remove_prefix(end + 1);
  }
  if (reader.first_bad() != 0) {
    return problem(Problem::Kind::kConflict, "revocation_log_damaged",
                   std::string(name) + ", line " + std::to_string(reader.first_bad()) +
                       ": it was altered or damaged, or a line before it was taken out, so what "
                       "was revoked is not known; take the copy of the second place, or keep the "
                       "file elsewhere and go on without it");
  }
  return reader.take_log();
}

}  // namespace counterfoil
