// bench_load: the load generator. `bench_load --help` says how to call it, load/load_loop.h what it
// measures.
#include <sys/prctl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>

#include "load/load_loop.h"
#include "load/options.h"
#include "load/report.h"
#include "load/request_book.h"
#include "load/signer.h"
#include "load/socket.h"

namespace {

constexpr int kUsageError = 2;
constexpr int kCouldNotTell = 3;

int run(int count, char** arguments) {
  using namespace counterfoil;
  auto options = read_options(count, arguments);
  if (!options) {
    return options.error();
  }
  const auto keys = read_key_file(options->key_file);
  if (!keys) {
    std::fprintf(stderr, "bench_load: %s\n", keys.error().c_str());
    return kUsageError;
  }
  const TlsClient tls;
  options->plan.tls = options->with_tls ? &tls : nullptr;
  RequestBook book(
      *keys, options->form,
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  const auto result = LoadLoop(options->plan, book).run();
  if (!result || book.signing_failed()) {
    std::fprintf(stderr, "bench_load: %s\n",
                 result ? "a signature could not be made" : result.error().c_str());
    return kCouldNotTell;
  }
  std::puts(report(options->plan, *result, book.signed_while_running()).c_str());
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  // A peer that closes is an answer to count, not a signal to die of; and the open loop's clock
  // must not be rounded to the default slack of 50 microseconds.
  std::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  try {
    return run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return kCouldNotTell;
  }
}
