#include "app/remote/next_request.h"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "app/command_context.h"
#include "app/remote/key_lookup.h"
#include "app/remote/key_view.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "base/time.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookAgain{500};
constexpr std::chrono::seconds kForFindings{10};  // what an autopsy takes at most, on a busy node

using MaybeRequest = std::expected<std::optional<NextRequest>, Failure>;

// accepted_after looks into the use of the key, whose clients stand latest first.
MaybeRequest accepted_after(const NodeApi& api, const NodeJson& key, Timestamp since,
                            Timestamp& at) {
  const auto usage = api.get(key_target(key, "usage"));
  if (!usage) {
    return std::unexpected(usage.error());
  }
  const NodeJson clients = usage->value("clients", NodeJson::array());
  const auto last = clients.empty() ? std::nullopt : time_member(clients.front(), "last_at");
  if (!last || *last <= since) {
    return std::nullopt;
  }
  at = *last;
  return NextRequest{.accepted = true,
                     .address = member(clients.front(), "address"),
                     .route = member(clients.front(), "route"),
                     .refusal = {}};
}

MaybeRequest refused_after(const NodeApi& api, const NodeJson& key, Timestamp since,
                           Timestamp& at) {
  const auto list = api.get("/api/v1/refusals?limit=1&api_key=" + member(key, "api_key") +
                            "&since=" + time_text(since));
  if (!list) {
    return std::unexpected(list.error());
  }
  const NodeJson items = list->value("items", NodeJson::array());
  const auto time = items.empty() ? std::nullopt : time_member(items.front(), "time");
  if (!time || *time <= since) {
    return std::nullopt;
  }
  at = *time;
  return NextRequest{.accepted = false, .address = {}, .route = {}, .refusal = items.front()};
}

// with_findings waits for the autopsy of a refused request.
std::expected<NextRequest, Failure> with_findings(const NodeApi& api, NextRequest next) {
  const auto until = steady_clock::now() + kForFindings;
  const std::string target = "/api/v1/refusals/" + member(next.refusal, "request_id");
  while (true) {
    auto shown = api.get(target);
    if (!shown) {
      return std::unexpected(shown.error());
    }
    const bool is_examined = !shown->value("findings", NodeJson()).is_null();
    next.refusal = std::move(*shown);
    if (is_examined || steady_clock::now() >= until) {
      return next;
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace

std::expected<NextRequest, Failure> wait_for_request(const NodeApi& api, CommandContext& context,
                                                     const NodeJson& key, Timestamp since) {
  context.say("Waiting for the next request of " + key_name(key) + " ...");
  const auto until = steady_clock::now() + kWaitForRequest;
  while (steady_clock::now() < until) {
    Timestamp accepted_at;
    Timestamp refused_at;
    auto accepted = accepted_after(api, key, since, accepted_at);
    if (!accepted) {
      return std::unexpected(accepted.error());
    }
    auto refused = refused_after(api, key, since, refused_at);
    if (!refused) {
      return std::unexpected(refused.error());
    }
    if (*refused && (!*accepted || refused_at > accepted_at)) {
      return with_findings(api, std::move(**refused));
    }
    if (*accepted) {
      return std::move(**accepted);
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  return std::unexpected(Failure{
      ExitCode::kCannotTell, "no request came within " + std::to_string(kWaitForRequest.count()) +
                                 " minutes; send one and ask again"});
}

}  // namespace counterfoil
