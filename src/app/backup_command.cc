#include <unistd.h>

#include <CLI/App.hpp>
#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/backup_places.h"
#include "app/backup_stores.h"
#include "app/command_context.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/node_backups.h"
#include "app/node_paths.h"
#include "app/node_settings.h"
#include "app/node_stores.h"
#include "app/remote/node_api.h"
#include "app/shell_text.h"
#include "authority/audit_chain.h"
#include "authority/audit_keys.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "backup/make_backup.h"
#include "backup/manifest.h"
#include "backup/new_file.h"
#include "backup/restore_backup.h"
#include "backup/stores.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/backup_key.h"
#include "crypto/key_file.h"
#include "crypto/secret_arena.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

namespace fs = std::filesystem;

std::unexpected<Failure> failure_of(const Problem& problem) {
  switch (problem.kind) {
    case Problem::Kind::kConflict:
    case Problem::Kind::kNotFound:
    case Problem::Kind::kChanged:
      return std::unexpected(Failure{ExitCode::kNo, problem.detail});
    case Problem::Kind::kInvalid:
      return std::unexpected(Failure{ExitCode::kUsage, problem.detail});
    case Problem::Kind::kNotAllowed:
    case Problem::Kind::kNotSignedIn:
    case Problem::Kind::kBusy:
      return std::unexpected(Failure{ExitCode::kNotAllowed, problem.detail});
    case Problem::Kind::kUnavailable:
      return std::unexpected(Failure{ExitCode::kCannotTell, problem.detail});
  }
  std::unreachable();
}

Actor operator_here() {
  return {.name = "cli:uid=" + std::to_string(::geteuid()), .source = "local"};
}

// Whoever runs a command for a moment cannot be asked to raise limits first.
void allow_unlocked_memory(const Config& config) {
  configure_secret_memory(config.is_on("node.allow_unlocked_memory") ? UnlockedMemory::kAllow
                                                                     : UnlockedMemory::kRefuse);
}

// ---- create

struct CreateFlags {
  std::string out;
  bool new_key = false;
};

