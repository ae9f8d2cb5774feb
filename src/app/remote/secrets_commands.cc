#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "app/command_context.h"
#include "app/progress.h"
#include "app/remote/commands.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"
#include "base/random.h"
#include "crypto/key_file.h"
#include "crypto/root_key.h"
#include "crypto/secret_arena.h"

namespace counterfoil {
namespace {

constexpr std::chrono::milliseconds kAskEvery{200};
constexpr std::chrono::seconds kScrubPatience{3'600};

using Done = std::expected<void, Failure>;

// versions writes "2 seals, 1 opens".
std::string versions(const NodeJson& status) {
  std::string text;
  for (const NodeJson& key : status.value("sealing_keys", NodeJson::array())) {
    text.insert(
        0, fmt::format("{} {}{}", key.value("version", 0U),
                       key.value("seals", false) ? "seals" : "opens", text.empty() ? "" : ", "));
  }
  return text;
}

std::uint64_t left(const NodeJson& status) {
  const NodeJson rotation = status.value("rotation", NodeJson());
  return rotation.is_object() ? rotation.value("records_left", std::uint64_t{0}) : 0;
}

Done run_status(const NodeApi& api, CommandContext& context) {
  const auto status = api.get("/api/v1/secrets");
  if (!status) {
    return std::unexpected(status.error());
  }
  if (context.flags.json) {
    context.data(status->dump());
    return {};
  }
  context.data("Sealing keys  " + versions(*status));
  const NodeJson rotation = status->value("rotation", NodeJson());
  if (rotation.is_object()) {
    context.data("Left          " + grouped(left(*status)) + " of " +
                 grouped(rotation.value("records", std::uint64_t{0})) +
                 " records on older sealing keys");
    if (const NodeJson trouble = rotation.value("trouble", NodeJson()); trouble.is_object()) {
      context.note(Mark::kProblem, member(trouble, "detail"));
    }
  }
  const NodeJson root = status->value("root_key", NodeJson::object());
  context.data("Root key      " + member(root, "id") + " in " + member(root, "file"));
  if (const std::string next = member(root, "next_id"); !next.empty()) {
    context.note(Mark::kWarning, "a change to the root key " + next + " was begun: put it into " +
                                     member(root, "file") +
                                     " and restart the node, or repeat `counterfoil secrets "
                                     "rotate root` with its file");
  }
  return {};
}

// follow waits until no older sealing key is left.
Done follow(const NodeApi& api, CommandContext& context, NodeJson status) {
  Progress progress(context, "records");
  while (status.value("rotation", NodeJson()).is_object()) {
    const NodeJson rotation = status["rotation"];
    if (const NodeJson trouble = rotation.value("trouble", NodeJson()); trouble.is_object()) {
      return std::unexpected(Failure{ExitCode::kCannotTell,
                                     member(trouble, "detail") +
                                         ". The node tries again by itself; `counterfoil secrets "
                                         "status` shows how far it is"});
    }
    const auto whole = rotation.value("records", std::uint64_t{0});
    const std::uint64_t done = whole - std::min(whole, left(status));
    progress.update({.done = done, .whole = whole, .count = done});
    std::this_thread::sleep_for(kAskEvery);
    auto next = api.get("/api/v1/secrets");
    if (!next) {
      Failure failure = next.error();
      failure.sentence +=
          ". The node goes on with it by itself; `counterfoil secrets status` shows how far it is";
      return std::unexpected(std::move(failure));
    }
    status = std::move(*next);
  }
  return {};
}

struct KekFlags {
  bool no_wait = false;
};

Done run_rotate_kek(const NodeApi& api, CommandContext& context, const KekFlags& flags) {
  auto status = api.post("/api/v1/secrets/rotate-kek", NodeJson::object());
  if (!status) {
    return std::unexpected(status.error());
  }
  if (!status->value("begun", false)) {
    context.note(Mark::kStep, "a rotation was under way already; it goes on");
  }
  if (!flags.no_wait) {
    if (auto followed = follow(api, context, *status); !followed) {
      return followed;
    }
    status = api.get("/api/v1/secrets");
    if (!status) {
      return std::unexpected(status.error());
    }
  }
  if (context.flags.json) {
    context.data(status->dump());
  }
  context.note(Mark::kDone, flags.no_wait
                                ? "the new sealing key seals; the node takes over what the old one "
                                  "sealed (`counterfoil secrets status`)"
                                : "sealing key " + versions(*status) +
                                      "; nothing is sealed with an older one, which is destroyed");
  return {};
}

struct RootFlags {
  std::string file;
};

// make_if_missing makes the new root key where its file is not there yet.
Done make_if_missing(CommandContext& context, const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    return {};
  }
  configure_secret_memory(UnlockedMemory::kAllow);  // for the moment of writing it
  SystemRandom random;
  if (const auto made = RootKey::create_file(file, random); !made) {
    return std::unexpected(Failure{ExitCode::kUsage, "root key " + file.string() + ": " +
                                                         std::string(describe(made.error()))});
  }
  context.note(Mark::kDone, "a new root key is in " + file.string() +
                                " (0600): keep a copy in a safe, away from the backups");
  return {};
}

Done run_rotate_root(const NodeApi& api, CommandContext& context, const RootFlags& flags) {
  const std::filesystem::path file = std::filesystem::absolute(flags.file).lexically_normal();
  if (auto made = make_if_missing(context, file); !made) {
    return made;
  }
  const auto rotated = api.post("/api/v1/secrets/rotate-root", {{"file", file.string()}});
  if (!rotated) {
    return std::unexpected(rotated.error());
  }
  if (context.flags.json) {
    context.data(rotated->dump());
  }
  const std::string place = member(rotated->value("root_key", NodeJson::object()), "file");
  if (!rotated->value("finished", false)) {
    return std::unexpected(Failure{
        ExitCode::kNo,
        "the new root key " + member(*rotated, "new_id") +
            " is prepared, but the node cannot put it in place: " + member(*rotated, "trouble") +
            ". Put it there by the means that put the "
            "old one there (a service manager's credential, say), and restart the "
            "node: that finishes the change"});
  }
  context.note(Mark::kDone, "the root key is " + member(*rotated, "new_id") + " now, in " + place);
  if (const std::string old_file = member(*rotated, "old_file"); !old_file.empty()) {
    context.note(Mark::kWarning,
                 "the old one lies in " + old_file +
                     ": backups made before open with it alone, so move it into your safe, and "
                     "destroy it with the last of them");
  }
  context.note(Mark::kStep,
               "make a backup now; `counterfoil secrets scrub` in a quiet hour "
               "removes what is left of the old wraps in the registry's file");
  return {};
}

Done run_scrub(const NodeApi& api, CommandContext& context) {
  const auto done = api.post("/api/v1/secrets/scrub", NodeJson::object(), kScrubPatience);
  if (!done) {
    return std::unexpected(done.error());
  }
  if (context.flags.json) {
    context.data(done->dump());
  }
  context.note(Mark::kDone,
               "the registry's file is written anew: nothing that was replaced or "
               "erased is left in it");
  return {};
}

}  // namespace

void add_secrets_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const secrets = app.add_subcommand(
      "secrets", "Change the keys that a running node's secrets are sealed with");
  secrets->require_subcommand(1);
  secrets->footer(
      "  counterfoil secrets status\n"
      "  counterfoil secrets rotate kek                                       # the sealing key\n"
      "  counterfoil secrets rotate root --new-root-key-file /safe/root.key   # what wraps it");
  CLI::App* const status =
      secrets->add_subcommand("status", "Show the keys, and how far a change is");
  status->callback([&context] {
    on_node(context, [&](const NodeApi& api) { return run_status(api, context); });
  });

