#include <CLI/App.hpp>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/remote/key_flags.h"
#include "app/remote/key_lookup.h"
#include "app/remote/key_view.h"
#include "app/remote/keys_group.h"
#include "app/remote/keys_import_file.h"
#include "app/remote/new_pair.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"
#include "app/secret_input.h"
#include "authority/secret_job.h"
#include "base/bytes.h"
#include "base/wiped_text.h"

namespace counterfoil {
namespace {

void say_next(CommandContext& context, const std::string& out) {
  if (!out.empty() && !context.flags.json) {
    context.note(Mark::kStep, "counterfoil sign --key " + out + " GET /api/v3/account | sh");
  }
}

std::expected<void, Failure> run_create(const NodeApi& api, CommandContext& context,
                                        const KeyFlags& key, const PairFlags& flags) {
  auto body = key.to_body();
  if (!body) {
    return std::unexpected(body.error());
  }
  auto pair = NewPair::prepare(flags, ask_node(api, key.account));
  if (!pair) {
    return std::unexpected(pair.error());
  }
  pair->add_to(*body);
  WipedText secret;
  auto made = api.post_for_secret("/api/v1/keys", *body, secret);
  if (!made) {
    return std::unexpected(made.error());
  }
  const auto kept = pair->keep(*made, secret);
  print_made_key(context, *made, secret);
  if (kept) {
    say_next(context, flags.out);
  }
  return kept;
}

struct RotateFlags {
  std::string key;
  std::string overlap = "24h";
  std::string until_quiet;
};

std::expected<void, Failure> run_rotate(const NodeApi& api, CommandContext& context,
                                        const RotateFlags& flags, const PairFlags& pair_flags) {
  const auto overlap = parse_span(flags.overlap);
  if (!overlap) {
    return std::unexpected(
        Failure{ExitCode::kUsage, "--overlap " + flags.overlap +
                                      " is not understood; write 24h, 90m, or 0 to end the old "
                                      "pair at once"});
  }
  const auto key = find_key(api, flags.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  auto pair = NewPair::prepare(pair_flags, ask_node(api, member(*key, "account")));
  if (!pair) {
    return std::unexpected(pair.error());
  }
  NodeJson body{{"overlap_s", overlap->count()}};
  if (!flags.until_quiet.empty()) {
    const auto quiet = parse_span(flags.until_quiet);
    if (!quiet) {
      return std::unexpected(Failure{ExitCode::kUsage, "--until-quiet " + flags.until_quiet +
                                                           " is not understood; write 24h or 90m"});
    }
    body["quiet_s"] = quiet->count();
  }
  pair->add_to(body);
  WipedText secret;
  auto made = api.post_for_secret(key_target(*key, "rotate"), body, secret);
  if (!made) {
    return std::unexpected(made.error());
  }
  const auto kept = pair->keep(*made, secret);
  print_made_key(context, *made, secret);
  return kept;
}

// import_body writes the secret into the request without letting a JSON library copy it.
WipedText import_body(const NodeJson& facts, const WipedText& secret) {
  const std::string written = facts.dump();
  WipedText body;
  body.reserve(written.size() + (2 * secret.size()) + 32);
  body += std::string_view(written).substr(0, written.size() - 1);
  body += ",\"secret\":\"";
  for (const char c : secret) {
    if (c == '"' || c == '\\') {
      body += '\\';
    }
    body += static_cast<unsigned char>(c) < ' ' ? ' ' : c;  // the node refuses blanks in its words
  }
  body += "\"}";
  return body;
}

struct ImportFlags {
  std::string api_key;
  std::string secret_file;
  ImportFileFlags many;

  // check says what is missing, or does not go together.
  [[nodiscard]] std::expected<void, Failure> check(const KeyFlags& key) const {
    const bool names_one = !key.account.empty() || !api_key.empty() || !secret_file.empty();
    if (many.file.empty() && (key.account.empty() || api_key.empty())) {
      return std::unexpected(
          Failure{ExitCode::kUsage,
                  "name one API key with --account and --api-key, or a file of many with --file"});
    }
    if (many.file.empty() ? many.dry_run || many.create_accounts || !many.report.empty()
                          : names_one) {
      return std::unexpected(Failure{
          ExitCode::kUsage,
          "--account, --api-key and --secret-file are for one API key, --report, --dry-run and "
          "--create-accounts for a --file, in which each row names its own"});
    }
    return {};
  }
};

std::expected<void, Failure> run_import(const NodeApi& api, CommandContext& context,
                                        const KeyFlags& key, const ImportFlags& flags) {
  auto body = key.to_body();
  if (!body) {
    return std::unexpected(body.error());
  }
  (*body)["api_key"] = flags.api_key;
  const auto secret = read_secret(flags.secret_file, "--secret-file");
  if (!secret) {
    return std::unexpected(secret.error());
  }
  WipedText text;
  text.reserve(secret->size());
  SecretJob::append_shown_text(*secret, text);
  const auto made = api.post_secret("/api/v1/keys/import", import_body(*body, text));
  if (!made) {
    return std::unexpected(made.error());
  }
  print_made_key(context, *made, {});
  return {};
}

struct ChallengeFlags {
  std::string account;
  std::string public_key_file;
  std::string text_file;
};

std::expected<void, Failure> run_challenge(const NodeApi& api, CommandContext& context,
                                           const ChallengeFlags& flags) {
  const auto public_key = read_public_key(flags.public_key_file);
  if (!public_key) {
    return std::unexpected(public_key.error());
  }
  const auto made =
      api.post("/api/v1/challenges", {{"account", flags.account}, {"public_key", *public_key}});
  if (!made) {
    return std::unexpected(made.error());
  }
  const std::string text = member(*made, "text");
  if (!flags.text_file.empty()) {
    if (const auto written = write_new_file(flags.text_file, as_bytes(text)); !written) {
      return written;
    }
  }
  if (context.flags.json) {
    context.data(made->dump());
    return {};
  }
  context.data(text);
  context.note(
      Mark::kStep,
      "sign exactly these bytes, without a line end behind them (--text-file writes them), "
      "then: counterfoil keys create --public-key " +
          flags.public_key_file + " --nonce " + member(*made, "nonce") + " --signature BASE64");
  return {};
}

void add_challenge(CLI::App& keys, CommandContext& context) {
  CLI::App* const command = keys.add_subcommand(
      "challenge", "Ask for the text that proves possession of a private key kept elsewhere");
  command->footer(
      "  counterfoil keys challenge --account demo --public-key pub.pem --text-file challenge.txt\n"
      "  openssl pkeyutl -sign -rawin -inkey key.pem -in challenge.txt | base64 -w0      # "
      "Ed25519\n"
      "  openssl dgst -sha256 -sign key.pem challenge.txt | base64 -w0                   # RSA");
  const auto flags = std::make_shared<ChallengeFlags>();
  command->add_option("--account", flags->account, "whose API key it will be")->required();
  command->add_option("--public-key", flags->public_key_file, "PEM of the public key")->required();
  command->add_option("--text-file", flags->text_file, "new file for the exact bytes to sign");
  command->callback([&context, flags] {
    on_node(context, [&](const NodeApi& api) { return run_challenge(api, context, *flags); });
  });
}

void add_import(CLI::App& keys, CommandContext& context) {
  CLI::App* const command = keys.add_subcommand(
      "import", "Take over API keys and their secrets, or public keys, that were made elsewhere");
  command->footer(
      "  counterfoil keys import --account demo --api-key vmPU… --secret-file ./secret.txt\n"
      "  pass show bot | counterfoil keys import --account demo --api-key vmPU… --secret-file -\n"
      "  counterfoil keys import --file keys.jsonl --create-accounts --dry-run\n"
      "  counterfoil keys import --file keys.jsonl --create-accounts --report refused.jsonl\n"
      "A row of the file: {\"account\":\"desk\",\"api_key\":\"vmPU…\",\"secret\":\"…\"}; "
      "docs/import.md tells the rest.");
  const auto key = std::make_shared<KeyFlags>();
  const auto flags = std::make_shared<ImportFlags>();
  key->add_options(*command);
  command->get_option("--account")->required(false);
  command->add_option("--api-key", flags->api_key, "its public id: 64 letters and digits");
  command->add_option("--secret-file", flags->secret_file,
                      "file with the secret, closed to others, or - for standard input");
  command->add_option("--file", flags->many.file,
                      "file of many keys, one JSON object a line, closed to others, or -");
  command->add_option("--report", flags->many.report,
                      "file for the rows that are refused, with the reasons");
  command->add_flag("--dry-run", flags->many.dry_run, "find out what would be refused, no more");
  command->add_flag("--create-accounts", flags->many.create_accounts,
                    "make the accounts that are not there");
  command->callback([&context, key, flags] {
    if (const auto fine = flags->check(*key); !fine) {
      context.fail(fine.error());
      return;
    }
    on_node(context, [&](const NodeApi& api) {
      return flags->many.file.empty() ? run_import(api, context, *key, *flags)
                                      : run_import_file(api, context, flags->many);
    });
  });
}

}  // namespace

void add_key_making(CLI::App& keys, CommandContext& context) {
  CLI::App* const creating = keys.add_subcommand("create", "Make an API key");
  creating->footer(
      "  counterfoil keys create --account demo --label mm-bot-3 --out ./mm-bot-3\n"
      "  counterfoil keys create --account demo --type hmac-sha256 --permissions USER_DATA,TRADE "
      "--ip 203.0.113.7\n"
      "  counterfoil keys create --account demo --private-key-file ./key.pem --expires 90d");
  const auto key = std::make_shared<KeyFlags>();
  const auto pair = std::make_shared<PairFlags>();
  key->add_options(*creating);
  pair->add_options(*creating);
  creating->callback([&context, key, pair] {
    on_node(context, [&](const NodeApi& api) { return run_create(api, context, *key, *pair); });
  });

  CLI::App* const rotating = keys.add_subcommand(
      "rotate", "Add a new key pair to an API key; the old one verifies for the overlap");
  rotating->footer(
      "  counterfoil keys rotate mm-bot-3 --out ./mm-bot-3-new --overlap 6h\n"
      "  counterfoil keys rotate mm-bot-3 --out ./new --overlap 14d --until-quiet 24h\n"
      "  counterfoil keys rotate mm-bot-3 --type hmac-sha256 --overlap 0        # after a leak");
  const auto flags = std::make_shared<RotateFlags>();
  const auto new_pair = std::make_shared<PairFlags>();
  rotating->add_option("key", flags->key, kKeyArgumentHelp)->required();
  rotating->add_option("--overlap", flags->overlap,
                       "how long the old pair still verifies (default 24h; 0: not at all)");
  rotating->add_option("--until-quiet", flags->until_quiet,
                       "end the old pair earlier, once nobody used it for so long: 24h");
  new_pair->add_options(*rotating);
  rotating->callback([&context, flags, new_pair] {
    on_node(context,
            [&](const NodeApi& api) { return run_rotate(api, context, *flags, *new_pair); });
  });
  add_import(keys, context);
  add_challenge(keys, context);
}

}  // namespace counterfoil
