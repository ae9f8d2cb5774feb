#include "authority/autopsy_estate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/autopsy_queue.h"
#include "authority/issuer.h"
#include "authority/sealer.h"
#include "authority/secret_job.h"
#include "autopsy/evidence.h"
#include "autopsy/reading.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "base/trim.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

// What may stand around an API key in a header.
constexpr std::string_view kAround = " \t\r\n\"'";

using autopsy::AccountKey;
using autopsy::PairState;

constexpr std::size_t kNamesMax = 16;  // looked up for one request
constexpr std::size_t kSecretBytesMin = 32;
constexpr std::size_t kSecretBytesMax = 128;

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// add_ids collects what looks like an API key in a text: 64 letters and digits by themselves.
void add_ids(std::string_view text, std::vector<std::string_view>& ids) {
  while (!text.empty() && ids.size() < kNamesMax) {
    const auto begin =
        static_cast<std::size_t>(std::ranges::find_if(text, is_id_character) - text.begin());
    text.remove_prefix(begin);
    const auto size =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_id_character) - text.begin());
    if (size == ApiKeyId::kSize) {
      ids.push_back(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
}

std::int64_t ms(Timestamp time) { return to_unix_ms(time); }

PairState state_of(const ApiKey& key, const KeyPair& pair, Timestamp now) {
  if (pair.retires_at) {
    return pair.verifies_at(now) ? PairState::kRetiring : PairState::kRetired;
  }
  switch (key.state) {
    case KeyState::kActive:
      return PairState::kActive;
    case KeyState::kSuspended:
      return PairState::kSuspended;
    case KeyState::kRevoked:
      return PairState::kRevoked;
  }
  std::unreachable();
}

}  // namespace

std::optional<ApiKey> owner_of(const Issuer& issuer, const Sealer& sealer,
                               const autopsy::RefusedRequest& request, const OwnerFilter& filter) {
  std::vector<std::string_view> ids;
  for (const auto& [name, value] : request.headers) {
    add_ids(value, ids);
  }
  add_ids(request.query, ids);
  add_ids(request.body, ids);
  add_ids(request.message, ids);
  for (const std::string_view id : ids) {
    if (auto key = issuer.stored_key(std::string(id)); key && filter(key->key)) {
      return std::move(key->key);
    }
  }
  // A secret in the place of the API key is found by its hash.
  const std::string_view sent =
      trim(autopsy::header_of(request, request.names.api_key_header).value_or(""), kAround);
  if (sent.size() < kSecretBytesMin || sent.size() > kSecretBytesMax) {
    return std::nullopt;
  }
  auto key = issuer.key_of_pair(sealer.lookup_hash(sent));
  return key && filter(*key) ? std::move(key) : std::nullopt;
}

std::optional<ApiKey> find_owner(const Issuer& issuer, const Sealer& sealer,
                                 const RefusedCopy& refused) {
  if (!refused.api_key.empty()) {
    auto key = issuer.stored_key(refused.api_key);
    return key ? std::optional(std::move(key->key)) : std::nullopt;
  }
  return owner_of(issuer, sealer, refused.request, [](const ApiKey&) { return true; });
}

std::string lacking_permission(PermissionSet asked, const ApiKey& key,
                               const PermissionTable& permissions) {
  return asked.empty() || asked.intersects(key.permissions) ? std::string()
                                                            : permissions.names(asked).front();
}

// Opener adds pair after pair.
class OpenedEstate::Opener {
 public:
  Opener(OpenedEstate& out, const Sealer& sealer, const PermissionTable& permissions, Timestamp now)
      : out_(out), sealer_(sealer), permissions_(permissions), now_(now) {}

  AccountKey account_key(const ApiKey& key, const KeyPair& pair) {
    AccountKey made{.api_key = std::string(key.id.text()),
                    .scheme = pair.scheme,
                    .secret = {},
                    .public_key = std::nullopt,
                    .state = state_of(key, pair, now_),
                    .environment = {},
                    .permissions = permissions_.names(key.permissions),
                    .allow_list = {},
                    .symbols = key.symbols,
                    .products = {},
                    .expires_at_ms = {},
                    .retires_at_ms = {}};
    for (const Cidr& network : key.allow_list.networks()) {
      made.allow_list.push_back(network.to_string());
    }
    if (key.expires_at) {
      made.expires_at_ms = ms(*key.expires_at);
    }
    if (pair.retires_at) {
      made.retires_at_ms = ms(*pair.retires_at);
    }
    if (pair.scheme != Scheme::kHmacSha256) {
      auto known = PublicKey::from_stored(pair.public_key);
      made.public_key = known ? std::optional(std::move(*known)) : std::nullopt;
    } else if (auto secret = sealer_.open_secret(key, pair)) {
      out_.secrets_.push_back(std::move(*secret));
      made.secret = SecretJob::lent_text(out_.secrets_.back());
    }
    return made;
  }

  // Of an API key's pairs the newest stands last.
  void add(const ApiKey& key, AccountKey& newest, std::vector<AccountKey>& older) {
    for (std::size_t i = 0; i < key.pairs.size(); ++i) {
      AccountKey made = account_key(key, key.pairs[i]);
      if (i + 1 == key.pairs.size()) {
        newest = std::move(made);
      } else {
        older.push_back(std::move(made));
      }
    }
  }

 private:
  OpenedEstate& out_;
  const Sealer& sealer_;
  const PermissionTable& permissions_;
  Timestamp now_;
};

OpenedEstate OpenedEstate::open(const ApiKey& key, const Issuer& issuer, const Sealer& sealer,
                                const PermissionTable& permissions, Timestamp now) {
  OpenedEstate opened;
  Opener opener(opened, sealer, permissions, now);
  opener.add(key, opened.estate_.key, opened.estate_.predecessors);
  auto others = issuer.keys_of(std::string(key.account.text()));
  if (!others) {
    return opened;  // what needs them stays unknown
  }
  std::erase_if(*others, [&](const ApiKey& other) { return other.id == key.id; });
  std::ranges::sort(*others, std::ranges::greater(), &ApiKey::created);
  for (const ApiKey& other : *others | std::views::take(kOthersMax)) {
    AccountKey newest;
    opener.add(other, newest, opened.estate_.other_keys);
    opened.estate_.other_keys.push_back(std::move(newest));
  }
  return opened;
}

}  // namespace counterfoil
