#include "autopsy/scene.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/evidence.h"
#include "autopsy/fix_time.h"
#include "autopsy/form.h"
#include "autopsy/reading.h"

namespace counterfoil::autopsy {
namespace {

constexpr double kWindowDefaultMs = 5000;
constexpr double kWindowMaxMs = 60'000;
constexpr std::int64_t kMicrosecondsFrom =
    1'000'000'000'000'000;  // smaller numbers are milliseconds
constexpr std::size_t kStampDigitsMax = 18;

bool verifies(const AccountKey& key, std::int64_t now_ms) {
  return key.state != PairState::kRetired &&
         (key.state != PairState::kRetiring || !key.retires_at_ms || now_ms < *key.retires_at_ms);
}

}  // namespace

bool Scene::has(std::string_view cause) const {
  return std::ranges::find(causes, cause) != causes.end();
}

std::vector<const AccountKey*> Scene::all_keys() const {
  std::vector<const AccountKey*> keys{&estate.key};
  for (const AccountKey& key : estate.predecessors) {
    keys.push_back(&key);
  }
  for (const AccountKey& key : estate.other_keys) {
    keys.push_back(&key);
  }
  return keys;
}

std::vector<const AccountKey*> Scene::verifying() const {
  std::vector<const AccountKey*> keys;
  if (named == nullptr) {
    return keys;
  }
  keys.push_back(named);
  for (const AccountKey* key : all_keys()) {
    if (key != named && key->api_key == named->api_key && verifies(*key, now_ms)) {
      keys.push_back(key);
    }
  }
  return keys;
}

std::optional<std::int64_t> Scene::stamp_ms() const {
  if (!reading.timestamp) {
    return std::nullopt;
  }
  if (request.transport == Transport::kFix) {
    const auto us = fix_time_us(*reading.timestamp);
    return us ? std::optional(*us / 1000) : std::nullopt;
  }
  if (!is_digits(*reading.timestamp) || reading.timestamp->size() > kStampDigitsMax) {
    return std::nullopt;
  }
  const std::int64_t number = std::strtoll(reading.timestamp->c_str(), nullptr, 10);
  return number < kMicrosecondsFrom ? number : number / 1000;
}

double Scene::window_ms() const {
  if (!reading.recv_window) {
    return kWindowDefaultMs;
  }
  char* end = nullptr;
  const double window = std::strtod(reading.recv_window->c_str(), &end);
  const bool whole = end != nullptr && *end == '\0' && end != reading.recv_window->c_str();
  return whole && window > 0 ? std::min(window, kWindowMaxMs) : kWindowDefaultMs;
}

std::string Scene::host() const {
  return std::string(header_of(request, "host").value_or("api.binance.com"));
}

}  // namespace counterfoil::autopsy
