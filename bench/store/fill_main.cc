// bench_fill DATA KEYS_JSONL: puts the keys of a bench into the registry of a node that does not
// run. `counterfoil keys` makes them one at a time, with a proof of possession each: for a thousand
// that takes longer than the bench.
#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "store/key_store.h"

namespace {

using counterfoil::bench::GivenKey;

std::optional<GivenKey> next_key(std::ifstream& file) {
  std::string line;
  if (!std::getline(file, line)) {
    return std::nullopt;
  }
  const auto json = nlohmann::json::parse(line);
  return GivenKey{.api_key = json.at("api_key"),
                  .secret = json.value("secret", ""),
                  .public_key_pem = json.value("public_key", "")};
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("usage: bench_fill DATA KEYS_JSONL\n", stderr);
    return 2;
  }
  try {
    std::ifstream file(words[2]);
    if (!file) {
      throw counterfoil::bench::Fault(std::string(words[2]) + " cannot be read");
    }
    counterfoil::bench::KeyStore store(words[1]);
    std::printf("%zu keys\n", store.add([&] { return next_key(file); }));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_fill: %s\n", error.what());
    return 3;
  }
}