// default_name is "counterfoil-gw-1-20260131T235959Z.backup".
std::string default_name(const std::string& node, Timestamp now) {
  std::string time = audit_time_text(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return "counterfoil-" + node + "-" + time.substr(0, time.find('.')) + "Z.backup";
}

std::expected<NodeJson, Failure> create_offline(const BackupPlaces& places, Registry& registry,
                                                const std::string& file, RandomSource& random) {
  const auto found = registry.find(RecordKind::kSetting, kAuditBirthSetting);
  const std::optional<Record> birth = found ? *found : std::nullopt;
  if (!birth) {
    return std::unexpected(
        Failure{ExitCode::kUsage,
                places.data.string() +
                    ": this node has never been started, so there is nothing to back up yet; keep "
                    "copies of its key files"});
  }
  const SystemClock clock;
  AuditedRegistry audited(registry, clock, places.node, birth_hash(birth->bytes));
  NodeBackups backups(places, audited, random, clock);
  const auto made = backups.create(operator_here(), file);
  if (!made) {
    return failure_of(made.error());
  }
  return NodeJson{{"file", made->file},
                  {"bytes", made->bytes},
                  {"time", made->time},
                  {"audit_seq", made->audit_seq},
                  {"audit_hash", made->audit_hash},
                  {"accounts", made->accounts},
                  {"api_keys", made->api_keys}};
}

// create asks the node that has the stores; when none has, it opens them itself.
std::expected<NodeJson, Failure> create(const CommandContext& context, const Config& config,
                                        const std::string& file) {
  constexpr std::chrono::hours kPatience{6};
  const BackupPlaces places = backup_places(config);
  const auto ask_node = [&] {
    return NodeApi(admin_socket_path(config).string())
        .post("/api/v1/backups", {{"file", file}}, kPatience);
  };
  if (!context.flags.admin_socket.empty()) {
    return ask_node();
  }
  if (const auto checked = check_data_directory(places.data); !checked) {
    return std::unexpected(checked.error());
  }
  if (std::error_code error; !fs::exists(registry_path(config), error)) {
    return std::unexpected(
        Failure{ExitCode::kUsage, places.data.string() +
                                      ": there are no stores here to back up; name the data "
                                      "directory of a node with --data"});
  }
  SystemRandom random;
  const auto registry = open_sqlite_registry(registry_path(config), random);
  if (registry) {
    return create_offline(places, **registry, file, random);
  }
  return registry.error().kind == StoreOpenErrorKind::kInUse
             ? ask_node()
             : std::unexpected(Failure{ExitCode::kCannotTell, registry.error().sentence});
}

std::expected<void, Failure> make_key(const fs::path& path, CommandContext& context) {
  SystemRandom random;
  if (const auto made = BackupKey::create_file(path, random); !made) {
    return std::unexpected(Failure{ExitCode::kUsage, "backup key " + path.string() + ": " +
                                                         std::string(describe(made.error()))});
  }
  context.note(Mark::kDone, "backup key " + path.string() +
                                " (0600): keep a copy away from this machine and away from the "
                                "backups; without it no backup opens");
  return {};
}

void run_create(CommandContext& context, const CreateFlags& flags) {
  const auto config = context.load_config();
  if (!config) {
    context.fail(config.error());
    return;
  }
  allow_unlocked_memory(*config);
  const BackupPlaces places = backup_places(*config);
  if (flags.new_key) {
    if (const auto made = make_key(places.key_file, context); !made) {
      context.fail(made.error());
      return;
    }
  }
  const fs::path file =
      fs::absolute(flags.out.empty() ? default_name(places.node, SystemClock().now()) : flags.out);
  const auto made = create(context, *config, file.lexically_normal().string());
  if (!made) {
    context.fail(made.error());
    return;
  }
  if (context.flags.json) {
    context.data(made->dump());
    return;
  }
  context.data(made->value("file", ""));
  context.note(Mark::kDone,
               std::to_string(made->value("api_keys", 0U)) + " API keys of " +
                   std::to_string(made->value("accounts", 0U)) + " accounts, up to audit record " +
                   std::to_string(made->value("audit_seq", 0U)) + "; restored on trial, and whole");
  context.note(Mark::kWarning,
               "the root key, the backup key and the configuration are not in it: keep copies of "
               "them elsewhere");
}

// ---- verify and restore

struct OpenFlags {
  std::string file;
  std::string key;
  std::string scratch;
  std::vector<std::string> revocations;
  bool without_revocations = false;
  std::string checkpoints;
  bool accept_rollback = false;
};

std::expected<BackupKey, Failure> load_key(const Config& config, const OpenFlags& flags) {
  allow_unlocked_memory(config);
  auto key =
      load_backup_key(flags.key.empty() ? backup_places(config).key_file : fs::path(flags.key));
  if (!key) {
    return failure_of(key.error());
  }
  return std::move(*key);
}

NodeJson facts_of(const Manifest& manifest) {
  const StoresSurvey& stores = manifest.stores;
  return {{"node", manifest.node},
          {"time", manifest.time},
          {"program", manifest.program},
          {"log_id", stores.log_id},
          {"audit_seq", stores.head.seq},
          {"audit_hash", to_hex(stores.head.hash)},
          {"incarnation", stores.incarnation},
          {"revision", stores.revision},
          {"accounts", stores.counts.accounts},
          {"api_keys", stores.counts.api_keys},
          {"checkpoints", stores.counts.checkpoints}};
}

std::expected<Manifest, Problem> verify(const BackupKey& key, const OpenFlags& flags) {
  std::error_code error;
  const fs::path scratch =
      flags.scratch.empty() ? fs::temp_directory_path(error) : fs::path(flags.scratch);
  const auto folder = ScratchFolder::make(scratch, "counterfoil-verify-");
  if (!folder) {
    return std::unexpected(folder.error());
  }
  SystemRandom random;
  return check_backup(store_engines({}, random), key, flags.file, folder->path());
}

void run_verify(CommandContext& context, const OpenFlags& flags) {
  const auto config = context.load_config();
  const auto key = config ? load_key(*config, flags) : std::unexpected(config.error());
  if (!key) {
    context.fail(key.error());
    return;
  }
  const auto manifest = verify(*key, flags);
  if (!manifest) {
    const Failure failure = failure_of(manifest.error()).error();
    if (failure.code != ExitCode::kNo || !context.flags.json) {
      context.fail(failure);
      return;
    }
    context.data(NodeJson{
        {"whole", false}, {"reason", manifest.error().reason}, {"detail", manifest.error().detail}}
                     .dump());
    context.end(ExitCode::kNo);
    return;
  }
  if (context.flags.json) {
    NodeJson facts = facts_of(*manifest);
    facts["whole"] = true;
    context.data(facts.dump());
    return;
  }
  context.note(Mark::kDone,
               flags.file + " is whole: node " + manifest->node + " at " + manifest->time + ", " +
                   std::to_string(manifest->stores.counts.api_keys) +
                   " API keys, up to audit record " + std::to_string(manifest->stores.head.seq));
}

std::expected<RestoreWish, Failure> wish_of(const Config& config, const OpenFlags& flags) {
  RestoreWish wish{.file = flags.file,
                   .directory = fs::absolute(data_directory(config)).lexically_normal(),
                   .revocation_logs = std::nullopt,
                   .checkpoints = std::nullopt,
                   .rollback = flags.accept_rollback ? Rollback::kAccept : Rollback::kRefuse,
                   .actor = operator_here()};
  if (!wish.directory.has_filename()) {
    wish.directory = wish.directory.parent_path();
  }
  std::error_code error;
  std::vector<std::string> named = flags.revocations;
  if (!flags.checkpoints.empty()) {
    named.push_back(flags.checkpoints);
    wish.checkpoints = flags.checkpoints;
  }
  for (const std::string& path : named) {
    if (!fs::exists(path, error)) {
      return std::unexpected(
          Failure{ExitCode::kUsage, path + ": there is no such file; check the name"});
    }
  }
  if (flags.without_revocations || !flags.revocations.empty()) {
    wish.revocation_logs.emplace(flags.revocations.begin(), flags.revocations.end());
  }
  return wish;
}

void report(CommandContext& context, const Restored& restored, const RestoreWish& wish) {
  if (context.flags.json) {
    NodeJson facts = facts_of(restored.manifest);
    facts["data"] = wish.directory.string();
    facts["revocations_known"] = restored.revocations_known;
    facts["endings"] = restored.endings;
    facts["api_keys_revoked"] = restored.keys_revoked;
    facts["api_keys_suspended"] = restored.keys_suspended;
    facts["api_keys_changed"] = restored.keys_changed;
    facts["accounts_suspended"] = restored.accounts_suspended;
    facts["people_disabled"] = restored.people_disabled;
    facts["newest_known_seq"] = restored.newest_known;
    facts["rolled_back"] = restored.rolled_back;
    facts["new_incarnation"] = restored.incarnation;
    context.data(facts.dump());
    return;
  }
  context.note(Mark::kDone, "restored into " + wish.directory.string() + ", as of " +
                                restored.manifest.time + ", audit record " +
                                std::to_string(restored.manifest.stores.head.seq));
  if (restored.revocations_known) {
    context.note(Mark::kDone, std::to_string(restored.endings) +
                                  " revocations and suspensions since then were applied: " +
                                  std::to_string(restored.keys_revoked) + " API keys revoked, " +
                                  std::to_string(restored.keys_suspended) + " suspended, " +
                                  std::to_string(restored.people_disabled) + " people disabled");
  } else {
    context.note(
        Mark::kWarning,
        "what was revoked since then is not known, so every API key is suspended (" +
            std::to_string(restored.keys_suspended) +
            "): let its owner say that it was not revoked, then `counterfoil keys resume`; and "
            "nobody of the console may sign in (" +
            std::to_string(restored.people_disabled) + ") until they are enabled");
  }
  if (restored.rolled_back) {
    context.note(Mark::kWarning, "what was changed after the backup is lost (audit records up to " +
                                     std::to_string(restored.newest_known) + ")");
  }
  const std::string flag = " --data " + shell_quoted(wish.directory.string());
  context.say(
      "Next    put root.key, upstream-proof.secret, backup.key and counterfoil.toml there, "
      "then");
  context.say("        counterfoil serve" + flag);
}

void run_restore(CommandContext& context, const OpenFlags& flags) {
  const auto config = context.load_config();
  const auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    context.fail(settings.error());
    return;
  }
  const auto key = load_key(*config, flags);
  if (!key) {
    context.fail(key.error());
    return;
  }
  const auto wish = wish_of(*config, flags);
  if (!wish) {
    context.fail(wish.error());
    return;
  }
  SystemRandom random;
  const SystemClock clock;
  const StoreEngines engines = store_engines({}, random);
  const auto restored = restore_backup({.engines = engines,
                                        .key = *key,
                                        .clock = clock,
                                        .permissions = settings->profile.permissions()},
                                       *wish);
  if (!restored) {
    context.fail(failure_of(restored.error()).error());
    return;
  }
  report(context, *restored, *wish);
}

