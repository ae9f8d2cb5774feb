#include <CLI/App.hpp>
#include <expected>
#include <memory>
#include <string>

#include "app/command_context.h"
#include "app/remote/key_flags.h"
#include "app/remote/keys_group.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/table.h"
#include "app/remote/wording.h"
#include "base/time.h"
#include "base/wiped_text.h"

namespace counterfoil {
namespace {

constexpr const char* kTarget = "/api/v1/enrolment-links";

struct EnrollFlags {
  std::string type = "ed25519";
  std::string life = "24h";
  bool is_list = false;
  std::string withdraw;

  // check says what is missing, or does not go together.
  [[nodiscard]] std::expected<void, Failure> check(const KeyFlags& key) const {
    const bool makes = !key.account.empty();
    if ((makes ? 1 : 0) + (is_list ? 1 : 0) + (withdraw.empty() ? 0 : 1) != 1) {
      return std::unexpected(Failure{ExitCode::kUsage,
                                     "name the account of the new API key with --account, or give "
                                     "--list, or --withdraw ID"});
    }
    return {};
  }
};

// The link is a secret until it is used: it goes to standard output, once, and into no other text.
void print_link(CommandContext& context, const NodeJson& made, const WipedText& token) {
  const std::string page = member(made, "page");
  WipedText line;
  if (context.flags.json) {
    const std::string facts = made.dump();
    line.reserve(facts.size() + page.size() + token.size() + 16);
    line += std::string_view(facts).substr(0, facts.size() - 1);
    line += ",\"url\":\"";
  }
  line += page;
  line += "#e=";
  line += token;
  line += context.flags.json ? "\"}" : "";
  context.data(line);
  if (!context.flags.json) {
    context.note(Mark::kWarning,
                 "whoever opens this link makes the key pair and gets the API key: hand it to that "
                 "person alone. It is good once and shown this once");
    context.note(Mark::kStep, "counterfoil keys enroll --withdraw " + member(made, "id"));
  }
}

std::expected<void, Failure> run_prepare(const NodeApi& api, CommandContext& context,
                                         const KeyFlags& key, const EnrollFlags& flags) {
  auto body = key.to_body();
  if (!body) {
    return std::unexpected(body.error());
  }
  const auto life = parse_span(flags.life);
  if (!life) {
    return std::unexpected(
        Failure{ExitCode::kUsage, "--life " + flags.life + " is not understood; write 24h or 7d"});
  }
  (*body)["type"] = flags.type;
  (*body)["link_life_s"] = life->count();
  WipedText token;
  const auto made = api.post_for_secret(kTarget, *body, token, "url_token");
  if (!made) {
    return std::unexpected(made.error());
  }
  print_link(context, *made, token);
  return {};
}

std::string fate_of(const NodeJson& link, Timestamp now) {
  const std::string state = member(link, "state");
  if (state == "used") {
    return "used " + relative(time_member(link, "used_at").value_or(now), now);
  }
  if (state == "open") {
    return "ends " + relative(time_member(link, "ends_at").value_or(now), now);
  }
  return state == "void" ? "void: its maker may no longer make this key" : "run out";
}

std::expected<void, Failure> run_list(const NodeApi& api, CommandContext& context) {
  const auto page = api.get(kTarget);
  if (!page) {
    return std::unexpected(page.error());
  }
  const NodeJson items = page->value("items", NodeJson::array());
  if (context.flags.json) {
    for (const NodeJson& link : items) {
      context.data(link.dump());
    }
    return {};
  }
  const Timestamp now = SystemClock().now();
  Table table({"ID", "ACCOUNT", "LABEL", "TYPE", "PERMISSIONS", "LINK"});
  for (const NodeJson& link : items) {
    table.add_row({{member(link, "id")},
                   {member(link, "account")},
                   {member(link, "label")},
                   {member(link, "type")},
                   {list_member(link, "permissions", " ")},
                   {fate_of(link, now)}});
  }
  if (table.empty()) {
    context.note(Mark::kDone, "there are no enrolment links");
    return {};
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
  return {};
}

std::expected<void, Failure> run_withdraw(const NodeApi& api, CommandContext& context,
                                          const std::string& id) {
  const auto gone = api.post(kTarget + ("/" + id) + "/withdraw", NodeJson::object());
  if (!gone) {
    return std::unexpected(gone.error());
  }
  if (!context.flags.json) {
    context.note(Mark::kDone, "the link is withdrawn: nobody can use it any more");
  }
  return {};
}

}  // namespace

void add_key_enrolling(CLI::App& keys, CommandContext& context) {
  CLI::App* const command = keys.add_subcommand(
      "enroll", "Prepare an API key whose pair somebody else makes, who opens a one-time link");
  command->footer(
      "  counterfoil keys enroll --account demo --label mm-bot-3 --permit USER_DATA,TRADE --ip "
      "203.0.113.7\n"
      "  counterfoil keys enroll --account demo --type hmac-sha256 --life 2h\n"
      "  counterfoil keys enroll --list\n"
      "  counterfoil keys enroll --withdraw 3f1c9a…\n"
      "Whoever opens the link makes the pair in their browser, so its secret half is with them "
      "from "
      "the\n"
      "beginning. The link is good once.");
  const auto key = std::make_shared<KeyFlags>();
  const auto flags = std::make_shared<EnrollFlags>();
  key->add_options(*command);
  command->get_option("--account")->required(false);
  command->add_option("--type", flags->type,
                      "ed25519, rsa-sha256 or hmac-sha256 (default ed25519)");
  command->add_option("--life", flags->life,
                      "how long the link is good: 24h (default), at most 7d");
  command->add_flag("--list", flags->is_list, "list the links instead");
  command->add_option("--withdraw", flags->withdraw, "withdraw the link of this id instead");
  command->callback([&context, key, flags] {
    if (const auto fine = flags->check(*key); !fine) {
      context.fail(fine.error());
      return;
    }
    on_node(context, [&](const NodeApi& api) {
      return !flags->withdraw.empty() ? run_withdraw(api, context, flags->withdraw)
             : flags->is_list         ? run_list(api, context)
                                      : run_prepare(api, context, *key, *flags);
    });
  });
}

}  // namespace counterfoil
