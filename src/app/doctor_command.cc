#include <CLI/App.hpp>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/doctor_cases.h"
#include "app/doctor_live.h"
#include "app/doctor_paste.h"
#include "app/finding_text.h"
#include "app/input_file.h"
#include "app/key_source.h"
#include "autopsy/explain.h"
#include "autopsy/finding.h"

namespace counterfoil {
namespace {

using autopsy::Findings;

constexpr std::size_t kCasesBytesMax = std::size_t{256} * 1024 * 1024;

struct DoctorFlags {
  std::string cases;
  PasteFlags paste;
  LiveFlags live;
  KeySource source;
};

void show(const std::string& id, const Findings& findings, CommandContext& context) {
  context.data(context.out_painter().paint(Paint::kBold, id));
  write_findings(context, findings, "");
  if (findings.verdict == Findings::Verdict::kNone) {
    context.data("✓ nothing is wrong with this request");
  } else if (findings.verdict == Findings::Verdict::kUnknownSignature) {
    context.data("✕ The signature fits nothing that was tried.");
  }
}

void examine_cases(const DoctorFlags& flags, CommandContext& context) {
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

void examine(const DoctorFlags& flags, CommandContext& context) {
  if (flags.live.is_on) {
    examine_live(flags.live, flags.source, context);
  } else if (!flags.cases.empty()) {
    examine_cases(flags, context);
  } else if (!flags.paste.file.empty()) {
    examine_paste(flags.paste, flags.source, context);
  } else if (flags.source.is_given()) {
    examine_key_alone(flags.source, context);
  } else {
    context.fail(
        {ExitCode::kUsage,
         "what is to be examined? Name a file with the request (- is standard input), or a "
         "key with --key"});
  }
}

}  // namespace

void add_doctor_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("doctor",
                         "Say which mistakes made a request that was refused, or what is wrong "
                         "between this machine and a server");
  command->footer(
      "  pbpaste | counterfoil doctor -                   what is wrong with the form of a "
      "request\n"
      "  counterfoil doctor refused.har --key ./mm-bot-3  and with its signature\n"
      "  counterfoil doctor --key ./mm-bot-3              the files of a key pair alone\n"
      "  counterfoil doctor --cases cases.json --json     one object: each case with its causes\n"
      "  counterfoil doctor --live --key ./mm-bot-3       clock, network, and what the key may do\n"
      "  counterfoil doctor --live --url https://api.example.com --watch 10m\n"
      "Nothing is sent anywhere but with --live. Ends with 1 when something is wrong. "
      "docs/causes.md "
      "tells all causes.");
  const auto flags = std::make_shared<DoctorFlags>();
  add_paste_options(*command, flags->paste);
  add_live_options(*command, flags->live);
  flags->source.add_doctor_options(*command);
  CLI::Option* const cases = command->add_option(
      "--cases", flags->cases,
      "file of requests with the keys of their owners, for test sets; it holds secrets, keep it "
      "safe");
  cases->excludes("file");
  command->get_option("--live")->excludes(cases)->excludes("file");
  command->callback([&context, flags] { examine(*flags, context); });
}

}  // namespace counterfoil
