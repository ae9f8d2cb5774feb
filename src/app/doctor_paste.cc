#include "app/doctor_paste.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/doctor_key.h"
#include "app/finding_text.h"
#include "app/input_file.h"
#include "app/key_source.h"
#include "app/node_settings.h"
#include "app/remote/finding_view.h"
#include "authority/autopsy_names.h"
#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/explain.h"
#include "autopsy/finding.h"
#include "autopsy/key_file.h"
#include "autopsy/pasted_request.h"
#include "base/time.h"
#include "keys/api_key_form.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "policy/profile.h"
#include "wire/pasted/instant.h"
#include "wire/pasted/pasted.h"

namespace counterfoil {
namespace {

using autopsy::Findings;
using Json = nlohmann::ordered_json;
using PastedRequests = std::vector<pasted::Request>;

// Examined is one request of the text, and what was found.
struct Examined {
  pasted::Request given;  // less what became evidence
  std::string api_key;    // that it names; empty: none
  bool is_time_told = false;
  Findings findings;
  bool judged = false;     // the signature, with a key
  bool other_key = false;  // it names another API key than the one given
};

std::string title_of(const pasted::Request& request) {
  std::string title(pasted::name_of(request.form));
  title += " on line " + std::to_string(request.line);
  if (!request.path.empty()) {
    title += ": " + (request.method.empty() ? "" : request.method + " ") + request.path;
  }
  return title;
}

autopsy::Rules rules_for(const pasted::Request& request, const Profile& profile) {
  return {
      .signature_must_be_last = profile.signing().signature_position == SignaturePosition::kLast,
      .microseconds_refused = false,
      .environment = {},
      // Without a method there is nothing to say of the route.
      .is_routed = request.method.empty() || profile.find(request.method, request.path) != nullptr};
}

// examine takes the request apart.
Examined examine(pasted::Request request, const std::optional<DoctorKey>& key,
                 std::optional<Timestamp> at, const Profile& profile) {
  autopsy::RefusedRequest evidence = autopsy::take_evidence(request);
  evidence.names = names_of(profile.signing());
  Examined examined{.given = std::move(request),
                    .api_key = autopsy::api_key_of(evidence),
                    .is_time_told = false,
                    .findings = {},
                    .judged = key && key->is_usable()};
  const std::string own = key ? key->api_key() : "";
  examined.other_key = !own.empty() && !examined.api_key.empty() && examined.api_key != own;
  const std::string stand_in = own.empty() ? std::string(ApiKeyId::kSize, '0') : own;
  const std::string& name = examined.api_key.empty() ? stand_in : examined.api_key;
  if (examined.api_key.empty() && !autopsy::tells_headers(examined.given.form)) {
    evidence.headers.emplace_back(evidence.names.api_key_header,
                                  name);  // it may well have been sent
  }
  autopsy::Estate estate;
  if (examined.judged) {
    estate = key->estate(name);
  } else {
    estate.key.api_key = name;
    estate.key.scheme = autopsy::guess_scheme(evidence);
  }
  const autopsy::JudgedAt judged = autopsy::judged_at(evidence, examined.given, at);
  examined.is_time_told = judged.is_told;
  examined.findings =
      autopsy::explain(evidence, estate, {}, rules_for(examined.given, profile), judged.time);
  return examined;
}

// is_wrong tells whether something is wrong for certain.
bool is_wrong(const Examined& examined) {
  if (examined.judged && examined.findings.verdict == Findings::Verdict::kUnknownSignature) {
    return true;
  }
  for (const autopsy::Finding& finding : examined.findings.all) {
    if (finding.confidence != autopsy::Confidence::kPossible) {
      return true;
    }
  }
  return false;
}

std::string_view verdict_of(const Examined& examined) {
  if (examined.findings.verdict == Findings::Verdict::kUnknownSignature && examined.judged) {
    return "unknown_signature";
  }
  return examined.findings.all.empty() ? "nothing_wrong" : "explained";
}

std::vector<std::string_view> not_checked(const Examined& examined) {
  std::vector<std::string_view> parts;
  if (!examined.judged) {
    parts.emplace_back("signature");
  }
  if (!examined.is_time_told) {
    parts.emplace_back("time");
  }
  parts.emplace_back("address");
  parts.emplace_back("permission");
  return parts;
}

// ---- for programs

Json json_of(const DoctorKey& key) {
  Json problems = Json::array();
  for (const autopsy::KeyFileProblem& problem : key.problems()) {
    problems.push_back({{"id", problem.cause},
                        {"certain", problem.certain},
                        {"title", problem.what},
                        {"fix", problem.fix}});
  }
  return {{"api_key", key.api_key()}, {"usable", key.is_usable()}, {"problems", problems}};
}

Json json_of(const Examined& examined) {
  Json findings = Json::array();
  for (const autopsy::Finding& finding : examined.findings.all) {
    findings.push_back({{"id", finding.cause},
                        {"class", autopsy::to_string(finding.confidence)},
                        {"title", finding.mistake},
                        {"detail", finding.detail},
                        {"fix", finding.fix}});
  }
  Json json{{"form", pasted::name_of(examined.given.form)},
            {"line", examined.given.line},
            {"method", examined.given.method},
            {"host", examined.given.host},
            {"path", examined.given.path},
            {"api_key", examined.api_key},
            {"verdict", verdict_of(examined)},
            {"findings", std::move(findings)},
            {"proof", nullptr},
            {"same_bytes", examined.findings.same_bytes},
            {"doubts", examined.given.doubts},
            {"not_checked", not_checked(examined)}};
  if (const auto& texts = examined.findings.difference) {
    json["proof"] = {{"signed", texts->before + texts->client_signed + texts->behind},
                     {"verified", texts->before + texts->verified + texts->behind}};
  }
  return json;
}

// ---- for people

void write(const DoctorKey& key, CommandContext& context) {
  for (const autopsy::KeyFileProblem& problem : key.problems()) {
    context.data((problem.certain ? "✕ " : "! ") + std::string(problem.what) + "  [" +
                 std::string(problem.cause) + "]");
    context.data("  fix   " + std::string(problem.fix));
  }
}

void write_key_form(const std::string& api_key, CommandContext& context) {
  switch (form_of(api_key, KeyFormat())) {
    case ApiKeyForm::kOurs:
      context.data("✓ API key well formed (checksum right)");
      return;
    case ApiKeyForm::kForeign:
      context.data("✓ API key well formed (64 letters and digits; it has no checksum)");
      return;
    case ApiKeyForm::kMistyped:
      context.data("✕ The checksum of the API key is wrong: it was mistyped or cut");
      return;
    case ApiKeyForm::kSecret:
    case ApiKeyForm::kOtherCharacters:
    case ApiKeyForm::kOtherLength:
    case ApiKeyForm::kUnsendable:
      return;
  }
}

void write_answer(const pasted::Request& request, CommandContext& context) {
  if (!request.answer) {
    return;
  }
  const pasted::Answer& answer = *request.answer;
  std::string line = "  answered";
  line += answer.status ? " " + std::to_string(*answer.status) : "";
  line += answer.code ? " " + std::to_string(*answer.code) : "";
  context.data(line + (answer.text.empty() ? "" : " " + safe_text(answer.text)));
}

void write(const Examined& examined, const PasteFlags& flags, CommandContext& context) {
  context.data(context.out_painter().paint(Paint::kBold, title_of(examined.given)));
  write_answer(examined.given, context);
  if (examined.other_key) {
    context.data("! It names another API key than the one given; judged by the key given.");
  }
  write_findings(context, examined.findings, flags.language);
  if (examined.findings.verdict == Findings::Verdict::kUnknownSignature && examined.judged) {
    context.data(
        "✕ The signature fits nothing that was tried: another key pair may have made it, or a text "
        "that nothing tells of.");
    context.data("  fix   Compare what you signed with `counterfoil sign --explain`.");
  } else if (examined.findings.all.empty()) {
    context.data(examined.judged ? "✓ signed rightly, nothing is wrong with it"
                                 : "✓ nothing is wrong with its form");
  }
  if (!examined.api_key.empty()) {
    write_key_form(examined.api_key, context);
  }
  std::string left;
  for (const std::string_view part : not_checked(examined)) {
    left += (left.empty() ? "" : ", ") + std::string(part);
  }
  context.data(
      "? not checked here: " + left +
      (examined.judged ? "" : "; name your key for the signature: --key or --secret-file") +
      (examined.is_time_told ? "" : "; --at tells the time") + "; --live asks the server");
  for (const std::string_view doubt : examined.given.doubts) {
    context.note(Mark::kWarning, doubt);
  }
}

// Report tells of a key and of requests, to people at once, to programs in one object at the end.
class Report {
 public:
  explicit Report(CommandContext& context) : context_(context) {}

