// What a verdict costs beyond its signature check, in one run: the look-up of an API key beside
// std::unordered_map, and read_claims, look-up and verify together beside the bare check of the
// same signature, ours and OpenSSL's. Trust the ratios, not the times.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bare_openssl.h"
#include "base/account_id.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "keys/live_key.h"
#include "keys/permission.h"
#include "replica/live_key_table.h"
#include "verify/claims.h"
#include "verify/signed_request.h"
#include "verify/verify.h"

namespace counterfoil {
namespace {

using bench::require;

constexpr std::string_view kPayload =
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
    "&recvWindow=5000&timestamp=1790000000000&newClientOrderId=a-client-order-id-of-ours";
static_assert(kPayload.size() >= 140 && kPayload.size() <= 160);
constexpr Timestamp kNow = from_unix_ms(1'790'000'000'100);
constexpr std::string_view kSecret =
    "cfs1-a-secret-of-64-characters-as-they-are-made-for-the-tests-xx";
constexpr std::size_t kHotKeys = 1'000;
// A walk of this many ids repeats itself too late for any cache.
constexpr std::size_t kWalk = std::size_t{1} << 20U;

const PermissionSet kTrade = PermissionSet::of_index(0);

// id_of makes the id of a number: 64 letters that differ everywhere, as those of real keys do.
ApiKeyId id_of(std::uint64_t number) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ab";
  std::mt19937_64 letters(number);
  std::string text;
  for (std::size_t i = 0; i < ApiKeyId::kSize; ++i) {
    text.push_back(kLetters[letters() % kLetters.size()]);
  }
  return *ApiKeyId::parse(text);
}

LiveKey live_key(const ApiKeyId& id, VerificationKey key) {
  LiveKey live{.id = id,
               .account = *AccountId::parse("bench"),
               .permissions = kTrade,
               .allow_list = AllowList::any(),
               .created = from_unix_ms(1'780'000'000'000)};
  live.pairs.push_back({.number = 1, .retires_at = kNever, .key = std::move(key)});
  return live;
}

// Keys is `count` HMAC keys in the replica's table and, by id alone, in the standard's.
struct Keys {
  explicit Keys(std::size_t count) {
    ids.reserve(count);
    table.reserve(count);
    standard.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(id_of(i));
      table.publish(live_key(ids.back(), *VerificationKey::from_hmac_secret(as_bytes(kSecret))));
      standard.emplace(std::string(ids.back().text()), i);
    }
    std::mt19937 choice(1);
    for (std::size_t i = 0; i < kWalk; ++i) {
      walk.push_back(static_cast<std::uint32_t>(choice() % count));
      hot_walk.push_back(static_cast<std::uint32_t>(choice() % std::min(kHotKeys, count)));
    }
  }
  std::vector<ApiKeyId> ids;
  LiveKeyTable table;
  std::unordered_map<std::string, std::size_t> standard;
  std::vector<std::uint32_t> walk;
  std::vector<std::uint32_t> hot_walk;
};

const Keys& keys(std::int64_t count) {
  static std::unique_ptr<Keys> kept;
  if (!kept || kept->ids.size() != static_cast<std::size_t>(count)) {
    kept.reset();
    kept = std::make_unique<Keys>(static_cast<std::size_t>(count));
  }
  return *kept;
}

enum class Walk : std::uint8_t { kHot, kRandom };

void look_up_ours(benchmark::State& state, Walk which) {
  const Keys& all = keys(state.range(0));
  const auto& walk = which == Walk::kHot ? all.hot_walk : all.walk;
  std::size_t at = 0;
  for (auto _ : state) {
    const LiveKeyRef found = all.table.find(all.ids[walk[at++ % kWalk]]);
    benchmark::DoNotOptimize(found->permissions);
  }
}

void look_up_standard(benchmark::State& state, Walk which) {
  const Keys& all = keys(state.range(0));
  const auto& walk = which == Walk::kHot ? all.hot_walk : all.walk;
  std::size_t at = 0;
  for (auto _ : state) {
    const auto found = all.standard.find(std::string(all.ids[walk[at++ % kWalk]].text()));
    benchmark::DoNotOptimize(found->second);
  }
}

// ---- whole verdicts

