#include <CLI/App.hpp>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/doctor_cases.h"
#include "app/doctor_live.h"
#include "app/input_file.h"
#include "app/key_source.h"
#include "autopsy/cause.h"
#include "autopsy/explain.h"
#include "autopsy/finding.h"

namespace counterfoil {
namespace {

using autopsy::Findings;

constexpr std::size_t kCasesBytesMax = std::size_t{256} * 1024 * 1024;

struct DoctorFlags {
  std::string cases;
  LiveFlags live;
  KeySource source;
};

nlohmann::ordered_json causes_of(const Findings& findings) {
  auto causes = nlohmann::ordered_json::array();
  for (const autopsy::Finding& finding : findings.all) {
    causes.emplace_back(finding.cause);
  }
  if (findings.verdict == Findings::Verdict::kUnknownSignature) {
    causes.emplace_back("unknown-signature");
  } else if (causes.empty()) {
    causes.emplace_back("none");
  }
  return causes;
}

void show(const std::string& id, const Findings& findings, CommandContext& context) {
  if (findings.verdict == Findings::Verdict::kNone) {
    context.note(Mark::kDone, id + ": nothing is wrong with this request");
  }
  for (const autopsy::Finding& finding : findings.all) {
    context.note(Mark::kProblem, id + ": " + std::string(finding.cause) + " (" +
                                     std::string(to_string(finding.confidence)) + ")  " +
                                     std::string(finding.mistake) +
                                     (finding.detail.empty() ? "" : "  [" + finding.detail + "]"));
    context.note(Mark::kStep, finding.fix);
  }
  if (findings.difference) {
    const autopsy::TextDifference& texts = *findings.difference;
    context.say("    you signed  " + texts.before +
                context.err_painter().paint(Paint::kYellow, texts.client_signed) + texts.behind);
    context.say("    verified    " + texts.before +
                context.err_painter().paint(Paint::kYellow, texts.verified) + texts.behind);
  }
  if (findings.verdict == Findings::Verdict::kUnknownSignature) {
    context.note(Mark::kWarning, id + ": the signature fits nothing that was tried");
  }
}

void examine(const DoctorFlags& flags, CommandContext& context) {
  if (flags.live.is_on) {
    examine_live(flags.live, flags.source, context);
    return;
  }
  if (flags.source.is_given()) {
    context.fail(
        {ExitCode::kUsage, "a key is for --live; the file of --cases has keys of its own"});
    return;
  }
  if (flags.cases.empty()) {
    context.fail({ExitCode::kUsage,
                  "what is to be examined? Name a file of requests with --cases, or a server with "
                  "--live --url https://host"});
    return;
  }
  const auto text = read_input(flags.cases, kCasesBytesMax);
  if (!text) {
    context.fail(text.error());
    return;
  }
  const auto cases = read_cases(*text);
  if (!cases) {
    context.fail({ExitCode::kUsage, flags.cases + ": " + cases.error()});
    return;
  }
  nlohmann::ordered_json answers = nlohmann::ordered_json::object();
  for (const DoctorCase& one : *cases) {
    const Findings findings = autopsy::explain(one.request, one.estate, {}, one.rules, one.now);
    answers[one.id] = causes_of(findings);
    if (!context.flags.json) {
      show(one.id, findings, context);
    }
  }
  if (context.flags.json) {
    context.data(answers.dump());
  }
}

}  // namespace

void add_doctor_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("doctor",
                         "Say which mistakes made a request that was refused, or what is wrong "
                         "between this machine and a server");
  command->footer(
      "  counterfoil doctor --cases cases.json --json     one object: each case with its causes\n"
      "  counterfoil doctor --live --key ./mm-bot-3       clock, network, and what the key may do\n"
      "  counterfoil doctor --live --url https://api.example.com --watch 10m\n"
      "The causes are told in docs/causes.md. A file of cases holds secrets: keep it safe.");
  const auto flags = std::make_shared<DoctorFlags>();
  CLI::Option* const cases =
      command->add_option("--cases", flags->cases,
                          "file of requests with the keys of their owners; - is standard input");
  add_live_options(*command, flags->live);
  command->get_option("--live")->excludes(cases);
  flags->source.add_signing_options(*command);
  command->callback([&context, flags] { examine(*flags, context); });
}

}  // namespace counterfoil
