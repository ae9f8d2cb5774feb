#include "authority/request_relay.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "outbound/http_client.h"
#include "policy/profile.h"
#include "policy/route.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

// What an answer tells of itself; nothing that has a meaning to a browser, such as cookies.
constexpr auto kRelayedHeaders = std::to_array<std::string_view>(
    {"content-type", "date", "deprecation", "retry-after", "sunset", "x-counterfoil-request-id"});
constexpr std::size_t kHeaderBytesMax = 256;

// Visible ASCII, so that nothing in it ends the line it stands on.
bool is_target(std::string_view target) {
  return target.starts_with('/') && target.size() <= RequestRelay::kTargetBytesMax &&
         std::ranges::all_of(target, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
}

RelayedAnswer shown(HttpReply reply) {
  RelayedAnswer answer{.status = reply.status, .headers = {}, .body = std::move(reply.body)};
  std::ranges::copy_if(reply.headers, std::back_inserter(answer.headers), [](const auto& header) {
    return std::ranges::find(kRelayedHeaders, header.first) != kRelayedHeaders.end() &&
           header.second.size() <= kHeaderBytesMax;
  });
  answer.is_cut = answer.body.size() > RequestRelay::kShownBytesMax;
  if (answer.is_cut) {
    answer.body.resize(RequestRelay::kShownBytesMax);
  }
  return answer;
}

}  // namespace

std::expected<void, Problem> RequestRelay::check(const TriedRequest& call,
                                                 const Profile& profile) const {
  if (call.method != "GET") {
    return problem(Kind::kInvalid, "relay_method",
                   "from here only GET requests can be tried, which change nothing; send others "
                   "from your own program");
  }
  if (!is_target(call.target)) {
    return problem(Kind::kInvalid, "relay_target",
                   "the target is the path and query of the request, as it was signed: it begins "
                   "with \"/\" and has at most 4,096 visible ASCII characters");
  }
  const std::string_view path = std::string_view(call.target).substr(0, call.target.find('?'));
  const Route* const route = profile.find(Method::kGet, path);
  if (route == nullptr || route->security != Security::kSigned || route->effect != Effect::kRead) {
    return problem(Kind::kInvalid, "relay_route",
                   "the profile has no signed route for GET of this path that only reads");
  }
  const auto stored = parts_.issuer.stored_key(call.api_key);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  if (!stored->key.allow_list.is_any()) {
    return problem(Kind::kConflict, "relay_key_bound",
                   "this API key has an allow-list, and the gateway would see this node's address "
                   "instead of yours; try the key from one of its own addresses");
  }
  return {};
}

std::expected<void, Problem> RequestRelay::count(std::string_view session) {
  const BootTime now = parts_.clock.boot_now();
  const std::scoped_lock lock(mutex_);
  while (!sent_.empty() && now - sent_.front().at >= kPer) {
    sent_.pop_front();
  }
  const auto of_session =
      static_cast<std::size_t>(std::ranges::count(sent_, session, &Sent::session));
  if (of_session < kOfSessionMax && sent_.size() < kOfAllMax) {
    sent_.push_back({.at = now, .session = std::string(session)});
    return {};
  }
  const auto oldest = of_session < kOfSessionMax
                          ? sent_.begin()
                          : std::ranges::find(sent_, session, &Sent::session);
  auto busy = problem(Kind::kBusy, "relay_busy",
                      "too many requests were tried from the console within a minute; wait, or "
                      "send them from your own program");
  busy.error().retry_after = std::chrono::ceil<std::chrono::seconds>(oldest->at + kPer - now);
  return busy;
}

std::expected<RelayedAnswer, Problem> RequestRelay::relay(std::string_view session,
                                                          const TriedRequest& call) {
  if (!parts_.can_send()) {
    return problem(Kind::kNotFound, "relay_not_served",
                   "this node's gateway cannot be called from here; send the request from your own "
                   "program");
  }
  const Profile profile = parts_.profile();
  if (auto fine = check(call, profile); !fine) {
    return std::unexpected(std::move(fine.error()));
  }
  if (auto fine = count(session); !fine) {
    return std::unexpected(std::move(fine.error()));
  }
  auto reply = parts_.send({.method = call.method,
                            .target = call.target,
                            .headers = {{profile.signing().api_key_header, call.api_key}},
                            .body = {},
                            .reply_body_bytes_max = kAnswerBytesMax});
  if (!reply) {
    return problem(Kind::kUnavailable, "relay_failed",
                   "the gateway was asked and gave no answer that can be shown here; whether the "
                   "request was accepted, the usage of the API key tells");
  }
  return shown(std::move(*reply));
}

}  // namespace counterfoil