void add_open_flags(CLI::App& command, OpenFlags& flags) {
  command.add_option("file", flags.file, "the backup")->required();
  command.add_option("--key", flags.key, "backup key file (backup.key_file)");
}

}  // namespace

void add_backup_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const backup =
      app.add_subcommand("backup", "Back up a node, check a backup, and restore one");
  backup->require_subcommand(1);
  backup->footer(
      "  counterfoil backup create --out /backups/monday.backup --data ./data\n"
      "  counterfoil backup verify /backups/monday.backup --key ./data/backup.key\n"
      "  counterfoil backup restore /backups/monday.backup --data ./restored --key backup.key");

  CLI::App* const creating = backup->add_subcommand(
      "create", "Back up registry and journal into one sealed file, while the node runs or not");
  creating->footer(
      "  counterfoil backup create --out /backups/monday.backup --data ./data\n"
      "A running node writes the file itself. It is restored on trial before this answers.");
  const auto create_flags = std::make_shared<CreateFlags>();
  creating->add_option("--out", create_flags->out,
                       "the new file (default: named by node and time)");
  creating->add_flag("--new-key", create_flags->new_key, "make the backup key file first");
  creating->callback([&context, create_flags] { run_create(context, *create_flags); });

  CLI::App* const verifying = backup->add_subcommand(
      "verify", "Restore a backup on trial: needs no node, but room for its stores");
  verifying->footer("  counterfoil backup verify /backups/monday.backup --key ./data/backup.key");
  const auto verify_flags = std::make_shared<OpenFlags>();
  add_open_flags(*verifying, *verify_flags);
  verifying->add_option("--scratch", verify_flags->scratch,
                        "folder to unpack into for a moment (default: TMPDIR)");
  verifying->callback([&context, verify_flags] { run_verify(context, *verify_flags); });

  CLI::App* const restoring = backup->add_subcommand(
      "restore", "Restore a backup into an empty data directory; nothing revoked comes back");
  restoring->footer(
      "  counterfoil backup restore monday.backup --data ./restored --key backup.key \\\n"
      "      --config counterfoil.toml --revocations /mnt/other/revocations.log\n"
      "Without a revocation log every API key is suspended until it is resumed.");
  const auto restore_flags = std::make_shared<OpenFlags>();
  add_open_flags(*restoring, *restore_flags);
  restoring->add_option("--revocations", restore_flags->revocations,
                        "revocation log, may be repeated (default: where the node kept it)");
  restoring->add_flag("--without-revocations", restore_flags->without_revocations,
                      "there is no log: suspend every API key");
  restoring->add_option("--checkpoints", restore_flags->checkpoints,
                        "newest audit checkpoints (default: where the node kept them)");
  restoring->add_flag("--accept-rollback", restore_flags->accept_rollback,
                      "restore although newer audit records are known of");
  restoring->callback([&context, restore_flags] { run_restore(context, *restore_flags); });
}

}  // namespace counterfoil
