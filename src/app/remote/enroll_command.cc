#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/remote/commands.h"
#include "app/remote/enrolment_answer.h"
#include "app/remote/enrolment_desk.h"
#include "app/remote/enrolment_url.h"
#include "app/remote/key_view.h"
#include "app/remote/new_pair.h"
#include "app/remote/node_api.h"
#include "app/secret_lines.h"
#include "app/shell_text.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

struct EnrollFlags {
  std::string link;  // the file that holds it, or "-"
  std::string ca_file;
  PairFlags pair;
  bool is_dry_run = false;
};

std::expected<EnrolmentUrl, Failure> read_link(const std::string& path, CommandContext& context) {
  if (path == "-" && ::isatty(STDIN_FILENO) == 1 && context.err_is_terminal()) {
    context.say("Paste the link, then press Enter.");
  }
  auto lines = SecretLines::open(path, EnrolmentUrl::kBytesMax);
  if (!lines) {
    return std::unexpected(lines.error());
  }
  std::string_view line;
  const auto got = lines->next(line);
  auto url = got == SecretLines::Next::kLine
                 ? EnrolmentUrl::parse(line)
                 : std::unexpected(std::string("has no line with an enrolment link in it"));
  if (!url) {
    return std::unexpected(
        Failure{ExitCode::kUsage, (path == "-" ? "standard input" : path) + ": " + url.error()});
  }
  return std::move(*url);
}

NodeJson facts_of(const PreparedKey& key) {
  NodeJson facts{{"account", key.account},
                 {"label", key.label},
                 {"type", describe(key.scheme).name},
                 {"permissions", key.permissions},
                 {"allow_list", key.allow_list},
                 {"symbols", key.symbols},
                 {"expires_at", nullptr}};
  if (key.expires_at) {
    facts["expires_at"] = *key.expires_at;
  }
  return facts;
}

void show_prepared(CommandContext& context, const PreparedKey& key) {
  NodeJson facts = facts_of(key);
  facts["never_expires"] = key.never_expires;
  facts["link_ends_at"] = key.ends_at;
  if (context.flags.json) {
    context.data(facts.dump());
    return;
  }
  if (!key.expires_at && !key.never_expires) {
    facts.erase("expires_at");  // the usual life there, from the use of the link on
  }
  show_key_facts(context, facts, SystemClock().now());
  context.note(Mark::kStep, "nothing was made; the link is good until " + key.ends_at +
                                ". Use it: the same command without --dry-run");
}

// next_step is what proves that the API key works.
std::string next_step(const EnrollFlags& flags, const PreparedKey& prepared,
                      const EnrolledKey& made) {
  std::string line = "counterfoil sign";
  if (!flags.pair.out.empty()) {
    line += " --key " + shell_word(flags.pair.out);
  } else if (!flags.pair.private_key_file.empty()) {
    line += " --private-key-file " + shell_word(flags.pair.private_key_file) + " --api-key " +
            made.api_key;
  } else {
    line += " --secret-file - --api-key " + made.api_key;
  }
  if (!prepared.gateway_url.empty()) {
    line += " --url " + shell_word(prepared.gateway_url);
  }
  return line + " GET /api/v3/account | sh";
}

Failure not_made(const EnrolmentDesk::NotMade& why, NewPair& pair) {
  if (!why.is_in_doubt) {
    return why.failure;
  }
  Failure failure = why.failure;
  failure.sentence +=
      "; whether the API key was made is not known, and with it the link may be used up. Whoever "
      "sent it sees that on the console";
  if (const std::string file = pair.leave(); !file.empty()) {
    failure.sentence += ". The private key stays in " + file +
                        ": try again with --private-key-file " + file + " in place of --out";
  }
  return failure;
}

std::expected<void, Failure> enroll(const EnrollFlags& flags, CommandContext& context) {
  auto url = read_link(flags.link, context);
  if (!url) {
    return std::unexpected(url.error());
  }
  const auto desk = EnrolmentDesk::make(std::move(*url), flags.ca_file);
  const auto prepared = desk ? desk->show() : std::unexpected(desk.error());
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  if (flags.is_dry_run) {
    show_prepared(context, *prepared);
    return {};
  }
  PairFlags pair_flags = flags.pair;
  pair_flags.type = describe(prepared->scheme).name;
  if (describe(prepared->scheme).material != KeyMaterialKind::kSharedSecret &&
      pair_flags.out.empty() && pair_flags.private_key_file.empty()) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "say where the new private key goes with --out DIR (it is made here and never sent), or "
        "bring one with --private-key-file FILE; the link was not used"});
  }
  auto pair = NewPair::prepare(
      pair_flags, [&desk](const std::string& public_key) { return desk->challenge(public_key); });
  if (!pair) {
    return std::unexpected(pair.error());
  }
  NodeJson material = NodeJson::object();
  pair->add_to(material);
  WipedText secret;
  const auto made = desk->use(material, secret);
  if (!made) {
    return std::unexpected(not_made(made.error(), *pair));
  }
  NodeJson facts{{"api_key", made->api_key}};
  facts.update(facts_of(*prepared));
  facts["expires_at"] = made->expires_at ? NodeJson(*made->expires_at) : NodeJson(nullptr);
  facts["gateway_url"] =
      prepared->gateway_url.empty() ? NodeJson(nullptr) : NodeJson(prepared->gateway_url);
  const auto kept = pair->keep(facts, secret);
  print_made_key(context, facts, secret);
  if (kept && !context.flags.json) {
    context.note(Mark::kStep, next_step(flags, *prepared, *made));
  }
  return kept;
}

}  // namespace

void add_enroll_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command = app.add_subcommand(
      "enroll", "Make the key pair of a one-time link that somebody sent you, and get the API key");
  command->footer(
      "  counterfoil enroll - --out ./mm-bot-3                  # then paste the link\n"
      "  counterfoil enroll ./link.txt --out ./mm-bot-3 --ca-file ./our-ca.pem\n"
      "  counterfoil enroll - --private-key-file ./key.pem      # a private key that is here "
      "already\n"
      "  counterfoil enroll - --dry-run                         # only show what it would make\n"
      "The link says which type the pair is of. Whoever has it may use it, once, so it comes by a "
      "file or\n"
      "standard input and not as an argument. Make one: counterfoil keys enroll.");
  const auto flags = std::make_shared<EnrollFlags>();
  command
      ->add_option("link", flags->link,
                   "file with the link, closed to others, or - for standard input")
      ->required();
  command->add_option("--out", flags->pair.out,
                      "new folder (0700) for the secret half: key.json, and key.pem "
                      "or secret (0600)");
  command->add_option("--private-key-file", flags->pair.private_key_file,
                      "PEM of a private key that is here: it signs the challenge and is not sent");
  command
      ->add_option("--rsa-bits", flags->pair.rsa_bits,
                   "of a link for RSA: 2048 to 4096, a multiple of 8 (default 3072)")
      ->check(CLI::Range(PublicKey::kRsaBitsMin, PublicKey::kRsaBitsMax));
  command->add_option("--ca-file", flags->ca_file,
                      "certificate authorities (PEM) to trust instead of the system's");
  command->add_flag("--dry-run", flags->is_dry_run, "show what the API key will be, and make none");
  command->callback([&context, flags] {
    if (const auto done = enroll(*flags, context); !done) {
      context.fail(done.error());
    }
  });
}

}  // namespace counterfoil
