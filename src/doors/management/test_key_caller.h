#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/acceptance.h"
#include "authority/gatekeeper.h"
#include "authority/management_keys.h"
#include "authority/replay_memory.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "keys/key_format.h"
#include "policy/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"

// For tests alone: programs with API keys in front of the management API, and people beside them.
namespace counterfoil::management_test {

// TestKey is an HMAC key and its secret.
struct TestKey {
  std::string id;
  std::string secret;
};

// SignedText is a query and a body as they are sent, signed or tampered with.
struct SignedText {
  std::string query;
  std::string body;
};

class KeyCallerTest : public ConsoleTest {
 protected:
  KeyCallerTest()
      : address_limits_(profile_.limits(), {}),
        account_limits_(profile_.limits(), {}),
        bad_signatures_(profile_.limits(), {}) {
    const BootTime boot = clock_.boot_now();
    acceptance_.extend(boot + std::chrono::hours(24), Acceptance::offset_of(clock_.now(), boot));
    gatekeeper_ = std::make_shared<Gatekeeper>(Gatekeeper::Parts{.replica = *replica_,
                                                                 .replays = replays_,
                                                                 .address_limits = address_limits_,
                                                                 .account_limits = account_limits_,
                                                                 .bad_signatures = bad_signatures_,
                                                                 .profile = profile_,
                                                                 .format = format_,
                                                                 .clock = clock_,
                                                                 .acceptance = acceptance_,
                                                                 .seal_refusal = {}});
    keys_.emplace(ManagementKeys::Parts{.gatekeeper = [this] { return gatekeeper_; },
                                        .replica = *replica_,
                                        .registry = *people_.registry,
                                        .recorder = recorder_,
                                        .clock = clock_});
    ManagementApi::Parts with_keys = parts();
    with_keys.people.emplace(PeopleDesk{.sign_in = people_.sign_in,
                                        .sessions = people_.sessions,
                                        .people = people_.people,
                                        .party = people_.party});
    with_keys.keys = &*keys_;
    api_.emplace(std::move(with_keys));
  }

  // management_key is made over the admin socket, by whoever runs the node.
  TestKey management_key(const std::string& account, const std::string& permissions,
                         const std::string& allow_list = "203.0.113.0/24") {
    const Reply made = post("/api/v1/keys", nlohmann::json{{"account", account},
                                                           {"type", "hmac-sha256"},
                                                           {"label", permissions},
                                                           {"permissions", {permissions}},
                                                           {"allow_list", {allow_list}}}
                                                .dump());
    EXPECT_EQ(made.status, 201) << made.body;
    return {.id = made.text("api_key"), .secret = made.text("secret")};
  }

  static std::string mac(const TestKey& key, std::string_view payload) {
    return to_hex(HmacKey::from_secret(as_bytes(key.secret)).value().mac(as_bytes(payload)));
  }
  // signed_text stamps and signs as docs/automation.md says. `query` is without signature.
  SignedText signed_text(const TestKey& key, std::string query, std::string body = {}) const {
    query += (query.empty() ? "" : "&") + ("timestamp=" + std::to_string(to_unix_ms(clock_.now())));
    const std::string signature = mac(key, query + body);
    return {.query = query + "&signature=" + signature, .body = std::move(body)};
  }
  Reply send_signed(const TestKey& key, http::Method method, std::string_view path,
                    const SignedText& sent, std::string_view address = "203.0.113.7") {
    const std::string request_id = "request-" + std::to_string(++sent_);
    ApiAnswer answer =
        api_->answer({.method = method,
                      .path = path,
                      .query = sent.query,
                      .content_type = sent.body.empty() ? "" : "application/json",
                      .if_match = {},
                      .body = sent.body,
                      .request_id = request_id,
                      .actor = {},
                      .signature = CallSignature{.api_key = key.id,
                                                 .headers = {},
                                                 .client = "script/1",
                                                 .address = *IpAddress::parse(address),
                                                 .last_event_id = {}}});
    Reply reply{.status = answer.status,
                .json = {},
                .body = std::string(std::string_view(answer.body)),
                .headers = answer.headers};
    if (answer.stream) {
      answer.stream([&](std::string_view piece) {
        reply.body += piece;
        return !answer.is_endless;
      });
    } else {
      reply.json = nlohmann::json::parse(reply.body, nullptr, false);
    }
    return reply;
  }
  // by_key makes a whole call; each is stamped a millisecond later, as no two are the same.
  Reply by_key(const TestKey& key, http::Method method, std::string_view target,
               std::string body = {}) {
    clock_.advance(std::chrono::milliseconds(1));
    const auto question = target.find('?');
    const std::string_view path = target.substr(0, question);
    std::string query(question == std::string_view::npos ? "" : target.substr(question + 1));
    if (method != http::Method::kGet) {
      query += (query.empty() ? "call=" : "&call=") + std::string(http::method_name(method)) + ":" +
               std::string(path);
    }
    return send_signed(key, method, path, signed_text(key, std::move(query), std::move(body)));
  }
  // refused_reasons drains what was recorded and gives the true reasons, newest first.
  std::vector<std::string> refused_reasons() {
    EXPECT_TRUE(recorder_.drain(*journal_).has_value());
    std::vector<std::string> reasons;
    const auto refused = journal_->refusals({.limit = 100});
    for (const RefusalRow& row : refused.value()) {
      reasons.push_back(row.reason_name);
    }
    return reasons;
  }

  // told is what a caller is told, less the id of the request.
  static std::string told(const Reply& reply) {
    nlohmann::json json = reply.json;
    json.erase("request_id");
    return json.dump();
  }

  KeyFormat format_;
  ReplayMemory replays_{1'000};
  AddressLimits address_limits_;
  AccountLimits account_limits_;
  BadSignatures bad_signatures_;
  Acceptance acceptance_;
  Recorder recorder_;
  std::shared_ptr<Gatekeeper> gatekeeper_;
  std::optional<ManagementKeys> keys_;
  int sent_ = 0;
};

}  // namespace counterfoil::management_test
