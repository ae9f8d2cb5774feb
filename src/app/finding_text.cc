#include "app/finding_text.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "autopsy/cause.h"
#include "autopsy/finding.h"

namespace counterfoil {
namespace {

void write_snippet(CommandContext& context, const autopsy::Finding& finding,
                   std::string_view language) {
  for (const autopsy::Snippet& snippet : finding.snippets) {
    if (snippet.language != language) {
      continue;
    }
    for (std::size_t line = 0; line < snippet.lines.size(); ++line) {
      context.data((line == snippet.changed_line ? "      > " : "        ") +
                   std::string(snippet.lines.at(line)));
    }
  }
}

std::string marked(const CommandContext& context, const std::string& text) {
  // Without colours brackets mark it.
  const Painter painter = context.out_painter();
  return painter.is_on() ? painter.paint(Paint::kYellow, text) : "[" + text + "]";
}

}  // namespace

void write_findings(CommandContext& context, const autopsy::Findings& findings,
                    std::string_view language) {
  for (const autopsy::Finding& finding : findings.all) {
    const bool is_proved = finding.confidence != autopsy::Confidence::kPossible;
    context.data((is_proved ? "✕ " : "! ") + std::string(finding.mistake) + "  [" +
                 std::string(finding.cause) + ", " + std::string(to_string(finding.confidence)) +
                 "]" + (finding.detail.empty() ? "" : "  " + finding.detail));
    context.data("  fix   " + std::string(finding.fix));
    write_snippet(context, finding, language);
  }
  if (findings.difference) {
    const autopsy::TextDifference& texts = *findings.difference;
    context.data("    you signed    " + texts.before + marked(context, texts.client_signed) +
                 texts.behind);
    context.data("    we verify     " + texts.before + marked(context, texts.verified) +
                 texts.behind);
  }
  if (!findings.same_bytes.empty()) {
    std::string all;
    for (const std::string_view cause : findings.same_bytes) {
      all += (all.empty() ? "" : ", ") + std::string(cause);
    }
    context.data("    other mistakes that give the same bytes: " + all);
  }
}

}  // namespace counterfoil
