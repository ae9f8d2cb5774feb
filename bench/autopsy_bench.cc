// What an autopsy costs: explains each case of a file and prints, a line each, its id, the
// processor time it took and the causes found. bench/harness/autopsy.py makes the cases and judges
// the answers.
//
//   autopsy_bench FILE       (the format of `counterfoil doctor --cases`)
#include <time.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ratio>
#include <span>
#include <stdexcept>
#include <string>

#include "app/doctor_cases.h"
#include "autopsy/explain.h"
#include "autopsy/finding.h"

namespace counterfoil {
namespace {

std::chrono::nanoseconds cpu_spent() {
  timespec spent{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

void explain_all(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto cases = read_cases(text);
  if (!cases) {
    throw std::runtime_error(path + ": " + cases.error());
  }
  for (const DoctorCase& one : *cases) {
    const auto begun = cpu_spent();
    const autopsy::Findings findings =
        autopsy::explain(one.request, one.estate, {}, one.rules, one.now);
    const std::chrono::duration<double, std::milli> took = cpu_spent() - begun;
    const nlohmann::json line{
        {"id", one.id}, {"cpu_ms", took.count()}, {"causes", causes_of(findings)}};
    std::puts(line.dump().c_str());
  }
}

}  // namespace
}  // namespace counterfoil

int main(int argc, char** argv) {
  try {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() != 2) {
      throw std::runtime_error("name a file of cases");
    }
    counterfoil::explain_all(arguments[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "autopsy_bench: %s\n", error.what());
    return 3;
  }
}
