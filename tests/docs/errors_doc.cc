// errors_doc write|check FILE: writes docs/errors.md, or says whether FILE is what would be
// written.
#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <ios>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "policy/describe_errors.h"
#include "policy/profile.h"
#include "policy/shipped_profile.h"

namespace {

constexpr int kDiffers = 1;
constexpr int kWrongUse = 2;

std::string document() {
  const auto profile = counterfoil::Profile::parse(
      counterfoil::shipped_profile("binance-spot").value(), "binance-spot.toml");
  return counterfoil::describe_errors(profile.value());
}

int write(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << document();
  file.close();
  if (!file) {
    fmt::print(stderr, "errors_doc: cannot write {}\n", path);
    return kWrongUse;
  }
  return 0;
}

int check(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(file), {}};
  const std::string wanted = document();
  if (found == wanted) {
    return 0;
  }
  const auto differs = std::ranges::mismatch(found, wanted).in1;
  fmt::print(stderr,
             "{}:{}: this is not what the table of reasons and the profile give.\n"
             "Run: cmake --build build/dev --target generate_errors_doc\n",
             path, 1 + std::count(found.begin(), differs, '\n'));
  return kDiffers;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view verb = arguments.size() == 3 ? arguments[1] : "";
  if (verb == "write") {
    return write(arguments[2]);
  }
  if (verb == "check") {
    return check(arguments[2]);
  }
  fmt::print(stderr, "Usage: errors_doc write|check FILE\n");
  return kWrongUse;
}
