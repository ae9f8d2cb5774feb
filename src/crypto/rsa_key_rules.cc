#include "crypto/rsa_key_rules.h"

#include <openssl/bn.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/public_key.h"

namespace counterfoil {
namespace {

struct BnFree {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Bn = std::unique_ptr<BIGNUM, BnFree>;
using BnContext = std::unique_ptr<BN_CTX, BnFree>;

constexpr int kBitsMin = 2048;
constexpr int kBitsMax = 4096;
constexpr int kExponentBitsMax = 256;
constexpr BN_ULONG kExponentMin = 65537;
constexpr std::uint32_t kSmallFactorMax = 1U << 16U;
constexpr std::uint32_t kFermatSteps = 1U << 20U;

std::vector<std::uint32_t> odd_primes_below(std::uint32_t limit) {
  std::vector<bool> composite(limit, false);
  std::vector<std::uint32_t> primes;
  for (std::uint32_t n = 3; n < limit; n += 2) {
    if (composite[n]) {
      continue;
    }
    primes.push_back(n);
    for (std::uint64_t multiple = static_cast<std::uint64_t>(n) * n; multiple < limit;
         multiple += 2ULL * n) {
      composite[multiple] = true;
    }
  }
  return primes;
}

bool has_small_factor(const BIGNUM* n) {
  static const std::vector<std::uint32_t> primes = odd_primes_below(kSmallFactorMax);
  for (const std::uint32_t prime : primes) {
    if (BN_mod_word(n, prime) == 0) {
      return true;
    }
  }
  return false;
}

// floor_sqrt by Newton's method, from above.
Bn floor_sqrt(const BIGNUM* n, BN_CTX* context) {
  Bn x(BN_new());
  Bn y(BN_new());
  BN_one(x.get());
  BN_lshift(x.get(), x.get(), (BN_num_bits(n) + 1) / 2);
  while (true) {
    BN_div(y.get(), nullptr, n, x.get(), context);
    BN_add(y.get(), y.get(), x.get());
    BN_rshift1(y.get(), y.get());
    if (BN_cmp(y.get(), x.get()) >= 0) {
      return x;
    }
    std::swap(x, y);
  }
}

// SquareFilter rejects most numbers that are not squares by their residues, so that Fermat's steps
// stay cheap.
class SquareFilter {
 public:
  SquareFilter() {
    for (std::size_t i = 0; i < kModuli.size(); ++i) {
      residues_[i].assign(kModuli[i], false);
      for (std::uint64_t x = 0; x < kModuli[i]; ++x) {
        residues_[i][(x * x) % kModuli[i]] = true;
      }
    }
  }
  static constexpr std::array<std::uint32_t, 8> kModuli = {64, 63, 65, 11, 17, 19, 23, 31};
  [[nodiscard]] bool may_be_square(std::size_t modulus, std::uint64_t residue) const {
    return residues_[modulus][residue];
  }

 private:
  std::array<std::vector<bool>, kModuli.size()> residues_;
};

bool is_square(const BIGNUM* n, BN_CTX* context) {
  const Bn root = floor_sqrt(n, context);
  const Bn squared(BN_new());
  BN_sqr(squared.get(), root.get(), context);
  return BN_cmp(squared.get(), n) == 0;
}

// has_close_factors walks a = ceil(sqrt n), a + 1, ... and looks whether a^2 - n is a square:
// Fermat's method. The residues of a^2 - n are carried along, so that only about one step in a
// thousand needs big numbers.
bool has_close_factors(const BIGNUM* n, BN_CTX* context) {
  static const SquareFilter filter;
  const Bn a = floor_sqrt(n, context);
  BN_add_word(a.get(), 1);
  std::array<std::uint64_t, SquareFilter::kModuli.size()> a_mod{};
  std::array<std::uint64_t, SquareFilter::kModuli.size()> n_mod{};
  for (std::size_t i = 0; i < a_mod.size(); ++i) {
    a_mod[i] = BN_mod_word(a.get(), SquareFilter::kModuli[i]);
    n_mod[i] = BN_mod_word(n, SquareFilter::kModuli[i]);
  }
  const Bn candidate(BN_new());
  const Bn step_a(BN_new());
  for (std::uint32_t step = 0; step < kFermatSteps; ++step) {
    bool possible = true;
    for (std::size_t i = 0; i < a_mod.size() && possible; ++i) {
      const std::uint64_t modulus = SquareFilter::kModuli[i];
      const std::uint64_t x = (a_mod[i] + step) % modulus;
      possible = filter.may_be_square(i, ((x * x) + modulus - n_mod[i]) % modulus);
    }
    if (!possible) {
      continue;
    }
    BN_copy(step_a.get(), a.get());
    BN_add_word(step_a.get(), step);
    BN_sqr(candidate.get(), step_a.get(), context);
    BN_sub(candidate.get(), candidate.get(), n);
    if (is_square(candidate.get(), context)) {
      return true;
    }
  }
  return false;
}

// has_roca_fingerprint: moduli of the broken Infineon library are powers of 65537 modulo every
// small prime (CVE-2017-15361).
bool has_roca_fingerprint(const BIGNUM* n) {
  constexpr std::array<std::uint32_t, 38> kPrimes = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  for (const std::uint32_t prime : kPrimes) {
    const auto residue = static_cast<std::uint32_t>(BN_mod_word(n, prime));
    bool is_power = false;
    std::uint32_t power = 1;
    for (std::uint32_t i = 0; i < prime && !is_power; ++i) {
      is_power = power == residue;
      power = static_cast<std::uint32_t>((static_cast<std::uint64_t>(power) * 65537U) % prime);
    }
    if (!is_power) {
      return false;
    }
  }
  return true;
}

bool is_weak_exponent(const BIGNUM* e) {
  const Bn least(BN_new());
  BN_set_word(least.get(), kExponentMin);
  return BN_is_odd(e) == 0 || BN_is_negative(e) != 0 || BN_cmp(e, least.get()) < 0 ||
         BN_num_bits(e) > kExponentBitsMax;
}

}  // namespace

std::optional<PublicKeyError> check_rsa_numbers(const BIGNUM* n, const BIGNUM* e) {
  const int bits = BN_num_bits(n);
  if (BN_is_negative(n) != 0 || bits < kBitsMin || bits > kBitsMax) {
    return PublicKeyError::kRsaSize;
  }
  if (is_weak_exponent(e)) {
    return PublicKeyError::kRsaExponent;
  }
  const BnContext context(BN_CTX_new());
  if (BN_is_odd(n) == 0 || has_small_factor(n) || has_roca_fingerprint(n) ||
      is_square(n, context.get()) || BN_check_prime(n, context.get(), nullptr) != 0 ||
      has_close_factors(n, context.get())) {
    return PublicKeyError::kRsaModulus;
  }
  return std::nullopt;
}

}  // namespace counterfoil
