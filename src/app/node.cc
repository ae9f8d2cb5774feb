#include "app/node.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <expected>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "accounts/invitation.h"
#include "app/clock_watch.h"
#include "app/command_context.h"
#include "app/drain_pace.h"
#include "app/heartbeat.h"
#include "app/log.h"
#include "app/memory_handover.h"
#include "app/node_backups.h"
#include "app/node_paths.h"
#include "app/node_people.h"
#include "app/node_policy.h"
#include "app/node_reload.h"
#include "app/node_settings.h"
#include "app/node_setup_checks.h"
#include "app/node_stores.h"
#include "app/oidc_settings.h"
#include "app/own_gateway.h"
#include "app/periodic_task.h"
#include "app/upstream_caller.h"
#include "app/version.h"
#include "app/webhook_settings.h"
#include "authority/acceptance.h"
#include "authority/activity.h"
#include "authority/audit_chain.h"
#include "authority/audit_export.h"
#include "authority/audit_keeper.h"
#include "authority/audit_origin.h"
#include "authority/audited_registry.h"
#include "authority/autopsies.h"
#include "authority/autopsy_queue.h"
#include "authority/autopsy_reports.h"
#include "authority/checkpoint_file.h"
#include "authority/clock_skews.h"
#include "authority/doctor.h"
#include "authority/event_loops.h"
#include "authority/expiry_watch.h"
#include "authority/gatekeeper.h"
#include "authority/gateway_feed.h"
#include "authority/identity_prover.h"
#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/live_feed.h"
#include "authority/management_keys.h"
#include "authority/mass_actions.h"
#include "authority/node_key.h"
#include "authority/passkey_rule.h"
#include "authority/policy_watch.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/quiet_watch.h"
#include "authority/receipts.h"
#include "authority/replay_memory.h"
#include "authority/request_relay.h"
#include "authority/reset_hold.h"
#include "authority/revoker.h"
#include "authority/right_to_accept.h"
#include "authority/sealer.h"
#include "authority/sealing_rotation.h"
#include "authority/upstream_events.h"
#include "authority/webhook_sender.h"
#include "authority/webhooks.h"
#include "backup/revocation_log.h"
#include "base/random.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/root_key.h"
#include "crypto/secret_arena.h"
#include "doors/admin/admin_server.h"
#include "doors/console/console_server.h"
#include "doors/console/page_file.h"
#include "doors/management/management_api.h"
#include "doors/management/node_status.h"
#include "doors/management/reload_facts.h"
#include "doors/management/setup_check.h"
#include "doors/management/setup_link.h"
#include "doors/net/listener.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/upstream_state.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "outbound/http_client.h"
#include "outbound/oidc_client.h"
#include "outbound/oidc_client_secret.h"
#include "outbound/webhook_receiver.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "registry/local_gateway_roll.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHeartbeatEvery{100};
constexpr milliseconds kMaintainEvery{1'000};
constexpr milliseconds kTellEvery{1'000};
constexpr milliseconds kActEvery{1'000};
constexpr milliseconds kWebhookEvery{1'000};
constexpr int kWebhookThreads = 4;
constexpr milliseconds kQuietLookEvery{20'000};
constexpr milliseconds kEventAnswerMax{5'000};
constexpr milliseconds kRelayAnswerMax{10'000};
constexpr milliseconds kPruneEvery{60'000};
constexpr milliseconds kTakeoverMax{5'000};
constexpr milliseconds kConfirmedMax{2'000};
constexpr milliseconds kRenewEvery{500};
constexpr milliseconds kSweepEvery{300'000};
constexpr milliseconds kExamineEvery{50};

std::unexpected<Failure> failed(const Problem& problem) {
  // A fault of this machine may pass; anything else the operator has to mend.
  const bool is_fault = problem.kind == Problem::Kind::kUnavailable;
  const bool is_usage = problem.reason == "wrong_root_key";
  return std::unexpected(
      Failure{is_fault && !is_usage ? ExitCode::kCannotTell : ExitCode::kUsage, problem.detail});
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec spent{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::expected<TableSeed, Failure> random_seed(RandomSource& random) {
  std::array<std::uint8_t, sizeof(TableSeed)> bytes{};
  if (!random.fill(bytes)) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell, "the system's random source failed; start again"});
  }
  TableSeed seed;
  std::memcpy(&seed, bytes.data(), bytes.size());
  return seed;
}

NodePolicy::Limits limits_of(const NodeSettings& settings) {
  return settings.limits_enabled ? NodePolicy::Limits::kOn : NodePolicy::Limits::kOff;
}

// gatekeeper_of keeps the whole version alive as long as its gatekeeper is in use.
std::shared_ptr<Gatekeeper> gatekeeper_of(const std::shared_ptr<NodePolicy>& policy) {
  return {policy, &policy->gatekeeper};
}

IssuerRules issuer_rules(const NodeSettings& settings) {
  const Profile& profile = settings.profile;
  return {.life = {.needs_allow_list = settings.allow_trade_from_anywhere
                                           ? profile.permissions_always_needing_allow_list()
                                           : profile.permissions_needing_allow_list()},
          .default_life = settings.key_life,
          .default_permissions = profile.default_permissions(),
          .origin = settings.name,
          .manages_keys = profile.permissions_managing_keys(),
          .public_keys_by_keys =
              settings.public_keys_by_keys ? PublicKeysByKeys::kAllow : PublicKeysByKeys::kRefuse,
          .management = profile.management_permissions(),
          .held_after_reset = settings.policies.password_reset == PolicyMode::kEnforce
                                  ? profile.permissions_needing_allow_list()
                                  : PermissionSet()};
}

RestDoorOptions door_options(const NodeSettings& settings) {
  RestDoorOptions options;
  options.listen = {settings.listen.to_string()};
  options.threads = settings.threads;
  options.tls_certificate = settings.tls_certificate.string();
  options.tls_key = settings.tls_key.string();
  options.hosts = settings.hosts;
  options.client_address = settings.client_address;
  options.trusted_proxies = settings.trusted_proxies;
  options.connections_per_address_max = settings.connections_per_address_max;
  options.connections_max = settings.connections_max;
  options.new_connections_per_address_max = settings.new_connections_per_address_max;
  options.upstream = settings.upstream;
  return options;
}

// add_upstream tells of the targets, and of those that are out.
void add_upstream(const std::vector<UpstreamTargetState>& targets, NodeStatus& status) {
  const auto is_out = [](const UpstreamTargetState& target) {
    return target.standing == UpstreamStanding::kOut;
  };
  const bool all_out = std::ranges::all_of(targets, is_out);
  for (const UpstreamTargetState& target : targets) {
    const std::string fault(target.last_fault ? name_of(*target.last_fault) : "");
    status.upstream_targets.push_back({.url = target.url,
                                       .state = std::string(name_of(target.standing)),
                                       .failures = target.failures,
                                       .last_fault = fault,
                                       .out_for = target.out_for,
                                       .next_probe_in = target.next_probe_in});
    if (is_out(target)) {
      status.troubles.push_back(
          {.reason = all_out ? "upstream_out" : "upstream_target_out",
           .sentence = target.url + " has failed again and again (" + fault +
                       ") and gets no requests; it is probed by itself and comes back once that "
                       "goes well" +
                       (all_out ? "; no other target is left, so requests are answered 503" : "")});
    }
  }
}

}  // namespace

// Each step of the start makes what the steps after it use, which no check of one function can see.
// NOLINTBEGIN(bugprone-unchecked-optional-access)

// What the node owns, in the order in which it is built. A member may use those above it, and is
// gone before they are.
struct Node::Impl {
  Impl(NodeSettings wanted, ConfigLoader load)
      : settings(std::move(wanted)), load_config(std::move(load)), log(settings.log_level) {}

  const NodeSettings settings;  // as at the start: `reloading` has those that hold now
  ConfigLoader load_config;
  Log log;
  SystemClock clock;
  SystemRandom random;
  Timestamp started_at{};
  std::optional<HmacKey> proof_secret;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<RevocationLog> revocations;
  std::optional<LoggedRegistry> logged;  // registry, with its endings in revocations
  std::optional<AuditedRegistry> audited;
  std::optional<NodeBackups> backups;
  std::unique_ptr<Sealer> sealer;
  std::unique_ptr<CheckpointFile> checkpoints;
  std::unique_ptr<AuditKeeper> keeper;
  std::optional<Replica> replica;
  Recorder recorder;
  std::optional<AutopsyQueue> refused;
  ClockSkews skews;
  std::optional<ReplayMemory> replays;
  Acceptance acceptance{settings.reads_outlast};
  std::optional<MemoryHandover> handover;
  std::optional<NodePolicy::Ground> ground;
  mutable std::mutex policy_mutex;
  std::shared_ptr<NodePolicy> policy;  // under policy_mutex, as are the next two
  // Those of before, until no request goes by them: freeing their tables is no work for a loop.
  std::vector<std::shared_ptr<NodePolicy>> old_policies;
  std::shared_ptr<const UpstreamCaller> upstream;  // with events
  OwnGatewayClient own_gateway;                    // with a console
  std::optional<IdentityProver> prover;
  std::optional<PrivateKey> node_key;
  std::optional<Receipts> receipts;
  EventLoops loops;
  std::optional<LocalGatewayRoll> roll;
  Revision loaded_revision;
  std::optional<GatewayFeed> feed;
  std::optional<Revoker> revoker;
  std::optional<UpstreamEvents> events;  // nullopt: the upstream is not told
  std::deque<ExpiryWatch> expiries;      // of the end, and of each reminder
  std::optional<Issuer> issuer;
  std::optional<MassActions> mass_actions;
  ReceiverRules receivers;  // where webhooks may go
  std::optional<WebhookSender> webhook_sender;
  std::optional<Webhooks> webhooks;
  std::atomic<bool> usage_is_told{false};  // the last drain of the recorder went well
  std::optional<QuietWatch> quiet;
  std::optional<PolicyWatch> policies;
  std::optional<ResetHolds> reset_holds;
  std::optional<SealingRotation> secrets;
  std::atomic<bool> reserve_held{true};  // Registry::keep_reserve
  std::optional<Heartbeat> heartbeat;
  std::unique_ptr<RestDoor> rest;
  std::optional<NodeReload> reloading;
  std::optional<Activity> activity;
  std::optional<LiveFeed> live;
  std::optional<RequestRelay> relay;   // with a console
  std::unique_ptr<NodePeople> people;  // with a console, as are the next two
  std::optional<ConsoleServer::Options> console_options;
  std::optional<WipedText> setup_url;
  std::optional<Autopsies> autopsies;
  std::optional<AutopsyReports> autopsy_reports;
  std::optional<ManagementKeys> management_keys;  // with a console
  std::optional<Doctor> doctor;
  std::optional<ManagementApi> management;
  std::unique_ptr<AdminServer> admin;
  std::unique_ptr<ConsoleServer> console;
  std::optional<PeriodicTask> beating;
  DrainPace drain_pace;  // of the draining thread
  std::optional<PeriodicTask> draining;
  std::optional<PeriodicTask> maintaining;
  std::optional<PeriodicTask> telling;
  std::optional<PeriodicTask> expiring;
  std::optional<PeriodicTask> acting;
  std::optional<PeriodicTask> looking;
  std::optional<PeriodicTask> pruning;
  std::optional<PeriodicTask> renewing;
  std::optional<PeriodicTask> sweeping;
  std::optional<PeriodicTask> examining;
  std::optional<PeriodicTask> collecting;  // what webhooks are to be told
  std::deque<PeriodicTask> posting;        // telling them

  using Step = std::expected<void, Failure>;
  [[nodiscard]] Step open_stores();
  [[nodiscard]] Step open_authority(RootKey root, const AuditOrigin& origin);
  [[nodiscard]] Step build_gateway();
  [[nodiscard]] Step build_events();
  void build_expiry_watch();
  [[nodiscard]] Step build_issuer();
  [[nodiscard]] Step build_webhooks();
  [[nodiscard]] Step build_people();
  [[nodiscard]] Step add_provider(const OidcSettings& wanted);
  [[nodiscard]] std::vector<SetupCheck> setup_checks() const;
  void build_explainers();
  void build_signed_calls();
  void build_management();
  [[nodiscard]] Step open_doors();
  [[nodiscard]] Step open_console();
  // make_setup_link also leaves it in a file of the data directory. Any thread.
  [[nodiscard]] std::expected<SetupLink, Problem> make_setup_link(const Actor& actor);
  void start_tasks();
  void start_telling();
  void start_posting();
  [[nodiscard]] std::string url() const {
    return (settings.tls_certificate.empty() ? "http://" : "https://") + rest->addresses().front();
  }
  [[nodiscard]] NodeStatus status() const;
  void add_troubles(NodeStatus& status, const AuditState& audit) const;
  [[nodiscard]] std::shared_ptr<NodePolicy> current_policy() const {
    const std::scoped_lock lock(policy_mutex);
    return policy;
  }
  [[nodiscard]] std::shared_ptr<const UpstreamCaller> current_upstream() const {
    const std::scoped_lock lock(policy_mutex);
    return upstream;
  }
  [[nodiscard]] std::expected<std::shared_ptr<const UpstreamCaller>, std::string>
  make_upstream_caller(const NodeSettings& wanted) const;
  [[nodiscard]] std::optional<OwnGateway> own_gateway_of(const NodeSettings& wanted) const;
  [[nodiscard]] std::expected<NodeReload::Takeover, std::string> prepare_change(
      const NodeSettings& next);
  void forget_old_policies();
  [[nodiscard]] ClockFacts clock_facts() const;
  [[nodiscard]] std::expected<ClockFacts, Problem> confirm_clock(
      const Actor& actor, std::optional<std::int64_t> step_ms);
  [[nodiscard]] bool may_accept() const { return acceptance.holds(clock.now(), clock.boot_now()); }
  // believes_clock: what goes by the calendar, and cannot be undone, waits while it does not.
  [[nodiscard]] bool believes_clock() const {
    return acceptance.believes(clock.now(), clock.boot_now());
  }
  [[nodiscard]] bool wait_until_accepting(milliseconds at_most) const;
  void say_upstream(const UpstreamChange& change);
  void say_trouble(std::string_view event, std::string_view detail) {
    log.write(LogLevel::kError, event, {{"detail", detail}});
  }
};

Node::Impl::Step Node::Impl::open_stores() {
  configure_secret_memory(settings.unlocked_memory);
  if (auto step = check_clock(clock.now()); !step) {
    return step;
  }
  if (auto step = check_data_directory(settings.data); !step) {
    return step;
  }
  auto root = load_root_key(settings);
  if (!root) {
    return std::unexpected(root.error());
  }
  auto secret = load_proof_secret(settings);
  if (!secret) {
    return std::unexpected(secret.error());
  }
  proof_secret = std::move(*secret);
  auto opened = open_registry(settings, random);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  registry = std::move(*opened);
  auto opened_journal = open_journal(settings);
  if (!opened_journal) {
    return std::unexpected(opened_journal.error());
  }
  journal = std::move(*opened_journal);
  const auto origin = ensure_audit_origin(
      *registry,
      [this]() -> std::expected<RootKey, Problem> {
        auto key = load_root_key(settings);
        if (!key) {
          return std::unexpected(Problem{.kind = Problem::Kind::kInvalid,
                                         .reason = "root_key_unusable",
                                         .detail = key.error().sentence});
        }
        return std::move(*key);
      },
      random, clock, settings.name);
  if (!origin) {
    return failed(origin.error());
  }
  return open_authority(std::move(*root), *origin);
}

Node::Impl::Step Node::Impl::open_authority(RootKey root, const AuditOrigin& origin) {
  auto log_of_endings =
      open_revocation_log(settings.backups, *registry, *journal, origin.birth_line);
  if (!log_of_endings) {
    return failed(log_of_endings.error());
  }
  revocations = std::move(*log_of_endings);
  logged.emplace(*registry, *revocations);
  audited.emplace(*logged, clock, settings.name, origin.hash);
  backups.emplace(settings.backups, *audited, random, clock);
  auto started = Sealer::start(std::move(root), *audited, random);
  if (!started) {
    return failed(started.error());
  }
  sealer = std::move(*started);
  auto file = CheckpointFile::open(settings.data / "checkpoints.log");
  if (!file) {
    return failed(file.error());
  }
  checkpoints = std::move(*file);
  auto keeping = AuditKeeper::start({.registry = *registry,
                                     .audited = *audited,
                                     .sealer = *sealer,
                                     .journal = *journal,
                                     .random = random,
                                     .clock = clock,
                                     .sinks = {revocations.get(), checkpoints.get()}},
                                    origin, checkpoints->newest());
  if (!keeping) {
    return failed(keeping.error());
  }
  keeper = std::move(*keeping);
  replica.emplace(settings.profile.permissions(), *sealer);
  const auto loaded = replica->load(*registry);
  if (!loaded) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell,
                "the registry could not be loaded: " + std::string(describe(loaded.error()))});
  }
  log.write(LogLevel::kInfo, "registry_loaded",
            {{"api_keys", std::to_string(loaded->keys)},
             {"unusable", std::to_string(loaded->unusable)},
             {"revision", std::to_string(loaded->revision.number)}});
  loaded_revision = loaded->revision;
  auto made = ensure_node_key(*audited, *sealer, random, settings.name);
  if (!made) {
    return failed(made.error());
  }
  node_key = std::move(*made);
  receipts.emplace(Receipts::Parts{.node_key = *node_key,
                                   .journal = *journal,
                                   .random = random,
                                   .clock = clock,
                                   .node = settings.name,
                                   .log_id = keeper->state().log_id});
  return {};
}

Node::Impl::Step Node::Impl::build_gateway() {
  refused.emplace(random);
  live.emplace(clock);
  recorder.tell_kept([this](std::span<const UsageRow> uses, std::span<const RefusalRow> refusals) {
    refused->note_uses(uses);
    skews.note_uses(uses);
    live->publish(uses, refusals);
  });
  const auto seed = random_seed(random);
  if (!seed) {
    return std::unexpected(seed.error());
  }
  replays.emplace(settings.replay_capacity);
  started_at = clock.now();
  handover.emplace(MemoryHandover::Parts{.file = settings.data / "replay.handover",
                                         .registry = *registry,
                                         .sealer = *sealer,
                                         .random = random,
                                         .clock = clock,
                                         .log = log});
  if (const auto taken = handover->take(*replays, acceptance); !taken) {
    return std::unexpected(Failure{ExitCode::kUsage, taken.error()});
  }
  ground.emplace(
      NodePolicy::Ground{.replica = *replica,
                         .replays = *replays,
                         .format = settings.key_format,
                         .clock = clock,
                         .acceptance = acceptance,
                         .seal_refusal =
                             [this](std::string_view request_id, std::string_view payload) {
                               return sealer->seal_refused(request_id, payload);
                             },
                         .seed = *seed,
                         .autopsies = &*refused});
  policy = NodePolicy::make(*ground, settings.profile, limits_of(settings), nullptr);
  prover.emplace(settings.proof_kid, std::move(*proof_secret), settings.name);
  proof_secret.reset();
  return {};
}

std::expected<std::shared_ptr<const UpstreamCaller>, std::string> Node::Impl::make_upstream_caller(
    const NodeSettings& wanted) const {
  auto caller = UpstreamCaller::make(wanted.upstream.url, wanted.upstream.authorities);
  if (!caller) {
    return std::unexpected(std::move(caller.error()));
  }
  return std::make_shared<const UpstreamCaller>(std::move(*caller));
}

// own_gateway_of gives nullopt where nothing is tried from a console.
std::optional<OwnGateway> Node::Impl::own_gateway_of(const NodeSettings& wanted) const {
  const auto listen = net::ListenAddress::parse(rest->addresses().front());
  if (!wanted.console || !listen) {
    return std::nullopt;
  }
  return OwnGateway{.listen = *listen,
                    .hosts = wanted.hosts,
                    .tls_certificate = wanted.tls_certificate.string(),
                    .client_address = wanted.client_address};
}

Node::Impl::Step Node::Impl::build_events() {
  if (settings.events.path.empty()) {
    return {};
  }
  auto caller = make_upstream_caller(settings);
  if (!caller) {
    return std::unexpected(Failure{ExitCode::kUsage, caller.error()});
  }
  upstream = std::move(*caller);
  events.emplace(UpstreamEvents::Parts{.registry = *audited,
                                       .receipts = *receipts,
                                       .prover = *prover,
                                       .random = random,
                                       .clock = clock,
                                       .send =
                                           [this](const HttpCall& call) {
                                             return current_upstream()->call(
                                                 call, kEventAnswerMax, rest->upstream_targets());
                                           },
                                       .rules = settings.events});
  const auto loaded = events->load();
  return loaded ? Step() : failed(loaded.error());
}

void Node::Impl::build_expiry_watch() {
  const auto watch = [this](std::chrono::days ahead, std::chrono::days until) {
    expiries.emplace_back(ExpiryWatch::Parts{.registry = *audited,
                                             .events = events ? &*events : nullptr,
                                             .permissions = settings.profile.permissions(),
                                             .clock = clock,
                                             .ahead = ahead,
                                             .until = until});
  };
  watch({}, {});
  const auto& reminders = settings.events.reminders;
  for (auto reminder = reminders.begin(); reminder != reminders.end(); ++reminder) {
    const auto next = std::next(reminder);
    watch(*reminder, next == reminders.end() ? std::chrono::days(0) : *next);
  }
}

Node::Impl::Step Node::Impl::build_issuer() {
  if (auto step = build_events(); !step) {
    return step;
  }
  build_expiry_watch();
  roll.emplace(*registry);
  feed.emplace(GatewayFeed::Parts{.registry = *registry,
                                  .replica = *replica,
                                  .loops = loops,
                                  .roll = *roll,
                                  .clock = clock,
                                  .gateway = settings.name},
               loaded_revision);
  revoker.emplace(
      Revoker::Parts{.roll = *roll, .replica = *replica, .loops = loops, .clock = clock},
      ForceTimes{.relaxed_for = settings.reads_outlast});
  issuer.emplace(
      *audited, *sealer,
      Issuer::Enforcement{
          .revoker = *revoker, .receipts = *receipts, .events = events ? &*events : nullptr},
      random, clock, settings.profile.permissions(), settings.key_format, issuer_rules(settings));
  mass_actions.emplace(MassActions::Parts{.registry = *audited,
                                          .issuer = *issuer,
                                          .journal = *journal,
                                          .permissions = settings.profile.permissions(),
                                          .random = random,
                                          .clock = clock});
  quiet.emplace(QuietWatch::Parts{.registry = *audited,
                                  .issuer = *issuer,
                                  .journal = *journal,
                                  .permissions = settings.profile.permissions(),
                                  .clock = clock,
                                  .usage_is_told = [this] { return usage_is_told.load(); }});
  policies.emplace(
      PolicyWatch::Parts{.issuer = *issuer,
                         .journal = *journal,
                         .needs_allow_list = settings.profile.permissions_needing_allow_list(),
                         .clock = clock,
                         .usage_is_told = [this] { return usage_is_told.load(); }},
      settings.policies);
  reset_holds.emplace(ResetHolds::Parts{.registry = *registry,
                                        .issuer = *issuer,
                                        .held = settings.profile.permissions_needing_allow_list(),
                                        .clock = clock},
                      settings.policies.password_reset);
  if (const auto loaded = mass_actions->load(); !loaded) {
    return failed(loaded.error());
  }
  secrets.emplace(
      SealingRotation::Parts{.audited = *audited,
                             .registry = *registry,
                             .sealer = *sealer,
                             .journal = *journal,
                             .revoker = *revoker,
                             .loops = loops,
                             .permissions = settings.profile.permissions(),
                             .clock = clock,
                             .drain = [this] { return recorder.drain(*journal).has_value(); },
                             .root_key_file = std::filesystem::absolute(settings.root_key_file)});
  if (auto step = build_webhooks(); !step) {
    return step;
  }
  heartbeat.emplace(
      Heartbeat::Parts{.feed = *feed, .acceptance = acceptance, .clock = clock, .log = log});
  // On the roll before anybody can ask for a change: who is not on it is not waited for.
  heartbeat->beat();
  return {};
}

Node::Impl::Step Node::Impl::build_webhooks() {
  auto rules = read_webhooks(settings.config);
  if (!rules) {
    return std::unexpected(rules.error());
  }
  receivers = std::move(*rules);
  webhook_sender.emplace(
      WebhookSender::Parts{.audited = *audited,
                           .registry = *registry,
                           .journal = *journal,
                           .sealer = *sealer,
                           .random = random,
                           .clock = clock,
                           .send = [this](const std::string& url,
                                          HttpCall call) -> std::expected<HttpReply, std::string> {
                             // With every call: what was allowed when the webhook was made need not
                             // be so now.
                             const auto receiver = parse_receiver(url, receivers);
                             return receiver ? call_receiver(*receiver, std::move(call), receivers)
                                             : std::unexpected(receiver.error());
                           }});
  webhooks.emplace(Webhooks::Parts{
      .audited = *audited,
      .sealer = *sealer,
      .random = random,
      .sender = *webhook_sender,
      .check_url = [this](const std::string& url) -> std::expected<void, std::string> {
        const auto receiver = parse_receiver(url, receivers);
        return receiver ? check_receiver(*receiver, receivers) : std::unexpected(receiver.error());
      }});
  const auto loaded = webhook_sender->load();
  return loaded ? Step() : failed(loaded.error());
}

// build_explainers makes what says why requests are refused.
void Node::Impl::build_explainers() {
  autopsies.emplace(Autopsies::Parts{.queue = *refused,
                                     .issuer = *issuer,
                                     .sealer = *sealer,
                                     .skews = skews,
                                     .permissions = settings.profile.permissions(),
                                     .clock = clock,
                                     .cpu_spent = thread_cpu_time});
  autopsy_reports.emplace(*journal, *sealer);
  doctor.emplace(Doctor::Parts{.issuer = *issuer,
                               .sealer = *sealer,
                               .skews = skews,
                               .permissions = settings.profile.permissions(),
                               .format = settings.key_format,
                               .clock = clock,
                               .cpu_spent = thread_cpu_time});
}

// build_signed_calls makes what takes calls that API keys sign, and what sends one to our own
// gateway.
void Node::Impl::build_signed_calls() {
  if (people) {
    management_keys.emplace(
        ManagementKeys::Parts{.gatekeeper = [this] { return gatekeeper_of(current_policy()); },
                              .replica = *replica,
                              .registry = *registry,
                              .recorder = recorder,
                              .clock = clock});
  }
  own_gateway.set(own_gateway_of(settings));
  relay.emplace(RequestRelay::Parts{
      .issuer = *issuer,
      .profile = [this] { return current_policy()->profile; },
      .clock = clock,
      .can_send = [this] { return own_gateway.find() != nullptr; },
      .send = [this](const HttpCall& call) -> std::expected<HttpReply, std::string> {
        const auto gateway = own_gateway.find();
        return gateway ? gateway->call(call, kRelayAnswerMax)
                       : std::unexpected(std::string("the gateway cannot be called from here"));
      }});
}

void Node::Impl::build_management() {
  management.emplace(ManagementApi::Parts{
      .issuer = *issuer,
      .profile = [this] { return current_policy()->profile; },
      .clock = clock,
      .activity = *activity,
      .autopsies = *autopsy_reports,
      .receipts = *receipts,
      .mass_actions = *mass_actions,
      .secrets = *secrets,
      .status = [this] { return status(); },
      .export_audit = [this](const AuditLineSink& sink) { return keeper->export_log(sink); },
      .create_backup = [this](const Actor& actor,
                              const std::string& file) { return backups->create(actor, file); },
      .reload = [this](const Actor& actor) { return reloading->reload(actor); },
      .confirm_clock =
          [this](const Actor& actor, std::optional<std::int64_t> step_ms) {
            return confirm_clock(actor, step_ms);
          },
      .people = people ? std::optional(people->desk()) : std::nullopt,
      .setup_checks = [this] { return setup_checks(); },
      .setup_link = [this](const Actor& actor) { return make_setup_link(actor); },
      .gateway_url =
          [this] {
            return settings.console && !settings.console->gateway_url.empty()
                       ? settings.console->gateway_url
                       : url();
          },
      .reminders = settings.events.reminders,
      .keys = management_keys ? &*management_keys : nullptr,
      .live = &*live,
      .doctor = &*doctor,
      .relay = &*relay,
      .links = people ? &people->links() : nullptr,
      .webhooks = &*webhooks});
}

Node::Impl::Step Node::Impl::open_doors() {
  auto opened = RestDoor::start(
      door_options(settings), gatekeeper_of(policy),
      {.prover = *prover,
       .recorder = recorder,
       .loops = loops,
       .issuer = *issuer,
       .random = random,
       .clock = clock,
       .upstream_changed = [this](const UpstreamChange& change) { say_upstream(change); }});
  if (!opened) {
    return std::unexpected(Failure{ExitCode::kUsage, opened.error()});
  }
  rest = std::move(*opened);
  reloading.emplace(
      NodeReload::Parts{
          .load = load_config,
          .prepare = [this](const NodeSettings& next) { return prepare_change(next); },
          .audited = *audited,
          .clock = clock,
          .log = log},
      settings);
  activity.emplace(*journal);
  if (auto step = build_people(); !step) {
    return step;
  }
  build_explainers();
  build_signed_calls();
  build_management();
  auto listening = AdminServer::start(settings.admin_socket.string(), *management, random);
  if (!listening) {
    return std::unexpected(Failure{ExitCode::kUsage, listening.error().sentence});
  }
  admin = std::move(*listening);
  return open_console();
}

// build_people makes what the console needs before it is served: who may sign in, and under which
// name browsers know us, for passkeys are bound to it.
Node::Impl::Step Node::Impl::build_people() {
  if (!settings.console) {
    return {};
  }
  const ConsoleSettings& wanted = *settings.console;
  const auto at = net::reserve_port(wanted.listen);
  if (!at) {
    return std::unexpected(Failure{ExitCode::kUsage, at.error()});
  }
  const bool is_tls = !wanted.tls_certificate.empty();
  console_options = ConsoleServer::Options{
      .listen = *at,
      .tls_certificate = wanted.tls_certificate.string(),
      .tls_key = wanted.tls_key.string(),
      .origins = wanted.origins.empty() ? local_origins(*at, is_tls) : wanted.origins};
  const auto rule =
      settings.require_passkeys
          ? PasskeyRule({.registry = *registry,
                         .permissions = settings.profile.permissions(),
                         .grave = settings.profile.permissions_always_needing_allow_list()})
          : PasskeyRule();
  auto made = NodePeople::make({.audited = *audited,
                                .registry = *registry,
                                .sealer = *sealer,
                                .random = random,
                                .clock = clock,
                                .issuer = "Counterfoil",
                                .party = relying_party(console_options->origins),
                                .passkey_rule = rule,
                                .on_reset = [this] { reset_holds->wake(); },
                                .keys = *issuer});
  if (!made) {
    return failed(made.error());
  }
  people = std::move(*made);
  return settings.oidc ? add_provider(*settings.oidc) : Step();
}

Node::Impl::Step Node::Impl::add_provider(const OidcSettings& wanted) {
  auto secret = read_provider_secret(wanted);
  if (!secret) {
    return std::unexpected(secret.error());
  }
  const auto added = people->add_provider({.settings = {.issuer = wanted.issuer,
                                                        .client_id = wanted.client_id,
                                                        .max_age = wanted.max_age,
                                                        .levels = wanted.trusted_levels},
                                           .options = {.name = wanted.name,
                                                       .trusted_means = wanted.trusted_means,
                                                       .trusted_levels = wanted.trusted_levels},
                                           .secret = OidcClientSecret(std::move(*secret)),
                                           .fetch = oidc_fetch(wanted.authorities, wanted.networks),
                                           .report = [this](std::string_view sentence) {
                                             log.write(LogLevel::kWarn, "identity_provider",
                                                       {{"fault", sentence}});
                                           }});
  return added ? Step() : failed(added.error());
}

std::vector<SetupCheck> Node::Impl::setup_checks() const {
  const NodeStatus now = status();
  return node_setup_checks({.origin = console_options->origins.front(),
                            .status = now,
                            .data = settings.data,
                            .upstream = settings.upstream.url});
}

Node::Impl::Step Node::Impl::open_console() {
  if (!console_options) {
    return {};
  }
  auto started = ConsoleServer::start(*console_options,
                                      {.api = *management,
                                       .page = page_files(),
                                       .random = random,
                                       .is_set_up = [this] { return people->is_set_up(); },
                                       .reported =
                                           [this](std::string_view report) {
                                             log.write(LogLevel::kWarn, "console_policy_breach",
                                                       {{"report", report}});
                                           }},
                                      clock);
  if (!started) {
    return std::unexpected(Failure{ExitCode::kUsage, started.error()});
  }
  console = std::move(*started);
  if (people->is_set_up()) {
    return {};
  }
  auto link = make_setup_link({.name = "system", .source = "local"});
  if (!link) {
    return failed(link.error());
  }
  setup_url = std::move(link->url);
  return {};
}

std::expected<SetupLink, Problem> Node::Impl::make_setup_link(const Actor& actor) {
  const auto token = people->desk().people.new_setup_token(actor);
  if (!token) {
    return std::unexpected(token.error());
  }
  SetupLink link{.url = WipedText(console_options->origins.front()),
                 .ends_at = clock.now() + kSetupLife};
  // Behind '#', so that no request and no log holds it.
  link.url.append("/setup#t=").append(*token);
  if (const auto written = write_setup_file(settings.data / kSetupFileName, link.url); !written) {
    return problem(Problem::Kind::kUnavailable, "setup_file_not_written", written.error().sentence);
  }
  return link;
}

std::expected<NodeReload::Takeover, std::string> Node::Impl::prepare_change(
    const NodeSettings& next) {
  auto wanted = NodePolicy::make(*ground, next.profile, limits_of(next), current_policy().get());
  auto change = RestDoor::check_change(door_options(next), gatekeeper_of(wanted));
  if (!change) {
    return std::unexpected(std::move(change.error()));
  }
  std::shared_ptr<const UpstreamCaller> caller;
  if (events) {
    auto made = make_upstream_caller(next);
    if (!made) {
      return std::unexpected(std::move(made.error()));
    }
    caller = std::move(*made);
  }
  return [this, wanted = std::move(wanted), change = std::move(*change), caller = std::move(caller),
          gateway = own_gateway_of(next), level = next.log_level]() mutable {
    log.set_level(level);
    {
      const std::scoped_lock lock(policy_mutex);
      old_policies.push_back(std::exchange(policy, std::move(wanted)));
      upstream = std::move(caller);
    }
    own_gateway.set(std::move(gateway));
    return rest->take_over(*change, kTakeoverMax);
  };
}

void Node::Impl::forget_old_policies() {
  std::vector<std::shared_ptr<NodePolicy>> unused;  // freed without the lock
  const std::scoped_lock lock(policy_mutex);
  const auto in_use =
      std::ranges::partition(old_policies, [](const auto& old) { return old.use_count() > 1; });
  std::ranges::move(in_use, std::back_inserter(unused));
  old_policies.erase(in_use.begin(), in_use.end());
}

ClockFacts Node::Impl::clock_facts() const {
  const Heartbeat::ClockState state = heartbeat->clock_state();
  return {.time = clock.now(),
          .step_ms = std::chrono::round<milliseconds>(state.step).count(),
          .in_doubt = state.is_in_doubt};
}

std::expected<ClockFacts, Problem> Node::Impl::confirm_clock(const Actor& actor,
                                                             std::optional<std::int64_t> step_ms) {
  const Heartbeat::ClockState state = heartbeat->clock_state();
  if (!state.is_in_doubt) {
    return problem(Problem::Kind::kConflict, "clock_not_in_doubt",
                   "the clock is not in doubt, so there is nothing to confirm");
  }
  const std::chrono::microseconds seen = step_ms ? milliseconds(*step_ms) : state.step;
  const auto moved = [] {
    return problem(Problem::Kind::kConflict, "clock_moved",
                   "the clock stands elsewhere by now: look at it again, and confirm that");
  };
  if (std::chrono::abs(seen - state.step) > ClockWatch::kAlarm) {
    return moved();
  }
  const ClockFacts facts = clock_facts();
  const auto recorded =
      audited->commit({}, {.actor = actor.name,
                           .source = actor.source,
                           .action = "clock.confirm",
                           .object = settings.name,
                           .detail = {{"step_ms", std::to_string(facts.step_ms)},
                                      {"clock_shows", audit_time_text(facts.time)}}});
  if (!recorded) {
    return problem_of(recorded.error());
  }
  if (!heartbeat->confirm_clock(state.step)) {
    return moved();
  }
  beating->wake();
  log.write(LogLevel::kWarn, "clock_confirmed", {{"step_ms", std::to_string(facts.step_ms)}});
  (void)wait_until_accepting(kConfirmedMax);  // what else may keep the right away, status() tells
  return clock_facts();
}

void Node::Impl::start_tasks() {
  beating.emplace(Priority::kNormal, kHeartbeatEvery, [this] { heartbeat->beat(); });
  feed->wake_with([this] { beating->wake(); });
  draining.emplace(Priority::kBackground, Recorder::kDrainInterval, [this] {
    if (const auto stored = autopsies->store(*journal); !stored) {
      say_trouble("findings_not_written", describe(stored.error()));
    }
    const BootTime begun = clock.boot_now();
    if (!drain_pace.is_due(begun, recorder.wants_drain())) {
      return;
    }
    const auto drained = recorder.drain(*journal);
    usage_is_told = drained.has_value();
    if (!drained) {
      say_trouble("journal_not_written", describe(drained.error()));
    }
    drain_pace.drained(begun, clock.boot_now());
  });
  maintaining.emplace(Priority::kBackground, kMaintainEvery, [this] {
    if (const auto maintained = sealer->maintain(); !maintained) {
      say_trouble("sealing_key_not_kept_ahead", maintained.error().detail);
    }
    reserve_held = registry->keep_reserve();
    forget_old_policies();
    (void)issuer->record_held_back();  // status() tells what waits still
    if (const auto written = revocations->retry(); !written) {
      say_trouble("revocation_log_not_written", written.error().detail);
    }
    if (const auto pumped = keeper->pump(); !pumped) {
      say_trouble("audit_not_moved", pumped.error().detail);
    }
  });
  start_telling();
  acting.emplace(Priority::kNormal, kActEvery, [this] {
    mass_actions->step();
    if (const auto fault = mass_actions->last_fault()) {
      say_trouble("mass_action_waits", *fault);
    }
  });
  mass_actions->wake_with([this] { acting->wake(); });
  looking.emplace(Priority::kBackground, kQuietLookEvery, [this] {
    if (!believes_clock()) {
      return;  // policies suspend keys by the calendar
    }
    if (const auto looked = quiet->look(); !looked) {
      say_trouble("retiring_pairs_not_looked_at", looked.error().detail);
    }
    if (const auto looked = policies->look(); !looked) {
      say_trouble("policies_not_looked_at", looked.error().detail);
    }
    if (const auto looked = reset_holds->look(); !looked) {
      say_trouble("password_resets_not_looked_at", looked.error().detail);
    }
  });
  reset_holds->wake_with([this] { looking->wake(); });
  renewing.emplace(Priority::kBackground, kRenewEvery, [this] { secrets->work(); });
  if (people) {
    sweeping.emplace(Priority::kBackground, kSweepEvery, [this] {
      if (const auto swept = people->sweep(); !swept) {
        say_trouble("sessions_not_swept", swept.error().detail);
      }
    });
  }
  start_posting();
  examining.emplace(Priority::kBackground, kExamineEvery, [this] { autopsies->work(); });
  pruning.emplace(Priority::kBackground, kPruneEvery, [this] {
    if (!believes_clock()) {
      return;
    }
    if (const auto pruned = journal->prune(clock.now()); !pruned) {
      say_trouble("journal_not_pruned", describe(pruned.error()));
    }
  });
}

// start_telling starts what tells the upstream of keys that ended, where it is to be told, and what
// notices that they run out.
void Node::Impl::start_telling() {
  if (events) {
    telling.emplace(Priority::kNormal, kTellEvery, [this] { events->deliver(); });
    events->wake_with([this] { telling->wake(); });
  }
  // By themselves: the first look after a start goes through weeks, and a revocation's event must
  // not wait for it.
  expiring.emplace(Priority::kBackground, kTellEvery, [this] {
    // A clock ten years ahead would have the orders of every key cancelled.
    for (std::size_t i = 0; i < expiries.size() && believes_clock(); ++i) {
      if (const auto looked = expiries[i].look(); !looked) {
        say_trouble("expiries_not_told", looked.error().detail);
      }
    }
  });
}

// start_posting starts what tells webhooks: by threads of their own, for a receiver may let one
// wait for seconds.
void Node::Impl::start_posting() {
  collecting.emplace(Priority::kBackground, kWebhookEvery, [this] {
    const std::uint64_t before = webhook_sender->left_out();
    if (const auto collected = webhook_sender->collect(); !collected) {
      say_trouble("webhooks_not_collected", collected.error().detail);
    }
    if (const std::uint64_t left_out = webhook_sender->left_out(); left_out > before) {
      log.write(LogLevel::kWarn, "webhook_deliveries_left_out",
                {{"count", std::to_string(left_out - before)}});
    }
  });
  for (int thread = 0; thread < kWebhookThreads; ++thread) {
    posting.emplace_back(Priority::kBackground, kWebhookEvery, [this] {
      while (webhook_sender->deliver_one()) {
      }
    });
  }
  webhook_sender->wake_with([this] {
    for (PeriodicTask& task : posting) {
      task.wake();
    }
  });
}

void Node::Impl::say_upstream(const UpstreamChange& change) {
  if (change.is_out) {
    log.write(LogLevel::kWarn, "upstream_target_out",
              {{"target", change.url},
               {"fault", name_of(change.fault)},
               {"next_probe_in_ms", std::to_string(change.next_probe_in.count())}});
  } else {
    log.write(LogLevel::kInfo, "upstream_target_back", {{"target", change.url}});
  }
}

NodeStatus Node::Impl::status() const {
  const AuditState audit = keeper->state();
  const RecorderCounters counters = recorder.counters();
  const auto revision = registry->revision();
  NodeStatus status{.version = std::string(kVersion),
                    .node = settings.name,
                    .started_at = started_at,
                    .profile = current_policy()->profile.name(),
                    .listeners = {},
                    .upstream = settings.upstream.url,
                    .upstream_targets = {},
                    .accepts_signed_requests = may_accept(),
                    .accepts_changes_from = acceptance.changes_from(),
                    .registry_revision = revision ? revision->number : 0,
                    .applied_revision = replica->applied_revision(),
                    .api_keys = replica->size(),
                    .unusable_records = replica->unusable(),
                    .audit_seq = audit.seq,
                    .audit_waiting = audit.seq - std::min(audit.seq, audit.journal_seq),
                    .uses_not_counted = counters.uses_dropped,
                    .refusals_not_kept = counters.refusals_dropped,
                    .refusals_not_examined = refused->counters().dropped() + autopsies->lost(),
                    .clock = clock_facts(),
                    .reloaded_at = {},
                    .needs_restart = {},
                    .troubles = {}};
  for (const std::string& address : rest->addresses()) {
    status.listeners.push_back(
        {.door = "rest",
         .address = (settings.tls_certificate.empty() ? "http://" : "https://") + address});
  }
  add_upstream(rest->upstream_targets(), status);
  status.listeners.push_back({.door = "admin", .address = settings.admin_socket.string()});
  reloading->tell(status);
  add_troubles(status, audit);
  if (!revision) {
    status.troubles.push_back(
        {.reason = "registry_unavailable", .sentence = std::string(describe(revision.error()))});
  }
  return status;
}

void Node::Impl::add_troubles(NodeStatus& status, const AuditState& audit) const {
  if (const auto trouble = heartbeat->trouble()) {
    status.troubles.push_back({.reason = "not_in_force", .sentence = *trouble});
  }
  if (const std::size_t count = issuer->held_back_count(); count > 0) {
    status.troubles.push_back(
        {.reason = "revocations_not_recorded",
         .sentence =
             std::to_string(count) +
             " revocations are in force and not recorded: they are forgotten when this node "
             "ends, so do not stop it before the registry takes writes again (is the disk "
             "full?)"});
  }
  if (const auto written = revocations->retry(); !written) {
    status.troubles.push_back(
        {.reason = written.error().reason, .sentence = written.error().detail});
  }
  if (audit.trouble) {
    status.troubles.push_back({.reason = audit.trouble->reason, .sentence = audit.trouble->detail});
  }
  if (!reserve_held) {
    status.troubles.push_back({.reason = "reserve_missing",
                               .sentence =
                                   "the disk space kept back for revocations is not all held: on a "
                                   "full disk no other change is made, and revocations until the "
                                   "rest is used up; free 16 MiB or more, it is taken by itself"});
  }
  if (const auto fault = events ? events->last_fault() : std::nullopt) {
    status.troubles.push_back(
        {.reason = "upstream_not_told",
         .sentence = std::to_string(events->untold()) +
                     " API keys that ended are not known to the upstream yet, so their orders may "
                     "rest; it is told again: " +
                     *fault});
  }
  if (const auto trouble = secrets->status().trouble) {
    status.troubles.push_back({.reason = trouble->reason, .sentence = trouble->detail});
  }
  if (SecretArena::status() == SecretArena::Status::kUnlocked) {
    status.troubles.push_back({.reason = "memory_not_locked",
                               .sentence = "secrets may reach the swap space: raise "
                                           "RLIMIT_MEMLOCK, then set node.allow_unlocked_memory "
                                           "back to false"});
  }
}

bool Node::Impl::wait_until_accepting(milliseconds at_most) const {
  constexpr milliseconds kLookEvery{5};
  const BootTime until = clock.boot_now() + at_most;
  while (!may_accept()) {
    if (clock.boot_now() >= until) {
      return false;
    }
    std::this_thread::sleep_for(kLookEvery);
  }
  return true;
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node::~Node() {
  const bool was_serving = impl_->pruning.has_value();
  // The threads end before what they use; the last drains and the last checkpoint come after the
  // last request.
  impl_->admin.reset();
  if (was_serving) {
    (void)impl_->issuer->record_held_back();  // the last chance before they are forgotten
  }
  if (impl_->rest) {
    impl_->rest->stop();
  }
  if (impl_->handover) {  // also when nothing was served: then it goes on as it came
    impl_->handover->leave(*impl_->replays, impl_->acceptance);
  }
  if (impl_->secrets) {
    impl_->secrets->stop();
  }
  if (impl_->webhook_sender) {
    impl_->webhook_sender->wake_with({});
    impl_->webhook_sender->stop();
  }
  impl_->collecting.reset();
  impl_->posting.clear();
  impl_->renewing.reset();
  impl_->examining.reset();
  impl_->pruning.reset();
  if (impl_->events) {
    impl_->events->wake_with({});
  }
  impl_->expiring.reset();
  impl_->telling.reset();
  impl_->maintaining.reset();
  impl_->draining.reset();
  if (impl_->feed) {
    impl_->feed->wake_with({});
  }
  impl_->beating.reset();
  if (impl_->journal) {
    (void)impl_->recorder.drain(*impl_->journal);  // what fails here was told while it ran
    if (impl_->autopsies) {
      (void)impl_->autopsies->store(*impl_->journal);
    }
  }
  if (impl_->keeper) {
    (void)impl_->keeper->checkpoint_now();
  }
  if (was_serving) {
    impl_->log.write(LogLevel::kInfo, "stopped");
  }
}

std::expected<std::unique_ptr<Node>, Failure> Node::start(NodeSettings settings,
                                                          ConfigLoader load) {
  std::unique_ptr<Node> node(
      new Node(std::make_unique<Impl>(std::move(settings), std::move(load))));
  Impl& impl = *node->impl_;
  if (auto step = impl.open_stores(); !step) {
    return std::unexpected(step.error());
  }
  if (auto step = impl.build_gateway(); !step) {
    return std::unexpected(step.error());
  }
  if (auto step = impl.build_issuer(); !step) {
    return std::unexpected(step.error());
  }
  if (auto step = impl.open_doors(); !step) {
    return std::unexpected(step.error());
  }
  impl.start_tasks();
  impl.log.write(LogLevel::kInfo, "started",
                 {{"gateway", node->url()},
                  {"admin_socket", node->admin_socket()},
                  {"console", node->console_url().value_or("none")},
                  {"upstream", impl.settings.upstream.url},
                  {"profile", impl.settings.profile.name()}});
  return node;
}

std::string Node::url() const { return impl_->url(); }

std::optional<std::string> Node::console_url() const {
  return impl_->console ? std::optional(impl_->console->origin()) : std::nullopt;
}

const std::optional<WipedText>& Node::setup_url() const { return impl_->setup_url; }

const std::string& Node::admin_socket() const { return impl_->admin->path(); }
Issuer& Node::issuer() { return *impl_->issuer; }
const Journal& Node::journal() const { return *impl_->journal; }
NodeStatus Node::status() const { return impl_->status(); }

std::expected<ReloadFacts, Problem> Node::reload(const Actor& actor) {
  return impl_->reloading->reload(actor);
}

bool Node::wait_until_in_force(milliseconds at_most) const {
  return impl_->wait_until_accepting(at_most);
}

bool Node::drain(milliseconds at_most) { return impl_->rest->drain(at_most); }

// NOLINTEND(bugprone-unchecked-optional-access)

}  // namespace counterfoil
