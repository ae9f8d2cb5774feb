#include <cstddef>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

// page_of decodes the records of one page. A full page has a next one, even if none of its records
// could be read.
KeyPage page_of(const std::vector<Record>& records, std::size_t limit,
                const PermissionTable& permissions) {
  KeyPage page;
  for (const Record& record : records) {
    if (record.kind != RecordKind::kApiKey) {
      continue;
    }
    if (auto key = decode_api_key(record.bytes, permissions)) {
      page.keys.push_back({.key = std::move(*key), .version = record.modified});
    } else {
      ++page.unreadable;
    }
  }
  if (!records.empty() && records.size() >= limit) {
    page.next = records.back().id;
  }
  return page;
}

std::vector<ApiKey> without_versions(KeyPage page) {
  std::vector<ApiKey> listed;
  listed.reserve(page.keys.size());
  for (VersionedKey& stored : page.keys) {
    listed.push_back(std::move(stored.key));
  }
  return listed;
}

}  // namespace

Issuer::Result<VersionedKey> Issuer::load_key(const std::string& id, OnlyIf only_if) const {
  if (!ApiKeyId::parse(id)) {
    return no_such_key();
  }
  const auto record = registry_.read().find(RecordKind::kApiKey, id);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return no_such_key();
  }
  auto key = decode_api_key((*record)->bytes, permissions_);
  if (!key) {
    return problem(Kind::kUnavailable, "record_unreadable",
                   "the API key's record cannot be read (another profile, a newer version, or "
                   "damage); the key is refused until it can");
  }
  if (only_if && *only_if != (*record)->modified) {
    return problem(Kind::kChanged, "changed_meanwhile",
                   "the API key was changed since you looked at it; look again and decide anew");
  }
  return VersionedKey{.key = std::move(*key), .version = (*record)->modified};
}

Issuer::Result<VersionedKey> Issuer::stored_key(const std::string& id) const {
  return load_key(id);
}

Issuer::Result<ApiKey> Issuer::find_key(const std::string& id_or_label) const {
  if (ApiKeyId::parse(id_or_label)) {
    auto stored = load_key(id_or_label);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    return std::move(stored->key);
  }
  auto page = keys_labelled(id_or_label);
  if (!page) {
    return std::unexpected(page.error());
  }
  std::vector<ApiKey> keys = without_versions(std::move(*page));
  if (keys.size() > 1) {
    std::erase_if(keys, [](const ApiKey& key) { return key.state == KeyState::kRevoked; });
  }
  if (keys.empty()) {
    return no_such_key();
  }
  if (keys.size() > 1) {
    return problem(
        Kind::kInvalid, "label_ambiguous",
        "several API keys have this label; name the key by its id (`counterfoil keys list`)");
  }
  return std::move(keys.front());
}

Issuer::Result<KeyPage> Issuer::key_page(const std::string& after, std::size_t limit) const {
  const auto records = registry_.read().list(RecordKind::kApiKey, after, limit);
  if (!records) {
    return problem_of(records.error());
  }
  return page_of(*records, limit, permissions_);
}

Issuer::Result<KeyPage> Issuer::indexed(std::string_view index, const std::string& value) const {
  if (value.empty() || value.size() > kIndexValueBytesMax) {
    return KeyPage{};  // no record has such a value
  }
  const auto records = registry_.read().find_by_index(index, value);
  if (!records) {
    return problem_of(records.error());
  }
  return page_of(*records, records->size() + 1, permissions_);
}

Issuer::Result<KeyPage> Issuer::key_page_of(const std::string& account) const {
  return indexed(kAccountIndex, account);
}

Issuer::Result<KeyPage> Issuer::keys_labelled(const std::string& label) const {
  return indexed(kLabelIndex, label);
}

std::optional<ApiKey> Issuer::key_of_pair(const Digest& lookup_hash) const {
  auto page = indexed(kLookupIndex, to_hex(lookup_hash));
  return page && !page->keys.empty() ? std::optional(std::move(page->keys.front().key))
                                     : std::nullopt;
}

Issuer::Result<KeyPage> Issuer::descendants(const std::string& id) const {
  if (const auto maker = load_key(id); !maker) {
    return std::unexpected(maker.error());
  }
  KeyPage all;
  std::set<std::string> seen{id};
  std::vector<std::string> makers{id};
  while (!makers.empty()) {
    auto made = indexed(kParentIndex, makers.back());
    makers.pop_back();
    if (!made) {
      return made;
    }
    all.unreadable += made->unreadable;
    for (VersionedKey& child : made->keys) {
      if (seen.emplace(child.key.id.text()).second) {
        makers.emplace_back(child.key.id.text());
        all.keys.push_back(std::move(child));
      }
    }
  }
  return all;
}

Issuer::Result<std::vector<ApiKey>> Issuer::keys_of(const std::string& account) const {
  auto page = key_page_of(account);
  if (!page) {
    return std::unexpected(page.error());
  }
  return without_versions(std::move(*page));
}

Issuer::Result<std::vector<ApiKey>> Issuer::keys(const std::string& after,
                                                 std::size_t limit) const {
  auto page = key_page(after, limit);
  if (!page) {
    return std::unexpected(page.error());
  }
  return without_versions(std::move(*page));
}

}  // namespace counterfoil
