// load_keys_bench: how long a gateway takes to load a million API keys out of SQLite, sealed
// secrets opened and keyed, and how much memory each then takes. Prints rows for bench/run.
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "base/temporary_directory.h"
#include "replica/replica.h"
#include "store/key_store.h"

namespace {

using counterfoil::bench::Fault;
using counterfoil::bench::GivenKey;
using counterfoil::bench::KeyStore;

constexpr std::size_t kKeys = 1'000'000;

// number_text is 64 letters and digits that name `number` under one letter.
std::string number_text(char kind, std::size_t number) {
  const std::string text = std::to_string(number);
  return std::string(64 - text.size(), kind) + text;
}

double resident_bytes() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void run(const std::filesystem::path& data) {
  KeyStore store(data);
  std::size_t number = 0;
  (void)store.add([&]() -> std::optional<GivenKey> {
    if (number == kKeys) {
      return std::nullopt;
    }
    ++number;
    return GivenKey{.api_key = number_text('k', number),
                    .secret = number_text('s', number),
                    .public_key_pem = {}};
  });
  const double before = resident_bytes();
  const auto begun = std::chrono::steady_clock::now();
  counterfoil::Replica replica(store.profile().permissions(), store.sealer());
  const auto loaded = replica.load(store.registry());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (!loaded || loaded->keys != kKeys || loaded->unusable != 0) {
    throw Fault("not every key was loaded");
  }
  const double bytes = (resident_bytes() - before) / static_cast<double>(kKeys);
  std::printf(R"([{"name":"1 M keys loaded from SQLite","figure":%.2f,"unit":"s","at_most":5},)"
              R"({"name":"memory of a loaded key","figure":%.0f,"unit":"bytes","at_most":450}])"
              "\n",
              seconds, bytes);
}

}  // namespace

int main() {
  try {
    const counterfoil::TemporaryDirectory data;
    run(data.path());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_keys_bench: %s\n", error.what());
    return 3;
  }
}
