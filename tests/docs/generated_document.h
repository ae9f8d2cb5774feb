#pragma once

#include <span>
#include <string>

namespace counterfoil {

// generated_document is the main function of a program `name` that is called with "write FILE" or
// "check FILE": it writes `document` into FILE, or says whether FILE is that. `target` is what
// people build to write it anew. Returns the exit code: 0 done, 1 FILE differs, 2 wrong use.
[[nodiscard]] int generated_document(std::span<char*> arguments, const std::string& name,
                                     const std::string& document, const std::string& target);

}  // namespace counterfoil
