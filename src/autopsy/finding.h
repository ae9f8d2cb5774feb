#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/cause.h"

namespace counterfoil::autopsy {

// Snippet is three lines of code for one language; the line that changes is marked.
struct Snippet {
  std::string_view language;  // "curl", "Python", "Node", "C++"
  std::array<std::string_view, 3> lines;
  std::size_t changed_line;
};

// Finding is one mistake that the request shows.
struct Finding {
  std::string_view cause;  // the catalogue's id
  Confidence confidence{};
  std::string_view mistake;  // what the client did, one sentence
  std::string detail;        // what was seen; may be empty. Nothing secret
  std::string_view fix;      // what to do, one sentence
  std::vector<Snippet> snippets;
};

// TextDifference is the text that the server verified beside the text that the client signed. The
// parts before and behind are equal in both. Control characters are written as escapes, and what is
// no UTF-8 as hex.
struct TextDifference {
  std::string before;
  std::string verified;
  std::string client_signed;
  std::string behind;
};

// Findings is the answer of an autopsy.
struct Findings {
  enum class Verdict : std::uint8_t {
    kNone,              // nothing is wrong with this request
    kExplained,         // everything that was refused is named
    kUnknownSignature,  // the signature fits nothing that was tried; other findings may stand
                        // beside
  };
  Verdict verdict = Verdict::kNone;
  std::vector<Finding> all;  // in the order in which the owner has to fix them
  std::optional<TextDifference> difference;
  // Other mistakes that give the same bytes: named for completeness, none of them is likelier.
  std::vector<std::string_view> same_bytes;
  std::size_t tries_spent = 0;  // in units of one HMAC
};

}  // namespace counterfoil::autopsy
