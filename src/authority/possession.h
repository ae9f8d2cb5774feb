#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/problem.h"
#include "base/account_id.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/public_key.h"

namespace counterfoil {

// PossessionChallenge is a text whose signature proves that its maker holds a private key. Its form
// can never be an order:
// counterfoil-possession-v1\n<origin>\n<account>\n<hex SHA-256 of the public key>\n<nonce>
struct PossessionChallenge {
  std::string nonce;
  std::string text;
};

// PossessionProofs hands out challenges and checks the answers (control S-28). A challenge is for
// one account and one public key, lives five minutes and serves once, whatever comes of it.
// Challenges are kept in memory: after a restart a new one is asked for. Safe to call from any
// thread.
class PossessionProofs {
 public:
  static constexpr std::chrono::minutes kChallengeLife{5};
  static constexpr std::size_t kOpenMax = 10'000;
  static constexpr std::size_t kOpenPerAccountMax = 32;  // past it an account's oldest is dropped

  // `origin` names this installation, so that an answer given elsewhere is worth nothing here.
  PossessionProofs(RandomSource& random, const Clock& clock, std::string origin)
      : random_(random), clock_(clock), origin_(std::move(origin)) {}

  [[nodiscard]] std::expected<PossessionChallenge, Problem> open(const AccountId& account,
                                                                 const PublicKey& key);
  // check takes the challenge named by `nonce` away and verifies `signature` (base64) over its
  // text.
  [[nodiscard]] std::expected<void, Problem> check(const AccountId& account, const PublicKey& key,
                                                   const std::string& nonce,
                                                   std::string_view signature);

 private:
  struct Open {
    std::string nonce;
    std::string account;
    std::string text;
    BootTime expires_at;
  };
  using Place = std::list<Open>::iterator;
  [[nodiscard]] std::string text_for(const AccountId& account, const PublicKey& key,
                                     std::string_view nonce) const;
  // make_room drops what has expired, and the account's oldest when it has too many.
  void make_room(const std::string& account, BootTime now);
  void drop(Place place);
  [[nodiscard]] std::string take(const std::string& nonce);

  RandomSource& random_;
  const Clock& clock_;
  std::string origin_;
  std::mutex mutex_;
  std::list<Open> open_;  // oldest first
  std::map<std::string, Place, std::less<>> by_nonce_;
  std::map<std::string, std::vector<Place>, std::less<>> by_account_;  // oldest first
};

}  // namespace counterfoil
