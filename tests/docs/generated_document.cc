#include "generated_document.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <ios>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

constexpr int kDiffers = 1;
constexpr int kWrongUse = 2;

}  // namespace

int generated_document(std::span<char*> arguments, const std::string& name,
                       const std::string& document, const std::string& target) {
  const std::string_view verb = arguments.size() == 3 ? arguments[1] : "";
  if (verb != "write" && verb != "check") {
    fmt::print(stderr, "Usage: {} write|check FILE\n", name);
    return kWrongUse;
  }
  const std::string path = arguments[2];
  if (verb == "write") {
    std::ofstream file(path, std::ios::binary);
    file << document;
    file.close();
    if (!file) {
      fmt::print(stderr, "{}: cannot write {}\n", name, path);
      return kWrongUse;
    }
    return 0;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(file), {}};
  if (found == document) {
    return 0;
  }
  const auto differs = std::ranges::mismatch(found, document).in1;
  fmt::print(stderr,
             "{}:{}: this is not what the program's own tables give.\n"
             "Run: cmake --build build/dev --target {}\n",
             path, 1 + std::count(found.begin(), differs, '\n'), target);
  return kDiffers;
}

}  // namespace counterfoil
