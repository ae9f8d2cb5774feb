#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/webhook.h"  // IWYU pragma: export
#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "authority/webhook_records.h"
#include "authority/webhook_sender.h"
#include "base/random.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

struct Actor;

// Webhooks makes and changes the webhooks of accounts; WebhookSender tells them. What it is asked
// for, somebody else has allowed. Safe to call from any thread; calls block on the store, and on
// the resolver where an URL is given.
class Webhooks {
 public:
  static constexpr std::size_t kSecretBytes = 32;

  // Everything must outlive it. `check_url` says in a sentence why an URL is no receiver's (control
  // S-77).
  struct Parts {
    AuditedRegistry& audited;
    Sealer& sealer;
    RandomSource& random;
    WebhookSender& sender;
    std::function<std::expected<void, std::string>(const std::string& url)> check_url;
  };
  explicit Webhooks(Parts parts) : parts_(std::move(parts)) {}

  template <typename T>
  using Result = std::expected<T, Problem>;

  struct Wish {
    std::string url;
    std::vector<std::string> events;  // names, at least one
  };
  struct Edit {
    std::optional<std::string> url = std::nullopt;
    std::optional<std::vector<std::string>> events = std::nullopt;
    std::optional<bool> is_on = std::nullopt;  // true also lets one go on that was stopped
  };
  // WithSecret: `secret` is the text that its holder gives to the receiver, shown this once (S-03).
  struct WithSecret {
    Webhook webhook;
    SecretBytes secret;
  };

  // of gives the webhooks of one account, the oldest first.
  [[nodiscard]] Result<std::vector<Webhook>> of(std::string_view account) const;
  // find: no_such_webhook.
  [[nodiscard]] Result<Webhook> find(std::string_view id) const;

  // create: no_such_account, url_refused, event_unknown, no_events, too_many_webhooks.
  [[nodiscard]] Result<WithSecret> create(const std::string& account, const Wish& wish,
                                          const Actor& actor);
  // edit: no_such_webhook, url_refused, event_unknown, no_events.
  [[nodiscard]] Result<Webhook> edit(const std::string& id, const Edit& edit, const Actor& actor);
  // rotate_secret makes a new secret; deliveries are signed with the old one, too, for
  // kWebhookOverlap.
  [[nodiscard]] Result<WithSecret> rotate_secret(const std::string& id, const Actor& actor);
  // erase takes its deliveries with it.
  [[nodiscard]] Result<void> erase(const std::string& id, const Actor& actor);

  // deliveries gives the newest of them, at most `limit`.
  [[nodiscard]] Result<std::vector<StoredDelivery>> deliveries(const std::string& id,
                                                               std::size_t limit) const;
  // test has it told of nothing but that it is told; redeliver of something once more, under the
  // same webhook-id. no_such_webhook, no_such_delivery, webhook_stopped, still_waiting,
  // too_many_waiting.
  [[nodiscard]] Result<StoredDelivery> test(const std::string& id, const Actor& actor);
  [[nodiscard]] Result<StoredDelivery> redeliver(const std::string& id, std::string_view delivery,
                                                 const Actor& actor);

  // delivery_name is what a delivery is called outside: the part of its record's id that is its
  // own.
  [[nodiscard]] static std::string delivery_name(const StoredDelivery& delivery);

 private:
  struct NewSecret {
    std::string sealed;
    SecretBytes shown;
  };
  [[nodiscard]] Result<Stored<Webhook>> stored(std::string_view id) const;
  [[nodiscard]] Result<NewSecret> new_secret(std::string_view id);
  [[nodiscard]] Result<void> check_account(const std::string& account) const;
  [[nodiscard]] Result<void> check_url(const std::string& url) const;
  [[nodiscard]] Result<Webhook> running(const std::string& id) const;
  [[nodiscard]] Result<void> store_new(Webhook& webhook, const AuditFact& fact);
  // change applies `apply` to the webhook as it is, and stores it; anew when somebody was quicker.
  [[nodiscard]] Result<Webhook> change(
      const std::string& id, const std::string& action, const Actor& actor,
      const std::function<void(Webhook& webhook, AuditFact& fact)>& apply);

  Parts parts_;
};

}  // namespace counterfoil