  void tell(const std::optional<DoctorKey>& key) {
    if (!key) {
      return;
    }
    json_["key"] = json_of(*key);
    const auto is_certain = [](const autopsy::KeyFileProblem& problem) { return problem.certain; };
    if (std::ranges::any_of(key->problems(), is_certain)) {
      context_.end(ExitCode::kNo);
    }
    if (context_.flags.json) {
      return;
    }
    write(*key, context_);
    if (key->problems().empty() && key->is_usable()) {
      context_.data("✓ nothing is wrong with the files of the key pair");
    }
  }

  void tell(const Examined& examined, const PasteFlags& flags) {
    if (is_wrong(examined)) {
      context_.end(ExitCode::kNo);
    }
    if (context_.flags.json) {
      json_["requests"].push_back(json_of(examined));
    } else {
      write(examined, flags, context_);
    }
  }

  void finish() {
    if (context_.flags.json) {
      context_.data(json_.dump());
    }
  }

 private:
  CommandContext& context_;
  Json json_{{"key", nullptr}, {"requests", Json::array()}};
};

// ---- options

std::expected<std::optional<Timestamp>, Failure> read_at(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  if (text == "now") {
    return SystemClock().now();
  }
  if (const auto instant = pasted::read_instant(text)) {
    return *instant;
  }
  return std::unexpected(
      Failure{ExitCode::kUsage,
              "--at " + text + ": is no time; write 2026-01-02T03:04:05.678Z, or \"now\""});
}

}  // namespace

void add_paste_options(CLI::App& command, PasteFlags& flags) {
  command.add_option(
      "file", flags.file,
      "text with the request: a curl command, HAR, HTTP message, URL, log, WebSocket "
      "frame or FIX Logon; - is standard input");
  command.add_option(
      "--at", flags.at,
      "when the server got it (2026-01-02T03:04:05.678Z, or now), to judge its time");
  command.add_option("--language", flags.language,
                     "show the fix in code: curl, Python, Node or C++");
}

void examine_paste(const PasteFlags& flags, const KeySource& source, CommandContext& context) {
  const auto config = context.load_config();
  const auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    context.fail(settings.error());
    return;
  }
  const auto at = read_at(flags.at);
  if (!at) {
    context.fail(at.error());
    return;
  }
  const auto key = DoctorKey::open(source);
  if (!key) {
    context.fail(key.error());
    return;
  }
  const auto text = read_input(flags.file, pasted::kTextBytesMax);
  if (!text) {
    context.fail(text.error());
    return;
  }
  const SigningRules& rules = settings->profile.signing();
  auto requests = pasted::read_pasted(*text, {.api_key_header = rules.api_key_header,
                                              .signature = rules.signature_parameter,
                                              .timestamp = rules.timestamp_parameter});
  if (!requests) {
    context.fail({ExitCode::kUsage, flags.file + ": " + requests.error()});
    return;
  }
  Report report(context);
  report.tell(*key);
  for (pasted::Request& request : *requests) {
    report.tell(examine(std::move(request), *key, *at, settings->profile), flags);
  }
  report.finish();
}

void examine_key_alone(const KeySource& source, CommandContext& context) {
  const auto key = DoctorKey::open(source);
  if (!key) {
    context.fail(key.error());
    return;
  }
  Report report(context);
  report.tell(*key);
  report.finish();
}

}  // namespace counterfoil
