#include "load/options.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include "load/load_loop.h"
#include "load/request_book.h"

namespace counterfoil {
namespace {

constexpr int kUsageError = 2;
constexpr std::size_t kRequestsMax = 8'000'000;  // about 300 bytes each

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

std::expected<LoadOptions, int> read_options(int count, char** arguments) {
  LoadOptions options;
  double rate = 0;
  double warm_up_seconds = 0.2;
  double seconds = 1;
  bool repeats = false;
  CLI::App app(
      "Sends signed requests to a gateway on 127.0.0.1 over keep-alive connections and prints what "
      "it saw as JSON. Without --rate each connection sends as soon as it is answered; with --rate "
      "requests are due at fixed times and timed from then.",
      "bench_load");
  app.add_option("--port", options.plan.port, "port of the gateway")->required();
  app.add_option("--keys", options.key_file,
                 "JSON list of {\"api_key\", \"secret\"} or {\"api_key\", \"private_key\"}")
      ->required();
  app.add_option("--connections", options.plan.connections)
      ->check(CLI::Range(std::size_t{1}, LoadLoop::kConnectionsMax))
      ->capture_default_str();
  app.add_option("--rate", rate, "requests a second (open loop)")->check(CLI::PositiveNumber);
  app.add_option("--seconds", seconds, "measured time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--warm-up", warm_up_seconds, "seconds before it")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--requests", options.form.requests, "requests signed before the start")
      ->check(CLI::Range(std::size_t{1}, kRequestsMax))
      ->capture_default_str();
  app.add_flag("--repeat", repeats,
               "send the same bytes again when all were sent, instead of signing anew");
  app.add_option("--method", options.form.method)
      ->check(CLI::IsMember({"GET", "POST", "PUT", "DELETE"}))
      ->capture_default_str();
  app.add_option("--path", options.form.path)->capture_default_str();
  app.add_flag("--spread", options.plan.spread, "each connection from an address of its own");
  app.add_flag("--tls", options.with_tls, "TLS 1.3; the certificate is not checked");
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return std::unexpected(app.exit(error) == 0 ? 0 : kUsageError);
  }
  if (rate > 0) {
    options.plan.rate = rate;
  }
  options.plan.warm_up = milliseconds_of(warm_up_seconds);
  options.plan.measured = milliseconds_of(seconds);
  options.form.reuse = repeats ? Reuse::kRepeatFresh : Reuse::kSignAnew;
  options.form.host = "127.0.0.1:" + std::to_string(options.plan.port);
  return options;
}

}  // namespace counterfoil
