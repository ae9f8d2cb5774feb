#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"

namespace counterfoil {

// What the autopsy of a refused request found, as plain values for doors. It is for the owner of
// the API key alone. Texts that came with the request are as they came, made fit to be looked at
// (autopsy/finding.h).

// ShownSnippet is three lines of code; the line that changes is marked.
struct ShownSnippet {
  std::string_view language;
  std::array<std::string_view, 3> lines;
  std::size_t changed_line = 0;
};

// ShownFinding is one mistake. `title`, `fix` and snippets are the words of docs/causes.md.
struct ShownFinding {
  std::string id;               // the cause's id there
  std::string_view confidence;  // "proved", "strong", "possible"
  std::string_view title;       // what the client did, one sentence
  std::string detail;           // what was seen; may be empty
  std::string_view fix;         // what to do, one sentence
  std::vector<ShownSnippet> snippets;
};

// RefusalFindings is the whole answer.
struct RefusalFindings {
  std::string_view verdict;            // "nothing_wrong", "explained", "unknown_signature"
  std::vector<ShownFinding> findings;  // in the order in which the owner has to fix them
  std::optional<autopsy::TextDifference> difference;
  std::vector<std::string> same_bytes;  // causes that give the same bytes
  // Of an unknown signature: a check list of what nobody can prove from here.
  std::vector<ShownFinding> possible;
};

// shown_findings gives them without storing them.
[[nodiscard]] RefusalFindings shown_findings(const autopsy::Findings& findings);

// shown_cause tells of a cause by its id; nullopt: there is none.
[[nodiscard]] std::optional<ShownFinding> shown_cause(std::string_view id);

// causes_text is what the journal groups by: the causes' ids by comma, "unknown-signature" after
// them; "none".
[[nodiscard]] std::string causes_text(const autopsy::Findings& findings);

// kFindingsBytesMax bounds the stored form.
inline constexpr std::size_t kFindingsBytesMax = 32UL * 1024;

// encode_findings gives the stored form. Texts that would make it longer than kFindingsBytesMax are
// left out. decode_findings gives nullopt for anything else; causes that this program does not know
// (a newer one wrote them) are left out.
[[nodiscard]] std::string encode_findings(const autopsy::Findings& findings);
[[nodiscard]] std::optional<RefusalFindings> decode_findings(std::string_view bytes);

}  // namespace counterfoil
