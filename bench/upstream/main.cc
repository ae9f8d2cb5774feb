// bench_upstream [PORT]: the API behind the gateway under test. Prints "listening on
// 127.0.0.1:PORT" and answers until SIGTERM or SIGINT. Port 0, the default, takes a free one.
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>
#include <system_error>

#include "upstream/upstream.h"

namespace {

std::atomic<bool> stop{false};

}  // namespace

int main(int count, char** arguments) {
  const std::span words(arguments, static_cast<std::size_t>(count));
  const std::string_view text = words.size() > 1 ? words[1] : "0";
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (words.size() > 2 || error != std::errc{} || end != text.data() + text.size()) {
    std::fputs("usage: bench_upstream [PORT]\n", stderr);
    return 2;
  }
  auto upstream = counterfoil::Upstream::listen(port);
  if (!upstream) {
    std::fprintf(stderr, "bench_upstream: port %u: %s\n", unsigned{port},
                 upstream.error().message().c_str());
    return 3;
  }
  std::signal(SIGTERM, [](int) { stop = true; });
  std::signal(SIGINT, [](int) { stop = true; });
  std::printf("listening on 127.0.0.1:%u\n", unsigned{upstream->port()});
  std::fflush(stdout);
  upstream->serve(stop);
  return 0;
}