  CLI::App* const rotate = secrets->add_subcommand(
      "rotate", "Change a key while the node works; no secret is opened, no request refused");
  rotate->require_subcommand(1);
  CLI::App* const kek = rotate->add_subcommand(
      "kek", "Make a new sealing key, wrap everything by it, and destroy the old one");
  const auto kek_flags = std::make_shared<KekFlags>();
  kek->add_flag("--no-wait", kek_flags->no_wait,
                "do not wait until nothing is left on the old one");
  kek->callback([&context, kek_flags] {
    on_node(context, [&](const NodeApi& api) { return run_rotate_kek(api, context, *kek_flags); });
  });
  CLI::App* const root =
      rotate->add_subcommand("root", "Change the root key, which wraps the sealing keys");
  const auto root_flags = std::make_shared<RootFlags>();
  root->add_option("--new-root-key-file", root_flags->file,
                   "file with the new root key, on the node's machine; made if it is not there")
      ->required();
  root->callback([&context, root_flags] {
    on_node(context,
            [&](const NodeApi& api) { return run_rotate_root(api, context, *root_flags); });
  });

  CLI::App* const scrub = secrets->add_subcommand(
      "scrub", "Write the registry's file anew, without what was replaced; changes wait for it");
  scrub->callback([&context] {
    on_node(context, [&](const NodeApi& api) { return run_scrub(api, context); });
  });
}

}  // namespace counterfoil