SignedRequest request_of(std::string_view api_key, std::string_view signature) {
  SignedRequest request;
  request.api_key = api_key;
  request.payload = kPayload;
  request.signature = signature;
  request.timestamp = "1790000000000";
  request.recv_window = "5000";
  request.source = *IpAddress::parse("192.0.2.7");
  request.needs = kTrade;
  request.symbol = "LTCBTC";
  return request;
}

bool judge(const LiveKeyTable& table, const SignedRequest& request) {
  static const KeyFormat kFormat;
  const auto claims = read_claims(request, kFormat, kNow);
  return claims && verify(request, table.find(claims->api_key).get(), kNow).has_value();
}

// verdict_hmac judges requests of random keys out of a million.
void verdict_hmac(benchmark::State& state) {
  const Keys& all = keys(state.range(0));
  const std::string signature =
      to_hex(HmacKey::from_secret(as_bytes(kSecret))->mac(as_bytes(kPayload)));
  std::size_t at = 0;
  for (auto _ : state) {
    require(judge(all.table, request_of(all.ids[all.walk[at++ % kWalk]].text(), signature)));
  }
}

struct Example {
  PublicKey key;
  std::vector<std::uint8_t> signature;
};

const Example& example(Scheme scheme) {
  static const auto make = [](Scheme wanted) {
    SystemRandom random;
    const auto key = PrivateKey::generate(wanted, random, 2048);
    require(key.has_value());
    return Example{.key = key->public_key(), .signature = *key->sign(as_bytes(kPayload))};
  };
  static const Example kRsa = make(Scheme::kRsaPkcs1Sha256);
  static const Example kEd25519 = make(Scheme::kEd25519);
  return scheme == Scheme::kEd25519 ? kEd25519 : kRsa;
}

void verdict_public(benchmark::State& state, Scheme scheme) {
  const Example& made = example(scheme);
  LiveKeyTable table;
  const ApiKeyId id = id_of(1);
  table.publish(live_key(id, *VerificationKey::from_public_key(made.key)));
  const std::string signature = to_base64(made.signature);
  for (auto _ : state) {
    require(judge(table, request_of(id.text(), signature)));
  }
}

// ---- the bare check of OpenSSL

void bare_hmac(benchmark::State& state) {
  bench::bare_hmac(state, as_bytes(kSecret), as_bytes(kPayload));
}

void bare_public(benchmark::State& state, Scheme scheme) {
  const Example& made = example(scheme);
  bench::bare_verify(state, made.key, as_bytes(kPayload), made.signature,
                     scheme == Scheme::kEd25519 ? nullptr : EVP_sha256());
}

void our_bare_hmac(benchmark::State& state) {
  const auto key = VerificationKey::from_hmac_secret(as_bytes(kSecret));
  const std::string signature =
      to_hex(HmacKey::from_secret(as_bytes(kSecret))->mac(as_bytes(kPayload)));
  for (auto _ : state) {
    require(key->verify_text(as_bytes(kPayload), signature));
  }
}

BENCHMARK_CAPTURE(look_up_ours, hot, Walk::kHot)->Name("Lookup/replica/hot")->Arg(1'000'000);
BENCHMARK_CAPTURE(look_up_standard, hot, Walk::kHot)
    ->Name("Lookup/unordered_map/hot")
    ->Arg(1'000'000);
BENCHMARK_CAPTURE(look_up_ours, random, Walk::kRandom)
    ->Name("Lookup/replica/random")
    ->Arg(1'000'000)
    ->Arg(10'000'000);
BENCHMARK_CAPTURE(look_up_standard, random, Walk::kRandom)
    ->Name("Lookup/unordered_map/random")
    ->Arg(1'000'000);
BENCHMARK(verdict_hmac)->Name("Verdict/hmac")->Arg(1'000'000);
BENCHMARK(our_bare_hmac)->Name("Bare/hmac/ours");
BENCHMARK(bare_hmac)->Name("Bare/hmac/OpenSsl");
BENCHMARK_CAPTURE(verdict_public, rsa, Scheme::kRsaPkcs1Sha256)->Name("Verdict/rsa2048");
BENCHMARK_CAPTURE(bare_public, rsa, Scheme::kRsaPkcs1Sha256)->Name("Bare/rsa2048/OpenSsl");
BENCHMARK_CAPTURE(verdict_public, ed25519, Scheme::kEd25519)->Name("Verdict/ed25519");
BENCHMARK_CAPTURE(bare_public, ed25519, Scheme::kEd25519)->Name("Bare/ed25519/OpenSsl");

}  // namespace
}  // namespace counterfoil
