// What a sign-in costs the machine (control S-52), and what its time tells of a name (S-56).
//
// A sign-in with a wrong password for a name that exists against one that does not, and the
// question for passkeys for both, in an order of chance over a store on the disk: the area under
// the ROC curve, the chance that a known name took longer than an unknown one, must stay below
// 0.55 (0.5: nothing can be told). Sign-ins that compute no hash are measured beside it: were they
// not told apart, the bench would see nothing. Then 200 sign-ins at once: what memory they take,
// and how much slower requests are verified meanwhile on every core. Prints a JSON list of rows, as
// bench/harness/micro.py reads them.
//
//   sign_in_bench [samples of each class]    (2,000 unless said)
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <expected>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "authority/audited_registry.h"
#include "authority/passkey_challenges.h"
#include "authority/password_desk.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "authority/second_factor.h"
#include "authority/sign_in.h"
#include "authority/sign_in_throttle.h"
#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/temporary_directory.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/password_hash.h"
#include "crypto/root_key.h"
#include "crypto/verification_key.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"

namespace counterfoil {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t kPeople = 64;
constexpr std::size_t kAtOnce = 200;
constexpr std::string_view kPassword = "tangerine kettle fox";

HmacKey key_of(std::string_view text) { return HmacKey::from_secret(as_bytes(text)).value(); }

// Bed is a node as far as signing in is concerned, at the cost that passwords have.
struct Bed {
  TemporaryDirectory folder;
  ManualClock clock{from_unix_ms(1'700'000'000'000)};
  SystemRandom random;
  std::unique_ptr<Registry> registry =
      open_sqlite_registry(folder.path() / "registry.db", random).value();
  AuditedRegistry audited{*registry, clock, "bench", Digest{}};
  std::unique_ptr<Sealer> sealer =
      Sealer::start(RootKey::generate(random).value(), audited, random).value();
  RelyingParty party{.id = "localhost", .origins = {"https://localhost"}};
  PasskeyChallenges challenges = PasskeyChallenges::make(random, clock).value();
  SecondFactors factors{*sealer, challenges, party};
  PasswordDesk desk{PasswordHasher(key_of("pepper")), random};
  SignInThrottle throttle{*registry, key_of("names")};
  SignIn sign_in{{.audited = audited,
                  .throttle = throttle,
                  .desk = desk,
                  .factors = factors,
                  .random = random},
                 key_of("devices"),
                 key_of("fakes")};

  // fill puts people with a passkey each into the store.
  void fill() {
    const PasswordHash password = desk.hash(as_bytes(kPassword)).value();
    for (std::size_t i = 0; i < kPeople; ++i) {
      Person person{.id = PersonId::generate(random).value(),
                    .email = email(i),
                    .name = "Somebody",
                    .role = Role::kOwner,
                    .state = PersonState::kActive,
                    .password = password};
      Passkey passkey{.id = std::vector<std::uint8_t>(32), .public_key = {}, .name = "Laptop"};
      passkey.public_key.resize(65);
      (void)random.fill(passkey.id);
      person.passkeys.push_back(std::move(passkey));
      if (!registry->commit({.writes = {person_write(person, 0)}})) {
        throw std::runtime_error("the store does not take people");
      }
    }
  }
  [[nodiscard]] static std::string email(std::size_t i) {
    return "person" + std::to_string(1'000 + i) + "@example.com";
  }
};

struct Sample {
  double seconds = 0;
  bool known = false;
};

// area gives the chance that a sample of one class is longer than one of the other, whichever is
// more: by ranks, ties counted as half.
double area(std::vector<Sample> samples) {
  std::ranges::sort(samples, {}, &Sample::seconds);
  double ranks = 0;
  double known = 0;
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin;
    while (end < samples.size() && samples[end].seconds == samples[begin].seconds) {
      ++end;
    }
    const double rank = (static_cast<double>(begin + end) + 1) / 2;
    for (; begin < end; ++begin) {
      ranks += samples[begin].known ? rank : 0;
      known += samples[begin].known ? 1 : 0;
    }
  }
  const double others = static_cast<double>(samples.size()) - known;
  const double found = (ranks - known * (known + 1) / 2) / (known * others);
  return std::max(found, 1 - found);
}

// measure times call(known, number) for both classes in an order of chance. An hour passes before
// each, so that the throttle forgets.
template <typename Call>
double measure(Bed& bed, std::size_t of_each, const Call& call) {
  std::vector<char> order(2 * of_each);
  std::fill_n(order.begin(), of_each, 1);
  std::ranges::shuffle(order, std::minstd_rand(1));  // the order of the classes; nothing secret
  std::vector<Sample> samples;
  for (std::size_t n = 0; n < order.size(); ++n) {
    bed.clock.advance(std::chrono::minutes(61));
    const bool known = order[n] != 0;
    const auto begun = std::chrono::steady_clock::now();
    call(known, n);
    samples.push_back(
        {.seconds = Seconds(std::chrono::steady_clock::now() - begun).count(), .known = known});
  }
  return area(std::move(samples));
}

SignInTry try_of(std::string email) {
  return {.email = std::move(email),
          .password = WipedText("wrong password"),
          .factor = {.totp = "000000"},
          .source = IpAddress::v4({203, 0, 113, 7}),
          .device = "bench",
          .device_cookie = {}};
}

// As long as those that exist, and as many.
std::string name_of(bool known, std::size_t number) {
  const std::size_t i = number % kPeople;
  return known ? Bed::email(i) : Bed::email(kPeople + i);
}

void must_fail(const std::expected<SignedIn, Problem>& in) {
  if (in || in.error().reason != "sign_in_failed") {
    throw std::runtime_error("a sign-in was not refused as it should be: " +
                             (in ? std::string("it went well") : in.error().reason));
  }
}

// ---- 200 at once

double resident_mib(std::string_view which) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(which)) {
      return std::stod(line.substr(which.size())) / 1024;
    }
  }
  throw std::runtime_error("/proc/self/status cannot be read");
}

