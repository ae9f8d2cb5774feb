#include "policy/describe_errors.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/answers.h"
#include "policy/profile.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr std::string_view kIntroduction = R"(# Errors

*This file is generated from the table of reasons and the profile `{profile}`. Do not edit it: change `src/verify/reason.cc`
or `profiles/{profile}.toml` and run `cmake --build build/dev --target generate_errors_doc`.*

Every refusal has one **reason**. Its name is the same in the journal, in metrics, in the console and in profiles, and never
changes. Two people are told two things:

* **The caller** gets what the profile says: status, code and text. It is meant for software, and it says nothing of a key's
  state to somebody who does not hold the key.
* **The owner** of the API key gets the reason, in words, with the next step. The way there is the header
  `X-Counterfoil-Request-Id` of the answer.

What follows is what callers of the profile `{profile}` get. Words in braces are filled in. Another profile may give other
answers; a reason that it leaves out is answered with the usual status and text, given in brackets.

)";

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return out.append(text);
}

// code_span writes text as it is: texts quote regular expressions, which Markdown would read as
// markup. No text of ours holds a back quote.
std::string code_span(std::string_view text) { return "`" + std::string(text) + "`"; }

// usual is what a caller gets where a profile has no answer of its own.
std::string usual(Category category) {
  return std::to_string(http_status(category)) + " \"" + std::string(public_text(category)) + "\"";
}

// An answer's code as people look for it: "-1022", or "400" where the format has no codes.
std::string label_of(const Answers& answers, const Answer& answer) {
  return answers.format() == AnswerFormat::kBinance ? std::to_string(answer.code)
                                                    : std::to_string(answer.status);
}

// write_index lists the reasons behind each code, for whoever has a code in hand. Codes in the
// order of their distance from zero.
void write_index(const Profile& profile, std::string& out) {
  const Answers& answers = profile.answers();
  std::map<std::int32_t, std::vector<std::string_view>, std::greater<>> reasons;
  for (const ReasonRow& row : kReasons) {
    const Answer& answer = answers.answer(row.reason);
    const bool has_codes = answers.format() == AnswerFormat::kBinance;
    reasons[has_codes ? answer.code : -std::int32_t{answer.status}].push_back(row.name);
  }
  out += answers.format() == AnswerFormat::kBinance ? "| code | reasons |\n|---|---|\n"
                                                    : "| status | reasons |\n|---|---|\n";
  for (const auto& [code, names] : reasons) {
    const Answer& first = answers.answer(parse_reason(names.front()).value_or(Reason::kInternal));
    out += "| " + label_of(answers, first) + " | ";
    for (const std::string_view name : names) {
      out += (name == names.front() ? "[" : ", [") + std::string(name) + "](#" + std::string(name) +
             ")";
    }
    out += " |\n";
  }
}

void write_reason(const ReasonRow& row, const Answers& answers, std::string& out) {
  const Answer& answer = answers.answer(row.reason);
  out += "\n## " + std::string(row.name) + "\n\n";
  out += "* Caller: HTTP " + std::to_string(answer.status);
  if (answers.format() == AnswerFormat::kBinance) {
    out += ", code " + std::to_string(answer.code);
  }
  out += ", " + code_span(answer.text);
  out += answer.retry_after ? ", with `Retry-After` where the time is known" : "";
  out += answer.html.empty() ? "" : "; as an HTML page for those whose `Accept` has `text/html`";
  out += " [usual: " + usual(row.category) + "]\n";
  out += "* Owner: " + std::string(row.owner_text) + "\n";
  out += "* Next: " + std::string(row.fix) + "\n";
}

}  // namespace

std::string describe_errors(const Profile& profile) {
  std::string out = replace_all(kIntroduction, "{profile}", profile.name());
  write_index(profile, out);
  for (const ReasonRow& row : kReasons) {
    write_reason(row, profile.answers(), out);
  }
  return out;
}

}  // namespace counterfoil
