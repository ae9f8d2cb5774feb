#include "authority/passkey_challenges.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/problem.h"
#include "authority/problems.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/constant_time.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

// An id: 8 bytes of the boot clock's end in ns, 16 random ones, and 32 of the MAC.
constexpr std::size_t kEndBytes = 8;
constexpr std::size_t kStampBytes = kEndBytes + 16;
constexpr std::size_t kIdBytes = kStampBytes + 32;
constexpr std::size_t kIdCharacters = 75;  // in base64url

Digest mac_of(const HmacKey& key, std::string_view part, ByteView stamp, std::string_view purpose) {
  const std::array<ByteView, 3> parts{as_bytes(part), stamp, as_bytes(purpose)};
  return key.mac(parts);
}

std::int64_t end_of(ByteView stamp) {
  std::uint64_t end = 0;
  for (const std::uint8_t byte : stamp.first(kEndBytes)) {
    end = (end << 8U) | byte;
  }
  return static_cast<std::int64_t>(end);
}

std::vector<std::uint8_t> challenge_of(const HmacKey& key, ByteView stamp,
                                       std::string_view purpose) {
  const Digest mac = mac_of(key, "challenge", stamp, purpose);
  return {mac.begin(), mac.end()};
}

}  // namespace

std::expected<PasskeyChallenges, Problem> PasskeyChallenges::make(RandomSource& random,
                                                                  const Clock& clock,
                                                                  std::chrono::minutes life) {
  constexpr std::size_t kKeyBytes = 32;
  const auto secret = SecretBytes::random(kKeyBytes, random);
  auto key = secret ? HmacKey::from_secret(*secret) : std::unexpected(secret.error());
  if (!key) {
    return problem(Problem::Kind::kUnavailable, "no_secret_memory", describe(key.error()));
  }
  return PasskeyChallenges(std::move(*key), random, clock, life);
}

std::optional<PasskeyChallenges::Challenge> PasskeyChallenges::ask(std::string_view purpose) {
  std::array<std::uint8_t, kIdBytes> id{};
  const std::span stamp = std::span(id).first<kStampBytes>();
  if (!random_.fill(stamp.subspan(kEndBytes))) {
    return std::nullopt;
  }
  auto end = static_cast<std::uint64_t>((clock_.boot_now() + life_).time_since_epoch().count());
  for (std::size_t i = kEndBytes; i > 0; --i) {
    id[i - 1] = static_cast<std::uint8_t>(end & 0xffU);
    end >>= 8U;
  }
  const Digest mac = mac_of(key_, "id", stamp, purpose);
  std::ranges::copy(mac, id.begin() + kStampBytes);
  return Challenge{.id = to_base64url(id), .bytes = challenge_of(key_, stamp, purpose)};
}

std::optional<std::vector<std::uint8_t>> PasskeyChallenges::stamp_of(
    std::string_view id, std::string_view purpose) const {
  auto bytes = id.size() == kIdCharacters ? from_base64url(id) : std::nullopt;
  if (!bytes) {
    return std::nullopt;
  }
  const ByteView stamp = ByteView(*bytes).first(kStampBytes);
  if (!constant_time_equal(mac_of(key_, "id", stamp, purpose),
                           ByteView(*bytes).subspan(kStampBytes)) ||
      clock_.boot_now().time_since_epoch().count() >= end_of(stamp)) {
    return std::nullopt;
  }
  bytes->resize(kStampBytes);
  return bytes;
}

bool PasskeyChallenges::holds(std::string_view id, std::string_view purpose) const {
  if (!stamp_of(id, purpose)) {
    return false;
  }
  const std::scoped_lock lock(answered_->mutex);
  return !answered_->ids.contains(id);
}

std::optional<std::vector<std::uint8_t>> PasskeyChallenges::take(std::string_view id,
                                                                 std::string_view purpose) {
  const auto stamp = stamp_of(id, purpose);
  if (!stamp) {
    return std::nullopt;
  }
  const std::int64_t now = clock_.boot_now().time_since_epoch().count();
  const std::scoped_lock lock(answered_->mutex);
  while (!answered_->by_end.empty() && answered_->by_end.front().first <= now) {
    answered_->ids.erase(answered_->by_end.front().second);
    answered_->by_end.pop_front();
  }
  if (answered_->ids.size() >= kAnsweredMax || !answered_->ids.emplace(id).second) {
    return std::nullopt;
  }
  answered_->by_end.emplace_back(now + std::chrono::nanoseconds(life_).count(), id);
  return challenge_of(key_, *stamp, purpose);
}

}  // namespace counterfoil