struct Crowd {
  std::size_t looked_at = 0;
  std::size_t sent_away = 0;
};

Crowd sign_in_at_once(Bed& bed) {
  std::atomic<std::size_t> sent_away{0};
  std::atomic<std::size_t> looked_at{0};
  bed.clock.advance(std::chrono::minutes(61));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      threads.emplace_back([&, i] {
        SignInTry wrong = try_of(name_of(true, i));
        wrong.source = IpAddress::v4({10, static_cast<std::uint8_t>(i), 0, 1});
        const auto in = bed.sign_in.sign_in(wrong);
        ++(in || in.error().reason == "too_many_sign_ins" ? sent_away : looked_at);
      });
    }
  }
  return {.looked_at = looked_at, .sent_away = sent_away};
}

// Verifiers verify requests on every core until they end.
class Verifiers {
 public:
  Verifiers() {
    for (unsigned n = 0; n < std::max(1U, std::thread::hardware_concurrency()); ++n) {
      threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
    }
  }
  // rate gives verifications a second while `meanwhile` runs.
  template <typename Work>
  double rate(const Work& meanwhile) {
    const std::uint64_t before = count_;
    const auto begun = std::chrono::steady_clock::now();
    meanwhile();
    return static_cast<double>(count_ - before) /
           Seconds(std::chrono::steady_clock::now() - begun).count();
  }

 private:
  void run(const std::stop_token& stop) {
    const auto key = VerificationKey::from_hmac_secret(as_bytes("a secret of the bench"));
    const std::string text(64, '0');
    constexpr std::uint64_t kAtATime = 100;
    while (!stop.stop_requested()) {
      for (std::uint64_t i = 0; i < kAtATime; ++i) {
        if (key->verify_text(as_bytes("symbol=BTCUSDT&timestamp=1499827319559"), text)) {
          std::abort();
        }
      }
      count_ += kAtATime;
    }
  }
  std::atomic<std::uint64_t> count_{0};
  std::vector<std::jthread> threads_;
};

void run(std::size_t of_each) {
  Bed bed;
  bed.fill();
  const double sign_in = measure(bed, of_each, [&](bool known, std::size_t n) {
    must_fail(bed.sign_in.sign_in(try_of(name_of(known, n))));
  });
  const double question = measure(bed, of_each, [&](bool known, std::size_t n) {
    if (!bed.sign_in.question(name_of(known, n))) {
      throw std::runtime_error("no question was asked");
    }
  });
  const double seen =
      measure(bed, std::min<std::size_t>(of_each, 100), [&](bool known, std::size_t n) {
        SignInTry wanted = try_of(name_of(known, n));
        if (!known) {
          wanted.password.clear();
          wanted.factor = {.passkey = PasskeyAnswer{}};
        }
        must_fail(bed.sign_in.sign_in(wanted));
      });

  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const double before = resident_mib("VmRSS:");
  const Crowd crowd = sign_in_at_once(bed);
  const double more = resident_mib("VmHWM:") - before;
  Verifiers verifiers;
  const double alone = verifiers.rate([] { std::this_thread::sleep_for(std::chrono::seconds(3)); });
  const double beside = verifiers.rate([&] { (void)sign_in_at_once(bed); });
  if (crowd.looked_at == 0 || crowd.looked_at + crowd.sent_away != kAtOnce) {
    throw std::runtime_error("200 sign-ins at once were neither looked at nor sent away");
  }
  std::printf(
      R"json([{"name":"sign-in, known name against unknown: AUC","figure":%.3f,"unit":"","at_most":0.55},)json"
      R"json({"name":"question for passkeys, known name against unknown: AUC","figure":%.3f,"unit":"","at_most":0.55},)json"
      R"json({"name":"sign-in without a hash (must be seen)","figure":%.3f,"unit":"","at_least":0.9},)json"
      R"json({"name":"memory that 200 sign-ins at once take","figure":%.0f,"unit":"MiB","at_most":300},)json"
      R"json({"name":"of them looked at","figure":%zu,"unit":"","at_least":36},)json"
      R"json({"name":"verification beside them, on every core","figure":%.3f,"unit":"x","at_least":0.9}])json"
      "\n",
      sign_in, question, seen, more, crowd.looked_at, beside / alone);
}

}  // namespace
}  // namespace counterfoil

int main(int argc, char** argv) {
  try {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    counterfoil::run(arguments.size() > 1 ? std::stoul(arguments[1]) : 2'000);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sign_in_bench: %s\n", error.what());
    return 3;
  }
}
