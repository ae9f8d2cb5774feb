#include "crypto/rsa_rules.h"

#include <openssl/bn.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "crypto/public_key.h"

namespace counterfoil {
namespace {

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
struct FreeContext {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Context = std::unique_ptr<BN_CTX, FreeContext>;

Number number() { return Number(BN_new()); }
Number number(ByteView bytes) {
  return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

std::size_t bit_length(ByteView number) {
  return number.empty()
             ? 0
             : ((number.size() - 1) * 8) + static_cast<std::size_t>(std::bit_width(number.front()));
}

// A fault of the library (no memory) must not let a key through: every function below answers
// "bad".

// ---- small factors

constexpr std::uint32_t kSmallFactorBelow = 1U << 16U;

std::vector<std::uint32_t> odd_primes_below(std::uint32_t limit) {
  std::vector<bool> composite(limit, false);
  std::vector<std::uint32_t> primes;
  for (std::uint32_t candidate = 3; candidate < limit; candidate += 2) {
    if (composite[candidate]) {
      continue;
    }
    primes.push_back(candidate);
    for (std::uint64_t multiple = std::uint64_t{candidate} * candidate; multiple < limit;
         multiple += candidate) {
      composite[multiple] = true;
    }
  }
  return primes;
}

bool has_small_factor(const BIGNUM* modulus) {
  static const std::vector<std::uint32_t> kPrimes = odd_primes_below(kSmallFactorBelow);
  return std::ranges::any_of(kPrimes,
                             [&](std::uint32_t prime) { return BN_mod_word(modulus, prime) == 0; });
}

// ---- ROCA

// The faulty library made primes p = k * M + (65537^a mod M), M a product of the first primes. So n
// is a power of 65537 modulo each of them; of other moduli fewer than one in 2^27 is. Source:
// Nemec, Sys, Svenda, Klinec, Matyas, "The Return of Coppersmith's Attack", section 2.
bool is_power_of_65537(std::uint64_t residue, std::uint32_t prime) {
  std::uint64_t power = 1;
  do {
    if (power == residue) {
      return true;
    }
    power = power * 65537 % prime;
  } while (power != 1);
  return false;
}

bool has_roca_fingerprint(const BIGNUM* modulus) {
  constexpr std::uint32_t kRocaPrimesEnd = 168;
  return std::ranges::all_of(odd_primes_below(kRocaPrimesEnd), [&](std::uint32_t prime) {
    return is_power_of_65537(BN_mod_word(modulus, prime), prime);
  });
}

// ---- squares and close factors

// square_root sets `root` to the integer part of the root, by Newton's method from above.
bool square_root(const BIGNUM* square, BIGNUM* root, BN_CTX* context) {
  const Number next = number();
  if (!next || BN_set_word(root, 1) != 1 ||
      BN_lshift(root, root, (BN_num_bits(square) + 1) / 2) != 1) {
    return false;
  }
  while (true) {
    if (BN_div(next.get(), nullptr, square, root, context) != 1 ||
        BN_add(next.get(), next.get(), root) != 1 || BN_rshift1(next.get(), next.get()) != 1) {
      return false;
    }
    if (BN_cmp(next.get(), root) >= 0) {
      return true;
    }
    if (BN_copy(root, next.get()) == nullptr) {
      return false;
    }
  }
}

bool is_square_or_fault(const BIGNUM* candidate, BN_CTX* context) {
  const Number root = number();
  const Number square = number();
  if (!root || !square || !square_root(candidate, root.get(), context) ||
      BN_sqr(square.get(), root.get(), context) != 1) {
    return true;
  }
  return BN_cmp(square.get(), candidate) == 0;
}

// Fermat: n = a^2 - b^2 = (a - b)(a + b). Starting from the root of n, a^2 - n is tried for being a
// square. Nearly all steps are sorted out by residues, without large numbers: modulo each of these,
// about half of all numbers cannot be squares.
constexpr std::array<std::uint32_t, 16> kSieveModuli{64, 63, 61, 59, 55, 53, 47, 43,
                                                     41, 37, 31, 29, 23, 19, 17, 13};

constexpr std::uint64_t squares_modulo(std::uint32_t modulus) {
  std::uint64_t squares = 0;
  for (std::uint32_t i = 0; i < modulus; ++i) {
    squares |= std::uint64_t{1} << (i * i % modulus);
  }
  return squares;
}

class FermatSieve {
 public:
  // `start` is the first a to be tried.
  FermatSieve(const BIGNUM* modulus, const BIGNUM* start) {
    for (std::size_t i = 0; i < kSieveModuli.size(); ++i) {
      const std::uint32_t by = kSieveModuli[i];
      const auto n = static_cast<std::uint32_t>(BN_mod_word(modulus, by));
      starts_[i] = static_cast<std::uint32_t>(BN_mod_word(start, by));
      for (std::uint32_t a = 0; a < by; ++a) {
        const std::uint32_t difference = ((a * a) + by - n) % by;
        possible_[i] |= ((squares_modulo(by) >> difference) & 1U) << a;
      }
    }
  }

  // may_be_square speaks of (start + step)^2 - n.
  [[nodiscard]] bool may_be_square(std::uint32_t step) const {
    for (std::size_t i = 0; i < kSieveModuli.size(); ++i) {
      const std::uint32_t a = (starts_[i] + step) % kSieveModuli[i];
      if (((possible_[i] >> a) & 1U) == 0) {
        return false;
      }
    }
    return true;
  }

 private:
  std::array<std::uint32_t, kSieveModuli.size()> starts_{};
  std::array<std::uint64_t, kSieveModuli.size()> possible_{};  // bit a: a^2 - n may be a square
};

// `root` is the integer part of the root of `modulus`, which is not a square.
bool has_close_factors(const BIGNUM* modulus, const BIGNUM* root, BN_CTX* context) {
  const Number start(BN_dup(root));
  const Number candidate = number();
  if (!start || !candidate || BN_add_word(start.get(), 1) != 1) {
    return true;
  }
  const FermatSieve sieve(modulus, start.get());
  for (std::uint32_t step = 0; step < kFermatSteps; ++step) {
    if (!sieve.may_be_square(step)) {
      continue;
    }
    if (BN_copy(candidate.get(), start.get()) == nullptr ||
        BN_add_word(candidate.get(), step) != 1 ||
        BN_sqr(candidate.get(), candidate.get(), context) != 1 ||
        BN_sub(candidate.get(), candidate.get(), modulus) != 1 ||
        is_square_or_fault(candidate.get(), context)) {
      return true;
    }
  }
  return false;
}

// ---- prime

// One Fermat test to base 2. A prime always passes it. A composite that passes has been made for
// the purpose, and is refused with the primes. Dozens of rounds, as for making primes, would let a
// prime offered as a modulus cost seconds.
bool looks_prime(const BIGNUM* modulus, BN_CTX* context) {
  const Number base = number();
  const Number power = number();
  const Number exponent(BN_dup(modulus));
  if (!base || !power || !exponent || BN_set_word(base.get(), 2) != 1 ||
      BN_sub_word(exponent.get(), 1) != 1 ||
      BN_mod_exp_mont(power.get(), base.get(), exponent.get(), modulus, context, nullptr) != 1) {
    return true;
  }
  return BN_is_one(power.get()) == 1;
}

std::optional<PublicKeyError> check_modulus(const BIGNUM* modulus) {
  const Context context(BN_CTX_new());
  const Number root = number();
  const Number square = number();
  if (!context || !root || !square) {
    return PublicKeyError::kLibraryFailure;
  }
  if (has_small_factor(modulus)) {
    return PublicKeyError::kRsaSmallFactor;
  }
  if (has_roca_fingerprint(modulus)) {
    return PublicKeyError::kRsaRoca;
  }
  if (!square_root(modulus, root.get(), context.get()) ||
      BN_sqr(square.get(), root.get(), context.get()) != 1) {
    return PublicKeyError::kLibraryFailure;
  }
  if (BN_cmp(square.get(), modulus) == 0) {
    return PublicKeyError::kRsaModulusSquare;
  }
  if (has_close_factors(modulus, root.get(), context.get())) {
    return PublicKeyError::kRsaCloseFactors;
  }
  if (looks_prime(modulus, context.get())) {
    return PublicKeyError::kRsaModulusPrime;
  }
  return std::nullopt;
}

bool is_good_exponent(ByteView exponent) {
  constexpr std::size_t kBitsOf65537 = 17;
  const std::size_t bits = bit_length(exponent);
  // An odd number of 17 bits or more is at least 2^16 + 1 = 65537.
  return bits >= kBitsOf65537 && bits <= PublicKey::kRsaExponentBitsMax &&
         (exponent.back() & 1U) != 0;
}

}  // namespace

std::optional<PublicKeyError> check_rsa(ByteView modulus, ByteView exponent) {
  const std::size_t bits = bit_length(modulus);
  if (bits < PublicKey::kRsaBitsMin) {
    return PublicKeyError::kRsaTooSmall;
  }
  if (bits > PublicKey::kRsaBitsMax) {
    return PublicKeyError::kRsaTooLarge;
  }
  if (!is_good_exponent(exponent)) {
    return PublicKeyError::kRsaExponentRefused;
  }
  if ((modulus.back() & 1U) == 0) {
    return PublicKeyError::kRsaModulusEven;
  }
  const Number n = number(modulus);
  return n ? check_modulus(n.get()) : PublicKeyError::kLibraryFailure;
}

}  // namespace counterfoil
