#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policy/answers.h"
#include "policy/did_you_mean.h"
#include "policy/profile_reader.h"
#include "policy/profile_words.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

std::array<std::string_view, kReasonCount> reason_names() {
  std::array<std::string_view, kReasonCount> names;
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    names[i] = kReasons[i].name;
  }
  return names;
}

void read_answer(const TomlMember& member, Reason reason, Answers& answers, FirstFault& fault) {
  if (member.value.kind != TomlValue::Kind::kTable) {
    fault.report(member.value, "[answers.reasons." + shown(member.key) +
                                   "] must be a table such as { status = 400, text = \"...\" }.");
    return;
  }
  TableReader reader(member.value, "[answers.reasons." + shown(member.key) + "]", fault);
  const Answer& usual = answers.answer(reason);
  const auto status = static_cast<std::uint16_t>(
      reader.number("status", {.least = 400, .greatest = 599}, std::int64_t{usual.status}));
  std::int32_t code = usual.code;
  if (answers.format() == AnswerFormat::kBinance) {
    code = static_cast<std::int32_t>(
        reader.required_number("code", {.least = -99'999, .greatest = -1}));
  }
  const std::string text = reader.text("text", usual.text);
  const std::string html = reader.text("html", "");
  reader.finish();
  if (!fault.found() && !answers.set(reason, status, code, text, html)) {
    reader.fault(
        "text",
        "The text for '" + std::string(describe(reason).name) +
            "' must be 1 to 512 printable ASCII characters (its html up to 4096); the "
            "words {retry_after}, {limit}, {interval} and {banned_until} are for "
            "reasons of limits only, {parameter} for those that name one, and other words in "
            "braces are not known.");
  }
}

}  // namespace

Answers read_answers(const TomlValue& table, FirstFault& fault) {
  TableReader reader(table, "[answers]", fault);
  const auto format =
      static_cast<AnswerFormat>(reader.required_choice("format", kAnswerFormatWords));
  Answers answers = Answers::with_defaults(format);
  if (const TomlValue* reasons = reader.table("reasons")) {
    for (const TomlMember& member : reasons->members) {
      if (const std::optional<Reason> reason = parse_reason(member.key)) {
        read_answer(member, *reason, answers, fault);
      } else {
        const auto names = reason_names();
        fault.report(member.line, member.column,
                     "'" + shown(member.key) + "' is not a reason; docs/errors.md lists them." +
                         did_you_mean(member.key, names));
      }
    }
  }
  reader.finish();
  return answers;
}

}  // namespace counterfoil
