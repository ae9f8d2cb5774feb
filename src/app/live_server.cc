#include "app/live_server.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/clock_probe.h"
#include "app/command_context.h"
#include "app/key_source.h"
#include "app/key_verdict.h"
#include "app/request_signer.h"
#include "app/server_answer.h"
#include "base/loopback.h"
#include "base/time.h"
#include "doors/rest/upstream_target.h"
#include "outbound/http_client.h"
#include "outbound/timed_call.h"
#include "policy/profile.h"
#include "policy/route.h"

namespace counterfoil {
namespace {

using std::chrono::microseconds;

constexpr int kOk = 200;
constexpr int kRedirects = 300;
constexpr int kClientFaults = 400;
constexpr int kNotFound = 404;
constexpr int kTooManyRequests = 429;
constexpr int kBanned = 418;
constexpr std::string_view kVendorTimePath = "/api/v3/time";
constexpr std::string_view kVendorRightsPath = "/sapi/v1/account/apiRestrictions";

// answer_fault says what an answer without a time is.
LiveServer::NoTime answer_fault(const std::string& url, const std::string& target,
                                const HttpReply& reply) {
  using Again = LiveServer::NoTime::Again;
  const std::string who = url + target + " answered HTTP " + std::to_string(reply.status);
  if (reply.status == kTooManyRequests || reply.status == kBanned) {
    return {
        who + ": the server takes no more requests from this address for now; wait, and try again",
        Again::kDoesNotHelp};
  }
  if (reply.status == kNotFound) {
    return {who +
                ": it does not tell the time there; is --url the origin of a REST API of this wire "
                "profile?",
            Again::kDoesNotHelp};
  }
  if (reply.status >= kRedirects && reply.status < kClientFaults) {
    return {who + ", a redirect to \"" + terminal_text(reply.header("location")) +
                "\", which is not followed; name the right origin with --url",
            Again::kDoesNotHelp};
  }
  return {who + ": no time is told; is the server well?", Again::kMayHelp};
}

std::string connect_advice(const UpstreamTarget& target) {
  return target.scheme == UpstreamTarget::Scheme::kHttps
             ? "; is it up, is --url right, and is its certificate one that this machine trusts "
               "(--ca-file names a private authority)?"
             : "; is it up, and is --url right?";
}

}  // namespace

std::expected<LiveServer, Failure> LiveServer::make(const std::string& url,
                                                    const std::string& ca_file) {
  const auto target = UpstreamTarget::parse(url);
  if (!target) {
    return std::unexpected(Failure{
        ExitCode::kUsage, "\"" + terminal_text(url) +
                              "\" is not the origin of a server; write --url https://host or "
                              "https://host:port, without a path"});
  }
  const bool is_tls = target->scheme == UpstreamTarget::Scheme::kHttps;
  if (!is_tls && !ca_file.empty()) {
    return std::unexpected(Failure{ExitCode::kUsage, "--ca-file is for https, and " +
                                                         target->url() + " is not; leave it out"});
  }
  HttpPeer peer{.host = target->host,
                .port = target->port,
                .authority = target->authority,
                .tls = is_tls,
                .authorities = ca_file};
  auto client = HttpClient::make(peer);
  if (!client) {
    return std::unexpected(Failure{ExitCode::kUsage, client.error()});
  }
  LiveServer server(std::move(peer), std::move(*client), target->url());
  server.advice_ = connect_advice(*target);
  server.world_ = vendor_host(target->host);
  const bool is_here =
      target->host == "localhost" || (target->address && is_loopback(*target->address));
  server.is_open_to_others_ = !is_tls && !is_here;
  return server;
}

std::expected<ClockProbe, LiveServer::NoTime> LiveServer::ask_time(
    const std::string& target) const {
  // The vendor tells microseconds to those who ask for them; other servers do not know the header.
  const auto timed = timed_call(
      peer_, {.target = target, .headers = {{"X-MBX-TIME-UNIT", "MICROSECOND"}}}, kPatience);
  const SystemClock clock;
  const Timestamp now = clock.now();
  const BootTime boot_now = clock.boot_now();
  if (!timed) {
    return std::unexpected(NoTime{timed.error() + advice_, NoTime::Again::kMayHelp});
  }
  const HttpReply& reply = timed->reply;
  if (reply.status != kOk) {
    return std::unexpected(answer_fault(url_, target, reply));
  }
  const auto told = parse_server_time(reply.body);
  if (!told) {
    return std::unexpected(NoTime{url_ + target + " answered something that " + told.error() +
                                      "; is --url the origin of a REST API of this wire profile?",
                                  NoTime::Again::kDoesNotHelp});
  }
  const auto us = [](BootClock::duration span) {
    return std::chrono::duration_cast<microseconds>(span);
  };
  return ClockProbe{.sent = now - us(boot_now - timed->sent_at),
                    .round_trip = us(timed->answered_at - timed->sent_at),
                    .server = told->time,
                    .resolution = told->resolution};
}

std::expected<HttpReply, std::string> LiveServer::ask_signed(const std::string& path,
                                                             std::vector<Parameter> parameters,
                                                             const KeySource::Signing& key,
                                                             const SigningRules& rules,
                                                             Timestamp now) const {
  const auto text = build_signed_query(key.signer, rules, std::move(parameters), now);
  if (!text) {
    return std::unexpected(text.error().sentence);
  }
  auto reply = client_.call(
      {.target = path + "?" + text->query, .headers = {{rules.api_key_header, key.api_key}}},
      kPatience);
  return reply ? std::move(reply) : std::unexpected(reply.error() + advice_);
}

std::string time_target(const Profile& profile) {
  const auto is_time = [](const Route& route) {
    return route.method == Method::kGet && route.security == Security::kPublic &&
           route.path.ends_with("/time");
  };
  const Route* const vendors = profile.find(Method::kGet, kVendorTimePath);
  if (vendors != nullptr && is_time(*vendors)) {
    return std::string(kVendorTimePath);
  }
  const auto found = std::ranges::find_if(profile.routes(), is_time);
  return found == profile.routes().end() ? std::string(kVendorTimePath) : found->path;
}

std::string rights_path(const Profile& profile) {
  const auto found =
      std::ranges::find(profile.routes(), Handler::kApiRestrictions, &Route::handler);
  return found == profile.routes().end() ? std::string(kVendorRightsPath) : found->path;
}

}  // namespace counterfoil
