#pragma once

#include <string_view>
#include <vector>

namespace counterfoil::autopsy {

// KeyFileProblem is one thing wrong with the file in which a client keeps its secret half, or with
// the API key beside it. Such faults never reach a server: the client signs with something else, or
// cannot load the key at all.
struct KeyFileProblem {
  std::string_view cause;  // id of docs/causes.md
  bool certain = true;     // false: it depends on how the client reads the file
  std::string_view what;   // one sentence
  std::string_view fix;    // one sentence
  bool operator==(const KeyFileProblem&) const = default;
};

// examine_key_file looks at the whole text of a key file, as it is on the disk, and at the API key
// it belongs to (empty: nobody told). Texts of ours are known by their marker and checksum; keys of
// other authorities by their looks alone. What is compromised comes first. Never holds a byte of
// either. Pure; the caller wipes `text`.
[[nodiscard]] std::vector<KeyFileProblem> examine_key_file(std::string_view text,
                                                           std::string_view api_key);

// examine_api_key looks at the API key alone.
[[nodiscard]] std::vector<KeyFileProblem> examine_api_key(std::string_view api_key);

}  // namespace counterfoil::autopsy
