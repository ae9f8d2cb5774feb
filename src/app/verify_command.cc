#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/input_file.h"
#include "app/key_source.h"
#include "app/node_settings.h"
#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "policy/profile.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "verify/verify.h"
#include "wire/http/field_rules.h"
#include "wire/pasted/pasted.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {
namespace {

struct VerifyFlags {
  KeySource source;
  std::string request;
  std::string request_file;
  std::string body_file;
  bool now = false;
};

// Judged is the answer to a request, and what it was judged by.
struct Judged {
  std::string payload;
  std::optional<Reason> reason;  // nullopt: valid
  std::optional<Timestamp> timestamp;
};

constexpr std::size_t kInputBytesMax = std::size_t{4} * 1024 * 1024;

std::expected<pasted::Request, Failure> read_request(const VerifyFlags& flags,
                                                     const SigningRules& rules) {
  std::string text = flags.request;
  if (text.empty() || text == "-" || !flags.request_file.empty()) {
    auto read = read_input(flags.request_file.empty() ? "-" : flags.request_file, kInputBytesMax);
    if (!read) {
      return std::unexpected(read.error());
    }
    text = std::move(*read);
  }
  auto requests = pasted::read_pasted(text, {.api_key_header = rules.api_key_header,
                                             .signature = rules.signature_parameter,
                                             .timestamp = rules.timestamp_parameter});
  if (!requests) {
    return std::unexpected(Failure{ExitCode::kUsage, "this is not a request: " + requests.error()});
  }
  pasted::Request& request = requests->front();
  if (requests->size() > 1 || !request.message.empty()) {
    return std::unexpected(Failure{ExitCode::kUsage,
                                   "`verify` judges one REST request; `counterfoil doctor` takes "
                                   "several, frames and Logons"});
  }
  if (!flags.body_file.empty()) {
    auto body = read_input(flags.body_file, kInputBytesMax);
    if (!body) {
      return std::unexpected(body.error());
    }
    request.body = std::move(*body);
  }
  return std::move(request);
}

std::string api_key_of(const pasted::Request& request, const SigningRules& rules) {
  const auto found = std::ranges::find_if(request.headers, [&](const auto& header) {
    return http::equals_ignoring_case(header.first, rules.api_key_header);
  });
  return found == request.headers.end() ? std::string() : found->second;
}

rest::ParameterRules parameter_rules(const SigningRules& rules) {
  return {.signature = rules.signature_parameter,
          .timestamp = rules.timestamp_parameter,
          .recv_window = rules.recv_window_parameter,
          .api_key = rules.api_key_parameter,
          .symbol = {},
          .repeats = {},
          .signature_position = rules.signature_position == SignaturePosition::kLast
                                    ? rest::ParameterRules::SignaturePosition::kLast
                                    : rest::ParameterRules::SignaturePosition::kAnywhere,
          .same_name_in_both = rules.same_name_in_query_and_body == SameName::kPass
                                   ? rest::ParameterRules::SameNameInBoth::kPass
                                   : rest::ParameterRules::SameNameInBoth::kRefuse};
}

// stand_in_key is a key that may do everything from everywhere: what is asked is whether the
// signature is right, not what a registry would say.
std::optional<LiveKey> stand_in_key(const ApiKeyId& id, VerificationKey key) {
  auto account = AccountId::parse("offline");
  if (!account) {
    return std::nullopt;
  }
  LiveKey live{.id = id, .account = *account, .allow_list = AllowList::any()};
  live.pairs.push_back({.number = 1, .retires_at = kNever, .key = std::move(key)});
  return live;
}

Judged judge(const pasted::Request& request, KeySource::Verifying key, const NodeSettings& settings,
             bool now) {
  rest::SignedParameters parameters;
  parameters.read(request.query, request.body, rest::BodyKind::kForm,
                  parameter_rules(settings.profile.signing()));
  // Where the text names no API key, any well-formed one will do: the key pair was named.
  constexpr std::string_view kAnyApiKey =
      "0000000000000000000000000000000000000000000000000000000000000000";
  const std::string named = api_key_of(request, settings.profile.signing());
  const std::string api_key =
      !named.empty() ? named : (key.api_key.empty() ? std::string(kAnyApiKey) : key.api_key);
  const SignedRequest signed_request{.api_key = api_key,
                                     .parameter_fault = parameters.fault(),
                                     .payload = parameters.payload(),
                                     .signature = parameters.signature(),
                                     .timestamp = parameters.timestamp(),
                                     .recv_window = parameters.recv_window(),
                                     .source = IpAddress(),
                                     .needs = {},
                                     .symbol = {}};
  Judged judged{.payload = std::string(parameters.payload()), .reason = {}, .timestamp = {}};
  if (parameters.timestamp()) {
    if (const auto stamp = parse_timestamp(*parameters.timestamp())) {
      judged.timestamp = *stamp;
    }
  }
  const Timestamp instant = now ? SystemClock().now() : judged.timestamp.value_or(Timestamp{});
  const auto claims = read_claims(signed_request, settings.key_format, instant);
  if (!claims) {
    judged.reason = claims.error();
    return judged;
  }
  const auto live = stand_in_key(claims->api_key, std::move(key.key));
  const Verdict verdict =
      live ? verify(signed_request, &*live, instant) : std::unexpected(Reason::kInternal);
  if (!verdict) {
    judged.reason = verdict.error();
  }
  return judged;
}

void report_json(const Judged& judged, std::string_view type, CommandContext& context) {
  nlohmann::ordered_json answer{
      {"valid", !judged.reason}, {"type", type}, {"payload", judged.payload}};
  if (judged.reason) {
    const ReasonRow& row = describe(*judged.reason);
    answer["reason"] = row.name;
    answer["detail"] = row.owner_text;
    answer["fix"] = row.fix;
  }
  context.data(answer.dump());
}

void report(const Judged& judged, const VerifyFlags& flags, std::string_view type,
            CommandContext& context) {
  if (judged.reason) {
    context.end(ExitCode::kNo);
  }
  if (context.flags.json) {
    report_json(judged, type, context);
    return;
  }
  context.data((judged.reason ? "no   " : "yes  ") + std::string(type) + "  payload (" +
               std::to_string(judged.payload.size()) + " bytes)  " + judged.payload);
  if (judged.reason) {
    const ReasonRow& row = describe(*judged.reason);
    context.note(Mark::kProblem, std::string(row.name) + ": " + std::string(row.owner_text));
    context.note(Mark::kStep, row.fix);
    return;
  }
  const auto age = SystemClock().now() - judged.timestamp.value_or(Timestamp{});
  if (!flags.now && (age > kDefaultRecvWindow || age < -kAheadMax)) {
    context.note(Mark::kWarning,
                 "the signature is right, but a gateway would refuse the timestamp now: it is " +
                     std::to_string(std::chrono::floor<std::chrono::seconds>(age).count()) +
                     " s old; --now judges the time too");
  }
}

void verify_request(const VerifyFlags& flags, CommandContext& context) {
  const auto config = context.load_config();
  const auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    context.fail(settings.error());
    return;
  }
  auto key = flags.source.open_for_verifying();
  if (!key) {
    context.fail(key.error());
    return;
  }
  const auto request = read_request(flags, settings->profile.signing());
  if (!request) {
    context.fail(request.error());
    return;
  }
  const std::string_view type = describe(key->key.scheme()).name;
  report(judge(*request, std::move(*key), *settings, flags.now), flags, type, context);
}

}  // namespace

void add_verify_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("verify", "Say whether a request is signed rightly, and why not");
  command->footer(
      "  counterfoil verify --key ./mm-bot-3 'symbol=BTCUSDT&timestamp=…&signature=…'\n"
      "  counterfoil verify --public-key-file key.pub "
      "'https://host/api/v3/account?timestamp=…&signature=…'\n"
      "  counterfoil verify --secret-file ./secret --request-file captured.http     a whole HTTP "
      "request");
  const auto flags = std::make_shared<VerifyFlags>();
  flags->source.add_verifying_options(*command);
  command->add_option("request", flags->request,
                      "query, URL, path, HTTP request, curl command …; - is standard input");
  command->add_option("--request-file", flags->request_file, "file with the request");
  command->add_option("--body-file", flags->body_file,
                      "file with the body, when the request is a URL");
  command->add_flag("--now", flags->now, "judge the timestamp by the clock, as a gateway does");
  command->callback([&context, flags] { verify_request(*flags, context); });
}

}  // namespace counterfoil
