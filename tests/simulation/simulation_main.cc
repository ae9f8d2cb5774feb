// Runs simulated worlds and reports the first promise that does not hold.
//
//   revocation_simulation [--seeds N] [--first S] [--drift assumed|beyond] [--expect-violation]
//   [--trace S]
//
// --trace runs one seed and prints what happened in it. --expect-violation turns the verdict round:
// for a build with a guard taken out, exit 0 means that a seed caught it.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "sim_world.h"

namespace counterfoil::simulation {
namespace {

struct Options {
  std::uint64_t seeds = 10'000;
  std::uint64_t first = 1;
  Drift drift = Drift::kAsAssumed;
  bool expects_violation = false;
  std::optional<std::uint64_t> trace;
};

std::optional<Options> read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--expect-violation") {
      options.expects_violation = true;
      continue;
    }
    if (i + 1 == count) {
      return std::nullopt;
    }
    const char* const value = words[++i];
    if (word == "--seeds") {
      options.seeds = std::strtoull(value, nullptr, 10);
    } else if (word == "--first") {
      options.first = std::strtoull(value, nullptr, 10);
    } else if (word == "--trace") {
      options.trace = std::strtoull(value, nullptr, 10);
    } else if (word == "--drift") {
      options.drift = std::string_view(value) == "beyond" ? Drift::kBeyond : Drift::kAsAssumed;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

void print_trace(std::uint64_t seed, const Outcome& outcome) {
  for (const std::string& line : outcome.trace) {
    std::printf("  %s\n", line.c_str());
  }
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              outcome.violation.empty() ? "every promise held" : outcome.violation.c_str());
}

int run(const Options& options) {
  if (options.trace) {
    print_trace(*options.trace, World(*options.trace, options.drift).run());
    return 0;
  }
  const auto begun = std::chrono::steady_clock::now();
  auto told = begun;
  Outcome sum;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    const Outcome outcome = World(seed, options.drift).run();
    sum.steps += outcome.steps;
    sum.acceptances += outcome.acceptances;
    sum.answers += outcome.answers;
    if (!outcome.violation.empty()) {
      if (!options.expects_violation) {
        print_trace(seed, outcome);
        std::printf("replay it with --trace %llu\n", static_cast<unsigned long long>(seed));
        return 1;
      }
      std::printf("caught by seed %llu: %s\n", static_cast<unsigned long long>(seed),
                  outcome.violation.c_str());
      return 0;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - told > std::chrono::seconds(5)) {
      told = now;
      std::fprintf(stderr, "%llu of %llu seeds\n",
                   static_cast<unsigned long long>(seed) - options.first + 1,
                   static_cast<unsigned long long>(options.seeds));
    }
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf(
      "%llu seeds, %.0f seeds/s, %llu steps, %llu acceptances, %llu answers: %s\n",
      static_cast<unsigned long long>(options.seeds), static_cast<double>(options.seeds) / seconds,
      static_cast<unsigned long long>(sum.steps), static_cast<unsigned long long>(sum.acceptances),
      static_cast<unsigned long long>(sum.answers),
      options.expects_violation ? "NO seed caught the missing guard" : "every promise held");
  return options.expects_violation || sum.acceptances == 0 || sum.answers == 0 ? 1 : 0;
}

}  // namespace
}  // namespace counterfoil::simulation

int main(int count, char** words) {
  const auto options = counterfoil::simulation::read_options(count, words);
  if (!options) {
    std::fputs(
        "usage: revocation_simulation [--seeds N] [--first S] [--drift assumed|beyond] "
        "[--expect-violation] [--trace S]\n",
        stderr);
    return 2;
  }
  return counterfoil::simulation::run(*options);
}
