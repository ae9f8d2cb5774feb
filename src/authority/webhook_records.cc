#include "authority/webhook_records.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/webhook.h"
#include "authority/new_session.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/time.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

std::unexpected<Problem> unreadable() {
  return problem(Problem::Kind::kUnavailable, "record_unreadable",
                 "the record of a webhook cannot be read by this version: use the version that "
                 "wrote it");
}

// The newest has the greatest time and gives the smallest id.
std::string newest_first(Timestamp made) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  std::uint64_t rest = ~static_cast<std::uint64_t>(to_unix_us(made));
  for (std::uint8_t& byte : std::views::reverse(bytes)) {
    byte = static_cast<std::uint8_t>(rest & 0xffU);
    rest >>= 8U;
  }
  return to_hex(bytes);
}

}  // namespace

Write webhook_write(const Webhook& webhook, std::uint64_t expected_modified) {
  const std::string& account = webhook.account.text();
  return {
      .kind = RecordKind::kWebhook,
      .id = webhook.id,
      .bytes = encode_webhook(webhook),
      .expected_modified = expected_modified,
      .indexes = {
          {.index = std::string(kWebhookAccountIndex), .value = account, .rule = IndexRule::kMany},
          {.index = std::string(kWebhookSlotIndex),
           .value = account + "/" + std::to_string(webhook.slot),
           .rule = IndexRule::kUnique}}};
}

Found<Webhook> find_webhook(const Registry& registry, std::string_view id) {
  const auto record = registry.find(RecordKind::kWebhook, id);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return std::nullopt;
  }
  auto webhook = decode_webhook((*record)->bytes);
  if (!webhook) {
    return unreadable();
  }
  return Stored<Webhook>{.value = std::move(*webhook), .modified = (*record)->modified};
}

std::expected<std::vector<Stored<Webhook>>, Problem> webhooks_of(const Registry& registry,
                                                                 std::string_view account) {
  const auto records = registry.find_by_index(kWebhookAccountIndex, account);
  if (!records) {
    return problem_of(records.error());
  }
  std::vector<Stored<Webhook>> webhooks;
  for (const Record& record : *records) {
    auto webhook = decode_webhook(record.bytes);
    if (!webhook) {
      return unreadable();
    }
    webhooks.push_back({.value = std::move(*webhook), .modified = record.modified});
  }
  std::ranges::sort(webhooks, {}, [](const Stored<Webhook>& one) {
    return std::pair(one.value.created, std::string_view(one.value.id));
  });
  return webhooks;
}

std::string delivery_prefix(std::string_view webhook) { return std::string(webhook) + ":"; }

std::expected<std::string, Problem> delivery_record_id(std::string_view webhook, Timestamp made,
                                                       RandomSource& random) {
  const auto id = new_id(random);
  if (!id) {
    return no_randomness();
  }
  return delivery_prefix(webhook) + newest_first(made) + "-" + *id;
}

Write delivery_write(const StoredDelivery& delivery) {
  return {.kind = RecordKind::kWebhookDelivery,
          .id = delivery.record_id,
          .bytes = encode_webhook_delivery(delivery.value),
          .expected_modified = delivery.modified};
}

Write delivery_erase(const StoredDelivery& delivery) {
  return {.kind = RecordKind::kWebhookDelivery,
          .id = delivery.record_id,
          .expected_modified = delivery.modified};
}

std::expected<std::vector<StoredDelivery>, Problem> deliveries_of(const Registry& registry,
                                                                  std::string_view webhook,
                                                                  std::size_t limit) {
  const std::string prefix = delivery_prefix(webhook);
  auto records = registry.list(RecordKind::kWebhookDelivery, prefix, limit);
  if (!records) {
    return problem_of(records.error());
  }
  std::vector<StoredDelivery> deliveries;
  for (Record& record : *records) {
    if (!record.id.starts_with(prefix)) {
      break;
    }
    if (auto delivery = decode_webhook_delivery(record.bytes)) {
      deliveries.push_back({.record_id = std::move(record.id),
                            .value = std::move(*delivery),
                            .modified = record.modified});
    }
  }
  return deliveries;
}

}  // namespace counterfoil
