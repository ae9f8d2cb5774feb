#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/webhook.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "base/random.h"
#include "registry/registry.h"

namespace counterfoil {

// How webhooks and their deliveries become records with their index entries
// (registry/index_names.h), and how they are found again.

[[nodiscard]] Write webhook_write(const Webhook& webhook, std::uint64_t expected_modified);
[[nodiscard]] Found<Webhook> find_webhook(const Registry& registry, std::string_view id);
// webhooks_of gives those of one account, the oldest first.
[[nodiscard]] std::expected<std::vector<Stored<Webhook>>, Problem> webhooks_of(
    const Registry& registry, std::string_view account);

// StoredDelivery is a delivery and where it is stored. Of one webhook, the newest has the smallest
// record id.
struct StoredDelivery {
  std::string record_id;
  WebhookDelivery value;
  std::uint64_t modified = 0;
};
[[nodiscard]] std::string delivery_prefix(std::string_view webhook);
// delivery_record_id is new each time; no_randomness.
[[nodiscard]] std::expected<std::string, Problem> delivery_record_id(std::string_view webhook,
                                                                     Timestamp made,
                                                                     RandomSource& random);
[[nodiscard]] Write delivery_write(const StoredDelivery& delivery);
[[nodiscard]] Write delivery_erase(const StoredDelivery& delivery);
// deliveries_of gives the deliveries of one webhook, the newest first, at most `limit`; what cannot
// be read is left out.
[[nodiscard]] std::expected<std::vector<StoredDelivery>, Problem> deliveries_of(
    const Registry& registry, std::string_view webhook, std::size_t limit);

}  // namespace counterfoil
