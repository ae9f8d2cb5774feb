// How fast the room crypto verifies and unseals, beside the plain use of OpenSSL, in one run: trust
// the ratios, not the times. The counter of each line is what it is compared by.
//
//   taskset -c 0 ./verify_bench --benchmark_enable_random_interleaving=true
//   --benchmark_repetitions=7
//       --benchmark_report_aggregates_only=true
//
// Hmac/OpenSsl: EVP_MAC with a new context, the key set, freed. Rsa/OpenSsl: EVP_DigestVerify with
// a new context. Ed25519/OpenSsl: EVP_DigestVerify with a new context; Ed25519 cannot reuse one.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bare_openssl.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

using bench::require;

using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kSecret =
    "cfs1-a-secret-of-64-characters-as-they-are-made-for-the-tests-xx";
static_assert(kSecret.size() == 64);

Bytes message_of(std::int64_t size) { return Bytes(static_cast<std::size_t>(size), 'm'); }

// ---- HMAC

void hmac_ours(benchmark::State& state) {
  const auto key = VerificationKey::from_hmac_secret(as_bytes(kSecret));
  const Bytes message = message_of(state.range(0));
  const Digest tag = HmacKey::from_secret(as_bytes(kSecret))->mac(message);
  for (auto _ : state) {
    const bool verified = key->verify(message, tag);
    benchmark::DoNotOptimize(verified);
  }
}

void hmac_ours_from_text(benchmark::State& state) {
  const auto key = VerificationKey::from_hmac_secret(as_bytes(kSecret));
  const Bytes message = message_of(state.range(0));
  const std::string text = to_hex(HmacKey::from_secret(as_bytes(kSecret))->mac(message));
  require(key->verify_text(message, text));
  for (auto _ : state) {
    const bool verified = key->verify_text(message, text);
    benchmark::DoNotOptimize(verified);
  }
}

void hmac_openssl(benchmark::State& state) {
  bench::bare_hmac(state, as_bytes(kSecret), message_of(state.range(0)));
}

// ---- public keys

struct Signed {
  PublicKey key;
  Bytes message;
  Bytes signature;
};

// A key and a signature, made anew; `bits` counts for RSA.
Signed make_signed(Scheme scheme, std::size_t bits) {
  SystemRandom random;
  const auto key = PrivateKey::generate(scheme, random, bits);
  require(key.has_value());
  const Bytes message = message_of(150);
  return {.key = key->public_key(), .message = message, .signature = *key->sign(message)};
}

void verify_ours(benchmark::State& state, const Signed& example) {
  const auto key = VerificationKey::from_public_key(example.key);
  require(key->verify(example.message, example.signature));
  for (auto _ : state) {
    const bool verified = key->verify(example.message, example.signature);
    benchmark::DoNotOptimize(verified);
  }
}

void verify_openssl(benchmark::State& state, const Signed& example, const EVP_MD* digest) {
  bench::bare_verify(state, example.key, example.message, example.signature, digest);
}

const Signed& rsa_example(std::int64_t bits) {
  static const Signed k2048 = make_signed(Scheme::kRsaPkcs1Sha256, 2048);
  static const Signed k4096 = make_signed(Scheme::kRsaPkcs1Sha256, 4096);
  return bits == 2048 ? k2048 : k4096;
}
const Signed& ed25519_example() {
  static const Signed kExample = make_signed(Scheme::kEd25519, 0);
  return kExample;
}

void rsa_ours(benchmark::State& state) { verify_ours(state, rsa_example(state.range(0))); }
void rsa_openssl(benchmark::State& state) {
  verify_openssl(state, rsa_example(state.range(0)), EVP_sha256());
}
void ed25519_ours(benchmark::State& state) { verify_ours(state, ed25519_example()); }
void ed25519_openssl(benchmark::State& state) { verify_openssl(state, ed25519_example(), nullptr); }

// ---- loading

void open_sealed(benchmark::State& state) {
  SystemRandom random;
  KekRing ring;
  ring.add(*SealingKey::generate(1, random));
  const SealContext place{
      .table = "api_key",
      .record_id = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91du",
      .account_id = "acme",
      .field = "secret/1"};
  const auto sealed = seal(place, as_bytes(kSecret), *ring.newest(), random);
  for (auto _ : state) {
    const auto secret = open(place, *sealed, ring);
    const auto key = VerificationKey::from_hmac_secret(*secret);
    benchmark::DoNotOptimize(key.has_value());
  }
}

void reload_public_key(benchmark::State& state) {
  const Signed& example = ed25519_example();
  for (auto _ : state) {
    const auto key =
        VerificationKey::from_public_key(*PublicKey::from_stored(example.key.spki_der()));
    benchmark::DoNotOptimize(key.has_value());
  }
}

// Control S-28: "each refusal below 200 ms of CPU". One line for each key of the file.
void import_key(benchmark::State& state, const std::string& pem) {
  for (auto _ : state) {
    const auto key = PublicKey::import_text(pem);
    benchmark::DoNotOptimize(key.has_value());
  }
}

const bool kImportsRegistered = [] {
  std::ifstream file(COUNTERFOIL_SOURCE_DIR "/testdata/vectors/rsa_bad_keys.json");
  const auto keys = nlohmann::json::parse(file, nullptr, false);
  for (const auto& row : keys["cases"]) {
    const std::string name = "ImportRsa/" + row["name"].get<std::string>();
    benchmark::RegisterBenchmark(name.c_str(), import_key, row["pem"].get<std::string>())
        ->Unit(benchmark::kMillisecond);
  }
  return true;
}();

BENCHMARK(hmac_ours)->Name("Hmac/ours")->Arg(60)->Arg(150)->Arg(500);
BENCHMARK(hmac_ours_from_text)->Name("Hmac/ours_from_text")->Arg(60)->Arg(150)->Arg(500);
BENCHMARK(hmac_openssl)->Name("Hmac/OpenSsl")->Arg(60)->Arg(150)->Arg(500);
BENCHMARK(rsa_ours)->Name("Rsa/ours")->Arg(2048)->Arg(4096);
BENCHMARK(rsa_openssl)->Name("Rsa/OpenSsl")->Arg(2048)->Arg(4096);
BENCHMARK(ed25519_ours)->Name("Ed25519/ours");
BENCHMARK(ed25519_openssl)->Name("Ed25519/OpenSsl");
BENCHMARK(open_sealed)->Name("Load/open_sealed_and_make_key");
BENCHMARK(reload_public_key)->Name("Load/reload_ed25519");

}  // namespace
}  // namespace counterfoil
