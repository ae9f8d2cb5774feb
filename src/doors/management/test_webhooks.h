#pragma once

#include <expected>
#include <string>

#include "authority/audited_registry.h"
#include "authority/sealer.h"
#include "authority/webhook_sender.h"
#include "authority/webhooks.h"
#include "base/random.h"
#include "base/time.h"
#include "journal/journal.h"
#include "outbound/http_client.h"
#include "registry/registry.h"

// For tests alone: webhooks whose receivers take everything.
namespace counterfoil::management_test {

struct TestWebhooks {
  // Everything must outlive it.
  TestWebhooks(AuditedRegistry& audited, Registry& registry, const Journal& journal, Sealer& sealer,
               RandomSource& random, const Clock& clock)
      : sender({.audited = audited,
                .registry = registry,
                .journal = journal,
                .sealer = sealer,
                .random = random,
                .clock = clock,
                .send =
                    [](const std::string& /*url*/, const HttpCall& /*call*/) {
                      return std::expected<HttpReply, std::string>(
                          HttpReply{.status = 204, .headers = {}, .body = {}});
                    }}),
        webhooks({.audited = audited,
                  .sealer = sealer,
                  .random = random,
                  .sender = sender,
                  .check_url = [](const std::string& url) -> std::expected<void, std::string> {
                    return url.starts_with("https://")
                               ? std::expected<void, std::string>()
                               : std::unexpected(std::string("wants https"));
                  }}) {}

  WebhookSender sender;
  Webhooks webhooks;
};

}  // namespace counterfoil::management_test
