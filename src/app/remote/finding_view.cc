#include "app/remote/finding_view.h"

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

// paint_range marks the characters from..to of a text.
std::string paint_range(const Painter& painter, const std::string& text, std::size_t from,
                        std::size_t to) {
  std::size_t count = 0;
  std::size_t begin = text.size();
  std::size_t end = text.size();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) {
      continue;
    }
    begin = count == from ? at : begin;
    end = count == to ? at : end;
    ++count;
  }
  if (begin >= end) {
    return text;
  }
  const std::string middle = text.substr(begin, end - begin);
  // Without colours brackets mark it.
  return text.substr(0, begin) +
         (painter.is_on() ? painter.paint(Paint::kYellow, middle) : "[" + middle + "]") +
         text.substr(end);
}

void show_proof(CommandContext& context, const NodeJson& proof) {
  for (const auto& [name, title] :
       {std::pair{"verified", "we verified"}, {"signed", "you signed"}}) {
    const NodeJson part = proof.value(name, NodeJson::object());
    const NodeJson differs = part.value("differs", NodeJson::array({0, 0}));
    context.data(fmt::format(
        "    {:<12}{}", title,
        paint_range(context.out_painter(), member(part, "text"), differs.at(0).get<std::size_t>(),
                    differs.at(1).get<std::size_t>())));
  }
}

void show_snippet(CommandContext& context, const NodeJson& finding, const std::string& language) {
  for (const NodeJson& snippet : finding.value("snippets", NodeJson::array())) {
    if (member(snippet, "language") != language) {
      continue;
    }
    std::size_t line = 0;
    for (const NodeJson& text : snippet.value("lines", NodeJson::array())) {
      const bool changed = line++ == snippet.value("changed_line", std::size_t{0});
      context.data((changed ? "      > " : "        ") + text.get<std::string>());
    }
  }
}

void show_finding(CommandContext& context, const NodeJson& finding, const std::string& language) {
  const std::string detail = member(finding, "detail");
  context.data(fmt::format("  why   {} ({})  [{}]{}", member(finding, "title"),
                           member(finding, "class"), member(finding, "id"),
                           detail.empty() ? "" : "  " + safe_text(detail)));
  context.data("  fix   " + member(finding, "fix"));
  show_snippet(context, finding, language);
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    safe += byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return safe;
}

void show_refusal(CommandContext& context, const NodeJson& refusal, const std::string& language) {
  context.data(fmt::format("{}  {}  {} {}  from {}  {}", member(refusal, "reason"),
                           member(refusal, "time"), safe_text(member(refusal, "method")),
                           safe_text(member(refusal, "path")), member(refusal, "address"),
                           safe_text(member(refusal, "client"))));
  context.data("  " + member(refusal, "detail"));
  const NodeJson findings = refusal.value("findings", NodeJson());
  if (findings.is_null()) {
    context.say("  Its cause was not looked for, or not yet: ask again in a second.");
    return;
  }
  for (const NodeJson& finding : findings) {
    show_finding(context, finding, language);
  }
  if (const NodeJson proof = refusal.value("proof", NodeJson()); proof.is_object()) {
    show_proof(context, proof);
  }
  if (const std::string same = list_member(refusal, "same_bytes", ", "); !same.empty()) {
    context.data("  other mistakes that give the same bytes: " + same);
  }
  if (member(refusal, "verdict") == "nothing_wrong") {
    context.data("  The request itself is in order.");
  }
  const NodeJson possible = refusal.value("possible", NodeJson::array());
  if (!possible.empty()) {
    context.data("  The signature fits nothing that was tried. What cannot be proved from here:");
    for (const NodeJson& one : possible) {
      context.data("    - " + member(one, "title") + " " + member(one, "fix"));
    }
  }
}

}  // namespace counterfoil
