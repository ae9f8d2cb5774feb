#include "authority/possession.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/possession_text.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/public_key.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;
constexpr std::size_t kNonceBytes = 16;

}  // namespace

std::string PossessionProofs::text_for(const AccountId& account, const PublicKey& key,
                                       std::string_view nonce) const {
  std::string text = std::string(kPossessionFirstLine) + origin_ + "\n" + account.text() + "\n";
  text.append(to_hex(key.fingerprint())).append("\n").append(nonce);
  return text;
}

void PossessionProofs::drop(Place place) {
  const auto account = by_account_.find(place->account);
  std::erase(account->second, place);
  if (account->second.empty()) {
    by_account_.erase(account);
  }
  by_nonce_.erase(place->nonce);
  open_.erase(place);
}

void PossessionProofs::make_room(const std::string& account, BootTime now) {
  while (!open_.empty() && open_.front().expires_at < now) {
    drop(open_.begin());
  }
  const auto present = by_account_.find(account);
  if (present != by_account_.end() && present->second.size() >= kOpenPerAccountMax) {
    drop(present->second.front());
  }
}

std::expected<PossessionChallenge, Problem> PossessionProofs::open(const AccountId& account,
                                                                   const PublicKey& key) {
  std::array<std::uint8_t, kNonceBytes> bytes{};
  if (!random_.fill(bytes)) {
    return no_randomness();
  }
  PossessionChallenge made{.nonce = to_hex(bytes), .text = {}};
  made.text = text_for(account, key, made.nonce);
  const BootTime now = clock_.boot_now();
  const std::scoped_lock lock(mutex_);
  make_room(account.text(), now);
  if (open_.size() >= kOpenMax) {
    return problem(Kind::kUnavailable, "overloaded",
                   "too many public keys are being registered; try again in a few minutes");
  }
  open_.push_back({.nonce = made.nonce,
                   .account = account.text(),
                   .text = made.text,
                   .expires_at = now + kChallengeLife});
  const Place place = std::prev(open_.end());
  by_nonce_.emplace(made.nonce, place);
  by_account_[account.text()].push_back(place);
  return made;
}

std::string PossessionProofs::take(const std::string& nonce) {
  const BootTime now = clock_.boot_now();
  const std::scoped_lock lock(mutex_);
  const auto found = by_nonce_.find(nonce);
  if (found == by_nonce_.end()) {
    return {};
  }
  const Place place = found->second;
  std::string text = place->expires_at >= now ? std::move(place->text) : std::string();
  drop(place);
  return text;
}

std::expected<void, Problem> PossessionProofs::check(const AccountId& account, const PublicKey& key,
                                                     const std::string& nonce,
                                                     std::string_view signature) {
  const std::string text = take(nonce);
  if (text.empty() || text != text_for(account, key, nonce)) {
    return problem(Kind::kInvalid, "challenge_unknown",
                   "no challenge is open for this account and public key (it lives five minutes "
                   "and serves once); ask for a new one");
  }
  const auto verifier = VerificationKey::from_public_key(key);
  if (!verifier || !verifier->verify_text(as_bytes(text), signature)) {
    return problem(Kind::kInvalid, "possession_not_proved",
                   "the signature over the challenge is not valid for this public key; sign "
                   "exactly the challenge's bytes with the matching private key");
  }
  return {};
}

}  // namespace counterfoil
