#include "app/demo_tour.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/demo_keys.h"
#include "app/key_directory.h"
#include "app/node.h"
#include "app/request_signer.h"
#include "authority/issuer.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "doors/rest/upstream_target.h"
#include "journal/journal.h"
#include "outbound/http_client.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kJournalPatience{10'000};
constexpr milliseconds kJournalLookEvery{20};
constexpr milliseconds kAnswerPatience{15'000};
constexpr int kOk = 200;

// Went is how a step ended: nothing, or the sentence that says what was not as told.
using Went = std::expected<void, std::string>;

// Caller signs and sends requests of one API key.
struct Caller {
  std::string api_key;
  RequestSigner signer;
};

class Tour {
 public:
  Tour(const TourParts& parts, const HttpClient& gateway) : parts_(parts), gateway_(gateway) {}

  [[nodiscard]] bool run() {
    return step("Anybody may see the market", [this] { return show_market(); }) &&
           step("Signed orders, one with each type of key", [this] { return place_orders(); }) &&
           step("A request that was changed after it was signed",
                [this] { return send_changed_order(); }) &&
           step("A request that was signed too long ago", [this] { return send_late_request(); }) &&
           step("A key that is revoked is dead", [this] { return revoke_a_key(); });
  }

 private:
  template <typename Act>
  bool step(std::string_view title, Act act) {
    const Painter painter = parts_.context.err_painter();
    parts_.context.say();
    parts_.context.say(painter.paint(Paint::kBold, title));
    const Went went = act();
    if (!went) {
      parts_.context.note(Mark::kProblem, went.error());
    }
    return went.has_value();
  }

  [[nodiscard]] std::expected<HttpReply, std::string> send(const std::string& api_key,
                                                           const std::string& method,
                                                           const std::string& path,
                                                           const std::string& query) const {
    HttpCall call{.method = method, .target = query.empty() ? path : path + "?" + query};
    if (!api_key.empty()) {
      call.headers.emplace_back(parts_.rules.api_key_header, api_key);
    }
    return gateway_.call(call, kAnswerPatience);
  }

  [[nodiscard]] std::expected<SignedText, std::string> sign(const Caller& caller,
                                                            std::vector<Parameter> parameters,
                                                            Timestamp now) const {
    auto text = build_signed_query(caller.signer, parts_.rules, std::move(parameters), now);
    if (!text) {
      return std::unexpected(text.error().sentence);
    }
    return std::move(*text);
  }

  [[nodiscard]] std::expected<HttpReply, std::string> call(
      const Caller& caller, const std::string& method, const std::string& path,
      std::vector<Parameter> parameters = {}) const {
    const auto text = sign(caller, std::move(parameters), SystemClock().now());
    return text ? send(caller.api_key, method, path, text->query) : std::unexpected(text.error());
  }

  [[nodiscard]] static std::vector<Parameter> order() {
    return {{"symbol", "BTCUSDT"}, {"side", "BUY"}, {"type", "MARKET"}, {"quantity", "0.001"}};
  }

  [[nodiscard]] static std::string not_as_told(std::string_view what, const HttpReply& answer) {
    return fmt::format("{}: got {} {}", what, answer.status, answer.body);
  }

  [[nodiscard]] Went show_market() const {
    const auto answer = send("", "GET", "/api/v3/ticker/price", "symbol=BTCUSDT");
    if (!answer) {
      return std::unexpected(answer.error());
    }
    const auto price = nlohmann::json::parse(answer->body, nullptr, false);
    if (answer->status != kOk || !price.is_object() || !price.contains("price")) {
      return std::unexpected(not_as_told("the venue's price was to come back", *answer));
    }
    parts_.context.note(Mark::kDone, "GET /api/v3/ticker/price   BTCUSDT is at " +
                                         price["price"].get<std::string>());
    return {};
  }

  // Orders stamped before this start are refused, for whether they were received before is not
  // known. A stamp is in whole milliseconds, so it may be one earlier than the clock.
  void wait_until_orders_are_taken() const {
    const Timestamp from = parts_.node.status().accepts_changes_from + milliseconds(1);
    const auto left = from - SystemClock().now();
    if (left > left.zero()) {
      std::this_thread::sleep_for(left);
    }
  }

  [[nodiscard]] static std::expected<Caller, std::string> caller_of(const KeyDirectory& key) {
    auto signer = RequestSigner::open(key);
    if (!signer) {
      return std::unexpected(signer.error().sentence);
    }
    return Caller{.api_key = key.api_key, .signer = std::move(*signer)};
  }

  [[nodiscard]] Went place_orders() const {
    wait_until_orders_are_taken();
    for (const KeyDirectory& key : parts_.keys) {
      const auto caller = caller_of(key);
      const auto answer = caller ? call(*caller, "POST", "/api/v3/order", order())
                                 : std::unexpected(caller.error());
      if (!answer) {
        return std::unexpected(answer.error());
      }
      const auto placed = nlohmann::json::parse(answer->body, nullptr, false);
      if (answer->status != kOk || !placed.is_object() || !placed.contains("orderId")) {
        return std::unexpected(not_as_told("the order was to be accepted", *answer));
      }
      parts_.context.note(Mark::kDone,
                          fmt::format("{:<28} POST /api/v3/order   accepted: order {} {}",
                                      describe(key.scheme).display_name, placed["orderId"].dump(),
                                      placed.value("status", "")));
    }
    return {};
  }

  // expect_refusal checks what the caller was told, and asks the journal for the true reason.
  [[nodiscard]] Went expect_refusal(const HttpReply& answer, int code, Reason reason) const {
    const auto told = nlohmann::json::parse(answer.body, nullptr, false);
    if (answer.status == kOk || !told.is_object() || told.value("code", 0) != code) {
      return std::unexpected(not_as_told(fmt::format("{} was to come back", code), answer));
    }
    parts_.context.note(Mark::kDone,
                        fmt::format("the caller is told   {} {}", answer.status, answer.body));
    const auto row = find_in_journal(std::string(answer.header("x-counterfoil-request-id")));
    if (!row) {
      return std::unexpected("the journal does not know the refused request " +
                             std::string(answer.header("x-counterfoil-request-id")));
    }
    if (row->reason != static_cast<std::uint16_t>(reason)) {
      return std::unexpected("the journal has another reason: " + row->reason_name);
    }
    const ReasonRow& described = describe(reason);
    parts_.context.say(
        fmt::format("  the owner is told    {}: {}", described.name, described.owner_text));
    parts_.context.say(fmt::format("                       {}", described.fix));
    return {};
  }

  [[nodiscard]] std::optional<RefusalRow> find_in_journal(const std::string& request_id) const {
    const SystemClock clock;
    const BootTime until = clock.boot_now() + kJournalPatience;
    while (clock.boot_now() < until) {
      if (auto row = parts_.node.journal().refusal(request_id); row && row->has_value()) {
        return std::move(*row);
      }
      std::this_thread::sleep_for(kJournalLookEvery);
    }
    return std::nullopt;
  }

  [[nodiscard]] Went send_changed_order() const {
    const auto caller = caller_of(parts_.keys.front());
    const auto text =
        caller ? sign(*caller, order(), SystemClock().now()) : std::unexpected(caller.error());
    if (!text) {
      return std::unexpected(text.error());
    }
    std::string query = text->query;
    const std::size_t quantity = query.find("quantity=0.001");
    query.replace(quantity, std::string_view("quantity=0.001").size(), "quantity=9.001");
    const auto answer = send(caller->api_key, "POST", "/api/v3/order", query);
    return answer ? expect_refusal(*answer, -1022, Reason::kSignatureWrong)
                  : std::unexpected(answer.error());
  }

  [[nodiscard]] Went send_late_request() const {
    constexpr std::chrono::seconds kLate{10};
    const auto caller = caller_of(parts_.keys.back());
    const auto text =
        caller ? sign(*caller, {}, SystemClock().now() - kLate) : std::unexpected(caller.error());
    if (!text) {
      return std::unexpected(text.error());
    }
    const auto answer = send(caller->api_key, "GET", "/api/v3/account", text->query);
    return answer ? expect_refusal(*answer, -1021, Reason::kTimestampLate)
                  : std::unexpected(answer.error());
  }

  // The tour revokes a key of its own, so that those of the demo go on.
  [[nodiscard]] std::expected<Caller, std::string> make_own_key() const {
    NewKey wanted;
    wanted.account = std::string(kDemoAccount);
    wanted.label = "tour";
    wanted.material.scheme = Scheme::kHmacSha256;
    wanted.permissions = "USER_DATA,TRADE";
    wanted.allow_list = std::string(kDemoAllowList);
    const auto issued = parts_.node.issuer().create_key(wanted, actor_);
    if (!issued) {
      return std::unexpected(issued.error().detail);
    }
    const auto& secret = issued->secret;
    if (!secret) {
      return std::unexpected("the new key came without a secret");
    }
    auto signer = RequestSigner::from_secret(*secret);
    if (!signer) {
      return std::unexpected(signer.error().sentence);
    }
    return Caller{.api_key = std::string(issued->key.id.text()), .signer = std::move(*signer)};
  }

  // place_resting_order places an order that waits in the book, a tenth below the price.
  [[nodiscard]] Went place_resting_order(const Caller& caller) const {
    const auto answer = send("", "GET", "/api/v3/ticker/price", "symbol=BTCUSDT");
    const auto ticker = answer ? nlohmann::json::parse(answer->body, nullptr, false)
                               : nlohmann::json(nlohmann::json::value_t::discarded);
    if (!ticker.is_object()) {
      return std::unexpected("the venue's price did not come back");
    }
    constexpr double kBelow = 0.9;
    const double price = std::floor(std::stod(ticker.value("price", "0")) * kBelow);
    const auto placed = call(caller, "POST", "/api/v3/order",
                             {{"symbol", "BTCUSDT"},
                              {"side", "BUY"},
                              {"type", "LIMIT"},
                              {"timeInForce", "GTC"},
                              {"quantity", "0.001"},
                              {"price", fmt::format("{:.2f}", price)}});
    if (!placed || placed->status != kOk) {
      return std::unexpected(placed ? not_as_told("the order was to rest", *placed)
                                    : placed.error());
    }
    parts_.context.note(Mark::kDone, "an order of it rests in the venue's book");
    return {};
  }

  // show_receipt says what the signed proof of the revocation says.
  [[nodiscard]] Went show_receipt(const std::optional<std::string>& receipt) const {
    const auto json = nlohmann::json::parse(receipt.value_or(""), nullptr, false);
    const auto told = json.is_object() ? json["receipt"]["upstream"] : nlohmann::json();
    if (!told.is_object() || told.value("canceled_orders", nlohmann::json()) != 1) {
      return std::unexpected("the venue was to cancel the order of the revoked key: " +
                             receipt.value_or("no receipt"));
    }
    parts_.context.note(Mark::kDone,
                        "its receipt is signed, and names the venue's answer: 1 order "
                        "cancelled");
    return {};
  }

  [[nodiscard]] Went revoke_a_key() const {
    const auto caller = make_own_key();
    const auto before =
        caller ? call(*caller, "GET", "/api/v3/account") : std::unexpected(caller.error());
    if (!before) {
      return std::unexpected(before.error());
    }
    if (before->status != kOk) {
      return std::unexpected(not_as_told("the new key was to be accepted", *before));
    }
    parts_.context.note(Mark::kDone, "a new key of the tour: GET /api/v3/account   accepted");
    if (const Went placed = place_resting_order(*caller); !placed) {
      return placed;
    }
    const SystemClock clock;
    const BootTime asked = clock.boot_now();
    const auto revoked =
        parts_.node.issuer().revoke_key(caller->api_key, "the tour shows a revocation", actor_);
    const auto took = std::chrono::duration<double, std::milli>(clock.boot_now() - asked).count();
    if (!revoked) {
      return std::unexpected(revoked.error().detail);
    }
    parts_.context.note(
        Mark::kDone,
        fmt::format("revoked: stored, and in force in every event loop, after {:.1f} ms", took));
    if (const Went proved = show_receipt(revoked->receipt); !proved) {
      return proved;
    }
    const auto after = call(*caller, "GET", "/api/v3/account");
    return after ? expect_refusal(*after, -2015, Reason::kApiKeyRevoked)
                 : std::unexpected(after.error());
  }

  TourParts parts_;
  const HttpClient& gateway_;
  Actor actor_{.name = "demo", .source = "local"};
};

}  // namespace

bool run_tour(const TourParts& parts) {
  const auto peer = UpstreamTarget::parse(parts.node.url());
  const auto gateway =
      peer
          ? HttpClient::make({.host = peer->host, .port = peer->port, .authority = peer->authority})
          : std::unexpected(peer.error());
  if (!gateway) {
    parts.context.note(Mark::kProblem, gateway.error());
    return false;
  }
  return Tour(parts, *gateway).run();
}

}  // namespace counterfoil
