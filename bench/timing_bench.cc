// Whether the time of a signature check tells where a wrong signature goes wrong (control S-20): a
// million checks of one message, half of them with the first byte wrong and half with the last, in
// an order of chance. Welch's t of the two must stay below 4.5 (as dudect judges). A comparison
// that stops at the first difference is measured beside it: did t not rise there, the bench would
// see nothing. Prints a JSON list of rows, as bench/harness/micro.py reads them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/constant_time.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

constexpr std::size_t kSamples = 1'000'000;
constexpr double kKept = 0.99;  // the slowest of both alike are interrupts and page faults
constexpr std::string_view kSecret =
    "cfs1-a-secret-of-64-characters-as-they-are-made-for-the-tests-xx";
constexpr std::string_view kMessage =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timestamp=1499827319559";

struct Sample {
  std::int64_t nanoseconds;
  bool early;  // the first byte was wrong
};

// Moments of one class, by Welford: sums of squares would lose digits.
struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;

  void add(double value) {
    count += 1;
    const double away = value - mean;
    mean += away / count;
    squares += away * (value - mean);
  }
  [[nodiscard]] double variance_of_mean() const { return squares / (count - 1) / count; }
};

double welch_t(std::vector<Sample> samples) {
  const auto kept = static_cast<std::ptrdiff_t>(kKept * static_cast<double>(samples.size()));
  std::ranges::nth_element(samples, samples.begin() + kept, {}, &Sample::nanoseconds);
  const std::int64_t most = samples[static_cast<std::size_t>(kept)].nanoseconds;
  Moments early;
  Moments late;
  for (const Sample& sample : samples) {
    if (sample.nanoseconds <= most) {
      (sample.early ? early : late).add(static_cast<double>(sample.nanoseconds));
    }
  }
  return std::abs(early.mean - late.mean) /
         std::sqrt(early.variance_of_mean() + late.variance_of_mean());
}

// measure times check(), which must refuse what prepare(is_early) has laid ready: for both classes
// in the same place, and in an order of chance.
template <typename Prepare, typename Check>
double measure(Prepare prepare, Check check) {
  std::minstd_rand chance(1);  // the order of the classes alone; nothing secret
  std::vector<Sample> samples;
  samples.reserve(kSamples);
  bool any_accepted = false;
  for (std::size_t n = 0; n < kSamples; ++n) {
    const bool early = (chance() & 64U) != 0;
    prepare(early);
    const auto begun = std::chrono::steady_clock::now();
    any_accepted |= check();
    const auto took = std::chrono::steady_clock::now() - begun;
    samples.push_back(
        {.nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count(),
         .early = early});
  }
  if (any_accepted) {
    throw std::runtime_error("a wrong signature was accepted");
  }
  return welch_t(std::move(samples));
}

// What constant_time_equal must not be.
bool equal_until_different(ByteView left, ByteView right) {
  for (std::size_t n = 0; n < left.size(); ++n) {
    const volatile std::uint8_t mine = left[n];
    if (mine != right[n]) {
      return false;
    }
  }
  return true;
}

void run() {
  const auto key = VerificationKey::from_hmac_secret(as_bytes(kSecret));
  const Digest right = HmacKey::from_secret(as_bytes(kSecret))->mac(as_bytes(kMessage));
  Digest early_wrong = right;
  early_wrong.front() ^= 1;
  Digest late_wrong = right;
  late_wrong.back() ^= 1;
  Digest tag{};
  std::string text;
  const auto prepare = [&](bool early) {
    tag = early ? early_wrong : late_wrong;
    text = to_hex(tag);
  };
  const double whole = measure(prepare, [&] { return key->verify_text(as_bytes(kMessage), text); });
  const double alone = measure(prepare, [&] { return constant_time_equal(right, tag); });
  const double leaking = measure(prepare, [&] { return equal_until_different(right, tag); });
  std::printf(
      R"json([{"name":"HMAC check, first byte wrong against last: Welch t","figure":%.2f,"unit":"t","at_most":4.5},)json"
      R"json({"name":"the comparison alone","figure":%.2f,"unit":"t","at_most":4.5},)json"
      R"json({"name":"a comparison that stops early (must be seen)","figure":%.2f,"unit":"t","at_least":4.5}])json"
      "\n",
      whole, alone, leaking);
}

}  // namespace
}  // namespace counterfoil

int main() {
  try {
    counterfoil::run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "timing_bench: %s\n", error.what());
    return 3;
  }
}
