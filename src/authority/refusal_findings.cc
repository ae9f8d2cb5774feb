#include "authority/refusal_findings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/finding.h"
#include "autopsy/remedy.h"
#include "base/tagged_fields.h"

namespace counterfoil {
namespace {

using Verdict = autopsy::Findings::Verdict;

// Tags are stored: append, never renumber. What a reader does not know it passes over.
enum Tag : std::uint8_t {
  kVersion = 1,
  kVerdict = 2,
  kFinding = 3,  // holds fields
  kBefore = 4,   // of the difference, as are the next three; there are all or none
  kVerified = 5,
  kSigned = 6,
  kBehind = 7,
  kSameBytes = 8,  // one cause
};
enum FindingTag : std::uint8_t { kCause = 1, kDetail = 2 };
constexpr std::uint64_t kFormat = 1;

ShownFinding shown(const autopsy::CauseRow& row, std::string detail = {}) {
  ShownFinding finding{.id = std::string(row.id),
                       .confidence = to_string(row.confidence),
                       .title = row.mistake,
                       .detail = std::move(detail),
                       .fix = row.fix,
                       .snippets = {}};
  for (const autopsy::Snippet& snippet : autopsy::snippets_of(row.remedy)) {
    finding.snippets.push_back({.language = snippet.language,
                                .lines = snippet.lines,
                                .changed_line = snippet.changed_line});
  }
  return finding;
}

std::string encode(const autopsy::Findings& findings, bool with_texts) {
  FieldWriter fields;
  fields.put_u64(kVersion, kFormat);
  fields.put_u64(kVerdict, std::to_underlying(findings.verdict));
  for (const autopsy::Finding& finding : findings.all) {
    FieldWriter one;
    one.put(kCause, finding.cause);
    if (with_texts) {
      one.put(kDetail, finding.detail);
    }
    fields.put(kFinding, one.take());
  }
  if (findings.difference && with_texts) {
    const autopsy::TextDifference& texts = *findings.difference;
    fields.put(kBefore, texts.before);
    fields.put(kVerified, texts.verified);
    fields.put(kSigned, texts.client_signed);
    fields.put(kBehind, texts.behind);
  }
  for (const std::string_view cause : findings.same_bytes) {
    fields.put(kSameBytes, cause);
  }
  return fields.take();
}

// decode_finding gives nullopt for what cannot be read; an unknown cause leaves `finding` empty.
bool decode_finding(std::string_view bytes, std::optional<ShownFinding>& finding) {
  std::string_view cause;
  std::string_view detail;
  FieldReader fields(bytes);
  while (const auto field = fields.next()) {
    cause = field->tag == kCause ? field->bytes : cause;
    detail = field->tag == kDetail ? field->bytes : detail;
  }
  const autopsy::CauseRow* const row = autopsy::find_cause(cause);
  finding = row == nullptr ? std::nullopt : std::optional(shown(*row, std::string(detail)));
  return !fields.failed();
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNone:
      return "nothing_wrong";
    case Verdict::kExplained:
      return "explained";
    case Verdict::kUnknownSignature:
      return "unknown_signature";
  }
  std::unreachable();
}

std::vector<ShownFinding> possible_causes() {
  std::vector<ShownFinding> list;
  for (const auto rows :
       {autopsy::key_causes(), autopsy::algorithm_causes(), autopsy::transport_causes()}) {
    for (const autopsy::CauseRow& row : rows) {
      if (row.confidence == autopsy::Confidence::kPossible &&
          std::holds_alternative<std::monostate>(row.proof)) {
        list.push_back(shown(row));
      }
    }
  }
  return list;
}

// Decoder reads field after field.
class Decoder {
 public:
  // take returns false when a field cannot be.
  bool take(const TaggedField& field) {
    switch (field.tag) {
      case kVersion:
        return field.as_u64() == kFormat;
      case kVerdict: {
        const auto number = field.as_u64();
        if (!number || *number > std::to_underlying(Verdict::kUnknownSignature)) {
          return false;
        }
        const auto verdict = static_cast<Verdict>(*number);
        out.verdict = verdict_name(verdict);
        if (verdict == Verdict::kUnknownSignature) {
          out.possible = possible_causes();
        }
        return true;
      }
      case kFinding: {
        std::optional<ShownFinding> finding;
        const bool fine = decode_finding(field.bytes, finding);
        if (finding) {
          out.findings.push_back(std::move(*finding));
        }
        return fine;
      }
      case kBefore:
        out.difference.emplace().before = field.bytes;
        return true;
      case kSameBytes:
        out.same_bytes.emplace_back(field.bytes);
        return true;
      default:
        return take_text(field);
    }
  }

  RefusalFindings out;

 private:
  bool take_text(const TaggedField& field) {
    if (field.tag != kVerified && field.tag != kSigned && field.tag != kBehind) {
      return true;
    }
    if (!out.difference) {
      return false;
    }
    std::string& text = field.tag == kVerified ? out.difference->verified
                        : field.tag == kSigned ? out.difference->client_signed
                                               : out.difference->behind;
    text = field.bytes;
    return true;
  }
};

}  // namespace

RefusalFindings shown_findings(const autopsy::Findings& findings) {
  RefusalFindings out{.verdict = verdict_name(findings.verdict),
                      .findings = {},
                      .difference = findings.difference,
                      .same_bytes = {},
                      .possible = {}};
  for (const autopsy::Finding& finding : findings.all) {
    if (const autopsy::CauseRow* const row = autopsy::find_cause(finding.cause)) {
      out.findings.push_back(shown(*row, finding.detail));
    }
  }
  for (const std::string_view cause : findings.same_bytes) {
    out.same_bytes.emplace_back(cause);
  }
  if (findings.verdict == Verdict::kUnknownSignature) {
    out.possible = possible_causes();
  }
  return out;
}

std::optional<ShownFinding> shown_cause(std::string_view id) {
  const autopsy::CauseRow* const row = autopsy::find_cause(id);
  return row == nullptr ? std::nullopt : std::optional(shown(*row));
}

std::string causes_text(const autopsy::Findings& findings) {
  std::string text;
  const auto add = [&](std::string_view id) { text.append(text.empty() ? "" : ",").append(id); };
  for (const autopsy::Finding& finding : findings.all) {
    add(finding.cause);
  }
  if (findings.verdict == Verdict::kUnknownSignature) {
    add("unknown-signature");
  }
  return text.empty() ? "none" : text;
}

std::string encode_findings(const autopsy::Findings& findings) {
  const std::string bytes = encode(findings, true);
  return bytes.size() <= kFindingsBytesMax ? bytes : encode(findings, false);
}

std::optional<RefusalFindings> decode_findings(std::string_view bytes) {
  Decoder decoder;
  FieldReader fields(bytes);
  bool fine = bytes.size() <= kFindingsBytesMax;
  while (fine) {
    const auto field = fields.next();
    if (!field) {
      break;
    }
    fine = decoder.take(*field);
  }
  return fine && !fields.failed() && !bytes.empty() ? std::optional(std::move(decoder.out))
                                                    : std::nullopt;
}

}  // namespace counterfoil
