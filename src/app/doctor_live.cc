#include "app/doctor_live.h"

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/clock_probe.h"
#include "app/clock_verdict.h"
#include "app/command_context.h"
#include "app/gateway_url.h"
#include "app/key_directory.h"
#include "app/key_source.h"
#include "app/key_verdict.h"
#include "app/live_finding.h"
#include "app/live_report.h"
#include "app/live_server.h"
#include "app/node_settings.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "app/request_signer.h"
#include "app/server_answer.h"
#include "base/percent.h"
#include "base/time.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key_form.h"
#include "outbound/http_client.h"
#include "policy/profile.h"
#include "verify/claims.h"

namespace counterfoil {
namespace {

using Kind = LiveFinding::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kBetweenProbes{100};
constexpr seconds kWatchMin{10};
constexpr seconds kWatchMax = std::chrono::hours(24);
constexpr milliseconds kBetweenSamplesMin{1'000};
constexpr int kWatchSamplesMax = 600;
constexpr std::size_t kVainProbesMax = 2;  // without any answer: nobody is there
constexpr std::string_view kAccountPath = "/api/v3/account";
constexpr std::string_view kRequestIdHeader = "x-counterfoil-request-id";
constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kMethodUnknown = 405;

// Probing asks for the time and keeps what was told.
class Probing {
 public:
  Probing(const LiveServer& server, std::string target, CommandContext& context)
      : server_(server), target_(std::move(target)), context_(context) {}

  // burst asks `count` times. Failure: no answer had a time.
  [[nodiscard]] std::expected<void, Failure> burst(std::size_t count) {
    for (std::size_t i = 0; i < count && !has_ended_; ++i) {
      if (i != 0) {
        std::this_thread::sleep_for(kBetweenProbes);
      }
      context_.progress("asking " + server_.url() + " for its time: " + std::to_string(i + 1) +
                        " of " + std::to_string(count));
      ask();
      has_ended_ = has_ended_ || (probes_.empty() && failed_ >= kVainProbesMax);
    }
    context_.progress({});
    if (probes_.empty()) {
      return std::unexpected(Failure{ExitCode::kCannotTell, last_fault_});
    }
    return {};
  }

  // watch goes on asking for so long, or until the server wants no more of it.
  void watch(seconds duration) {
    const milliseconds pause =
        std::max<milliseconds>(kBetweenSamplesMin, milliseconds(duration) / kWatchSamplesMax);
    const BootTime begin = BootClock::now();
    const BootTime end = begin + duration;
    while (!has_ended_ && BootClock::now() + pause < end) {
      std::this_thread::sleep_for(pause);
      const auto gone = std::chrono::floor<seconds>(BootClock::now() - begin);
      context_.progress("watching the clock: " + span_words(gone.count()) + " of " +
                        span_words(duration.count()));
      ask();
    }
    context_.progress({});
    watched_ = std::chrono::round<seconds>(BootClock::now() - begin);
  }

  // recent gives the last answers, `count` of them at most.
  [[nodiscard]] std::span<const ClockProbe> recent(std::size_t count) const {
    return std::span(probes_).last(std::min(count, probes_.size()));
  }
  [[nodiscard]] std::span<const DriftSample> samples() const { return samples_; }
  [[nodiscard]] seconds watched() const { return watched_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] const std::string& last_fault() const { return last_fault_; }

 private:
  void ask() {
    const auto probe = server_.ask_time(target_);
    if (!probe) {
      ++failed_;
      last_fault_ = probe.error().sentence;
      has_ended_ = probe.error().again == LiveServer::NoTime::Again::kDoesNotHelp;
      return;
    }
    probes_.push_back(*probe);
    samples_.push_back({.at = BootClock::now(),
                        .offset = offset_of(*probe),
                        .round_trip = probe->round_trip,
                        .error = error_of(*probe)});
  }

  const LiveServer& server_;
  std::string target_;
  CommandContext& context_;
  std::vector<ClockProbe> probes_;
  std::vector<DriftSample> samples_;
  std::size_t failed_ = 0;
  std::string last_fault_;
  bool has_ended_ = false;
  seconds watched_{};
};

// KeyExamination finds out what the server makes of one API key.
class KeyExamination {
 public:
  KeyExamination(const LiveServer& server, const NodeSettings& settings,
                 const KeySource::Signing& key, const ClockEstimate& clock)
      : server_(server), settings_(settings), key_(key), clock_(clock) {
    const PublicKey* const public_key = key.signer.public_key();
    report_.api_key = key.api_key;
    report_.scheme = key.signer.scheme();
    report_.fingerprint = public_key == nullptr ? std::string() : public_key->fingerprint_text();
    report_.form = form_of(key.api_key, settings.key_format);
  }

  void run(std::vector<LiveFinding>& findings) {
    if (auto finding = judge_form(report_.form, server_.world())) {
      findings.push_back(*finding);
      if (finding->kind == Kind::kProblem) {
        return;
      }
    }
    if (server_.is_open_to_others()) {
      findings.push_back({.kind = Kind::kWarning,
                          .id = "plain_http",
                          .text = "the way to this server is plain HTTP: everybody on it can read "
                                  "and repeat signed requests",
                          .next = "use https"});
    }
    ask_rights(findings);
  }

  [[nodiscard]] LiveKeyReport& report() { return report_; }

 private:
  [[nodiscard]] std::expected<HttpReply, std::string> ask(const std::string& path,
                                                          std::vector<Parameter> parameters) const {
    // Stamped with the server's own time, so that a wrong clock here does not hide the rest.
    const milliseconds window = std::clamp<milliseconds>(
        smallest_safe_window(clock_), std::chrono::floor<milliseconds>(kDefaultRecvWindow),
        std::chrono::floor<milliseconds>(kRecvWindowMax));
    parameters.emplace_back(settings_.profile.signing().recv_window_parameter,
                            std::to_string(window.count()));
    return server_.ask_signed(path, std::move(parameters), key_, settings_.profile.signing(),
                              SystemClock().now() + clock_.offset);
  }

  void ask_rights(std::vector<LiveFinding>& findings) {
    const auto reply = ask(rights_path(settings_.profile), {});
    if (!reply) {
      findings.push_back(no_answer(reply.error()));
      return;
    }
    if (reply->status == kNotFound || reply->status == kMethodUnknown) {
      ask_account(findings);
      return;
    }
    if (reply->status != kOk) {
      refused(*reply, findings);
      return;
    }
    auto rights = parse_key_rights(reply->body);
    if (!rights) {
      findings.push_back({.kind = Kind::kCannotTell,
                          .id = "not_understood",
                          .text = "the answer on the key's rights " + rights.error(),
                          .next = "is this the right server? Name it with --url"});
      return;
    }
    accepted(*reply);
    report_.permissions = permissions_told(*rights, settings_.profile);
    const auto judged = judge_rights(*rights, settings_.profile, SystemClock().now());
    findings.insert(findings.end(), judged.begin(), judged.end());
    report_.rights = std::move(*rights);
  }

  // ask_account is for servers that do not tell rights, such as the vendor's test network: whether
  // they take the key at all.
  void ask_account(std::vector<LiveFinding>& findings) {
    const auto reply = ask(std::string(kAccountPath), {{"omitZeroBalances", "true"}});
    if (!reply) {
      findings.push_back(no_answer(reply.error()));
      return;
    }
    if (reply->status == kNotFound || reply->status == kMethodUnknown) {
      findings.push_back({.kind = Kind::kCannotTell,
                          .id = "no_signed_route",
                          .text = "this server knows neither " + rights_path(settings_.profile) +
                                  " nor " + std::string(kAccountPath),
                          .next = "name its profile in the configuration (profile.name), or the "
                                  "right server with --url"});
      return;
    }
    if (reply->status != kOk) {
      refused(*reply, findings);
      return;
    }
    accepted(*reply);
    findings.push_back({.kind = Kind::kWarning,
                        .id = "rights_not_told",
                        .text = "the server takes this key, and does not tell what it may do",
                        .next = "look its permissions up where it was made"});
  }

  void accepted(const HttpReply& reply) {
    report_.is_accepted = true;
    report_.is_from_gateway = !reply.header(kRequestIdHeader).empty();
  }

  void refused(const HttpReply& reply, std::vector<LiveFinding>& findings) {
    report_.request_id = terminal_text(reply.header(kRequestIdHeader));
    findings.push_back(judge_refusal(
        reply.status, parse_refusal(reply.body),
        report_.request_id.empty() ? FromGateway::kNo : FromGateway::kYes, server_.world()));
  }

  [[nodiscard]] static LiveFinding no_answer(const std::string& sentence) {
    return {.kind = Kind::kCannotTell, .id = "no_answer", .text = sentence, .next = ""};
  }

  const LiveServer& server_;
  const NodeSettings& settings_;
  const KeySource::Signing& key_;
  const ClockEstimate& clock_;
  LiveKeyReport report_;
};

// ask_own_node asks the node of this machine, if it has one, for the true reason of a refusal. The
// journal has it a moment after the caller.
std::optional<NodeJson> ask_own_node(const std::string& request_id, const CommandContext& context) {
  constexpr int kTries = 20;
  constexpr milliseconds kBetweenTries{100};
  const bool is_id = !request_id.empty() && std::ranges::all_of(request_id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
  const auto api = NodeApi::of(context);
  if (!is_id || !api) {
    return std::nullopt;
  }
  for (int i = 0; i < kTries; ++i) {
    auto refusal = api->get("/api/v1/refusals/" + request_id);
    if (refusal) {
      return std::move(*refusal);
    }
    if (refusal.error().code != ExitCode::kNo) {
      return std::nullopt;  // no node, or one that cannot say
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
  return std::nullopt;
}

// ask_own_record asks the node of this machine, if it has one, what it knows of an API key.
std::optional<NodeRecord> ask_own_record(const std::string& api_key,
                                         const CommandContext& context) {
  const auto api = NodeApi::of(context);
  const auto key =
      api ? api->get("/api/v1/keys/" + percent_encode(api_key)) : std::unexpected(api.error());
  if (!key) {
    return std::nullopt;
  }
  NodeRecord record{.allow_list = {}, .expires = time_member(*key, "expires_at")};
  for (const NodeJson& entry : key->value("allow_list", NodeJson::array())) {
    record.allow_list.push_back(entry.is_string() ? entry.get<std::string>() : std::string());
  }
  return record;
}

// add_what_the_node_knows asks who may know more than the caller is told.
void add_what_the_node_knows(LiveReport& report, const CommandContext& context) {
  LiveKeyReport& key = *report.key;
  if (key.is_accepted && key.is_from_gateway) {
    key.record = ask_own_record(key.api_key, context);
    const auto finding = key.record && key.record->expires
                             ? judge_expiry(*key.record->expires, SystemClock().now())
                             : std::nullopt;
    if (finding) {
      report.findings.push_back(*finding);
    }
  }
  if (key.request_id.empty()) {
    return;
  }
  key.refusal = ask_own_node(key.request_id, context);
  if (!key.refusal) {
    report.findings.back().next +=
        "; on the gateway's machine `counterfoil refusals show " + key.request_id +
        "` tells the true reason, and so does its console to the key's owner";
  }
}

// check_type compares what key.json says with what lies beside it.
std::optional<LiveFinding> check_type(const KeySource& source, Scheme scheme) {
  const auto facts =
      source.directory.empty() ? std::unexpected(Failure{}) : KeyDirectory::open(source.directory);
  if (!facts || facts->scheme == scheme) {
    return std::nullopt;
  }
  return LiveFinding{.kind = Kind::kWarning,
                     .id = "key_type_differs",
                     .text = "key.json says that the key is " +
                             std::string(describe(facts->scheme).name) + ", but its file holds " +
                             std::string(describe(scheme).name),
                     .next = "was key.pem replaced? Put the right one there, or correct key.json"};
}

std::expected<seconds, Failure> watch_span(const std::string& text) {
  if (text.empty()) {
    return seconds(0);
  }
  const auto span = parse_span(text);
  if (!span || *span < kWatchMin || *span > kWatchMax) {
    return std::unexpected(
        Failure{ExitCode::kUsage, "--watch takes a span of 10s to 24h, such as 60s or 10m"});
  }
  return *span;
}

std::expected<std::optional<KeySource::Signing>, Failure> open_key(const KeySource& source) {
  if (!source.is_given()) {
    return std::nullopt;
  }
  if (!source.public_key_file.empty()) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "--live signs a request, and nobody signs with a public key; name the private half"});
  }
  auto key = source.open_for_signing();
  if (!key) {
    return std::unexpected(key.error());
  }
  if (key->api_key.empty() && source.directory.empty()) {
    return std::unexpected(
        Failure{ExitCode::kUsage,
                "which API key does this secret or private key belong to? Add "
                "--api-key, or name a folder of `keys create --out` with --key"});
  }
  return std::move(*key);
}

// ask_elsewhere asks another environment about a key that this one does not take: its word is the
// proof that the key is of the other.
void ask_elsewhere(const LiveServer& other, const NodeSettings& settings,
                   const KeySource::Signing& key, LiveReport& report) {
  const auto refused = std::ranges::find_if(report.findings, [](const LiveFinding& finding) {
    return finding.id == kKeyRefused || finding.id == kKeyUnknown;
  });
  if (refused == report.findings.end()) {
    return;
  }
  const auto probe = other.ask_time(time_target(settings.profile));
  if (!probe) {
    report.findings.push_back({.kind = Kind::kWarning,
                               .id = "elsewhere_no_answer",
                               .text = "the other server was not asked: " + probe.error().sentence,
                               .next = "check --elsewhere"});
    return;
  }
  const ClockEstimate clock = estimate_clock(std::span(&*probe, 1));
  KeyExamination examination(other, settings, key, clock);
  std::vector<LiveFinding> told;
  examination.run(told);
  *refused =
      judge_elsewhere(std::move(*refused), other.url(), examination.report().is_accepted, told);
}

// Plan is what the flags ask for, checked before any server is asked.
struct Plan {
  NodeSettings settings;
  seconds watch;
  std::optional<KeySource::Signing> key;
  LiveServer server;
  std::optional<LiveServer> elsewhere;
};

std::expected<std::optional<LiveServer>, Failure> make_elsewhere(const LiveFlags& flags) {
  if (flags.elsewhere.empty()) {
    return std::nullopt;
  }
  auto server = LiveServer::make(flags.elsewhere, flags.ca_file);
  return server ? std::expected<std::optional<LiveServer>, Failure>(std::move(*server))
                : std::unexpected(server.error());
}

std::expected<Plan, Failure> make_plan(const LiveFlags& flags, const KeySource& source,
                                       const CommandContext& context) {
  const auto config = context.load_config();
  auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    return std::unexpected(settings.error());
  }
  const auto watch = watch_span(flags.watch);
  if (!watch) {
    return std::unexpected(watch.error());
  }
  auto server =
      LiveServer::make(flags.url.empty() ? gateway_url(*settings) : flags.url, flags.ca_file);
  if (!server) {
    return std::unexpected(server.error());
  }
  auto key = open_key(source);
  if (!key) {
    return std::unexpected(key.error());
  }
  auto elsewhere = make_elsewhere(flags);
  if (!elsewhere) {
    return std::unexpected(elsewhere.error());
  }
  return Plan{.settings = std::move(*settings),
              .watch = *watch,
              .key = std::move(*key),
              .server = std::move(*server),
              .elsewhere = std::move(*elsewhere)};
}

void add_probe_findings(const Probing& probing, LiveReport& report) {
  if (probing.failed() != 0) {
    report.findings.push_back(
        {.kind = Kind::kWarning,
         .id = "probes_failed",
         .text = std::to_string(probing.failed()) +
                 " probes got no answer with a time; the last: " + probing.last_fault(),
         .next = ""});
  }
  const auto judged = judge_clock(report.clock, report.drift);
  report.findings.insert(report.findings.end(), judged.begin(), judged.end());
}

}  // namespace

void add_live_options(CLI::App& command, LiveFlags& flags) {
  CLI::Option* const live = command.add_flag(
      "--live", flags.is_on, "ask a server: its clock and yours, the network, what the key may do");
  command.add_option("--url", flags.url, "origin of the server (default: from rest.listen)")
      ->needs(live);
  command.add_option("--probes", flags.probes, "how often to ask for the time (default 8)")
      ->check(CLI::Range(LiveFlags::kProbesMin, LiveFlags::kProbesMax))
      ->needs(live);
  command.add_option("--watch", flags.watch, "also tell the drift, over this span: 60s, 10m, 1h")
      ->needs(live);
  command
      .add_option("--elsewhere", flags.elsewhere,
                  "origin of another environment, such as the test network: asked, with the same "
                  "key, if the server does not take it")
      ->needs(live);
  command
      .add_option("--ca-file", flags.ca_file,
                  "certificate authorities (PEM) to trust instead of the system's")
      ->needs(live);
}

void examine_live(const LiveFlags& flags, const KeySource& source, CommandContext& context) {
  const auto plan = make_plan(flags, source, context);
  if (!plan) {
    context.fail(plan.error());
    return;
  }
  Probing probing(plan->server, time_target(plan->settings.profile), context);
  if (const auto told = probing.burst(flags.probes); !told) {
    context.fail(told.error());
    return;
  }
  if (plan->watch.count() != 0) {
    probing.watch(plan->watch);
  }
  LiveReport report{.url = plan->server.url(),
                    .clock = estimate_clock(probing.recent(flags.probes)),
                    .failed_probes = probing.failed(),
                    .watched = probing.watched()};
  if (plan->watch.count() != 0) {
    report.drift = estimate_drift(probing.samples());
  }
  add_probe_findings(probing, report);
  if (plan->key) {
    context.progress("asking what the key may do");
    if (auto finding = check_type(source, plan->key->signer.scheme())) {
      report.findings.push_back(std::move(*finding));
    }
    KeyExamination examination(plan->server, plan->settings, *plan->key, report.clock);
    examination.run(report.findings);
    report.key = std::move(examination.report());
    add_what_the_node_knows(report, context);
    if (plan->elsewhere) {
      ask_elsewhere(*plan->elsewhere, plan->settings, *plan->key, report);
    }
    context.progress({});
  }
  report.time = SystemClock().now();
  show_live_report(report, context);
}

}  // namespace counterfoil
