#include <CLI/App.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/gateway_url.h"
#include "app/key_source.h"
#include "app/node_settings.h"
#include "app/request_signer.h"
#include "app/shell_text.h"
#include "app/sign_explanation.h"
#include "base/percent.h"
#include "base/time.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "policy/profile.h"
#include "policy/route.h"

namespace counterfoil {
namespace {

struct SignFlags {
  KeySource source;
  std::string method;
  std::string path;
  std::vector<std::string> parameters;
  std::string url;
  std::string payload;
  bool in_body = false;
  bool query_only = false;
  bool explain = false;
};

struct SignedRequestText {
  SignedText text;
  std::vector<EncodedParameter> parameters;  // empty: --payload
  std::string target;                        // as the request line has it
  std::string curl;
};

std::expected<std::vector<Parameter>, Failure> split(const std::vector<std::string>& words) {
  std::vector<Parameter> parameters;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return std::unexpected(
          Failure{ExitCode::kUsage, "\"" + word +
                                        "\" is not a parameter; write name=value, such as "
                                        "symbol=BTCUSDT (values are percent-encoded for you)"});
    }
    parameters.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return parameters;
}

// to_sign gives the encoded parameters with the timestamp; none where --payload says what is
// signed.
std::expected<std::vector<EncodedParameter>, Failure> to_sign(const SignFlags& flags,
                                                              const SigningRules& rules) {
  if (!flags.payload.empty()) {
    return {};
  }
  auto parameters = split(flags.parameters);
  if (!parameters) {
    return std::unexpected(parameters.error());
  }
  return encode_parameters(rules, std::move(*parameters), SystemClock().now());
}

std::string curl_line(const SignFlags& flags, const std::string& url, const std::string& header,
                      const std::string& api_key, const SignedRequestText& request) {
  std::string line = "curl -sS";
  if (flags.method != "GET") {
    line += " -X " + flags.method;
  }
  if (!api_key.empty()) {
    line += " -H " + shell_quoted(header + ": " + api_key);
  }
  if (flags.in_body) {
    line += " --data-raw " + shell_quoted(request.text.query);
  }
  return line + " " + shell_quoted(url + request.target);
}

SignExplanation explain(const SignFlags& flags, const KeySource::Signing& key,
                        const SigningRules& rules, const SignedRequestText& request) {
  const PublicKey* const public_key = key.signer.public_key();
  return {.parameters = request.parameters,
          .payload = request.text.payload,
          .scheme = key.signer.scheme(),
          .fingerprint = public_key == nullptr ? std::string() : public_key->fingerprint_text(),
          .signature = request.text.signature,
          .signature_encoded = percent_encode(request.text.signature),
          .in_body = flags.in_body,
          .request_line = flags.method + " " + request.target + " HTTP/1.1",
          .body = flags.in_body ? request.text.query : std::string(),
          .api_key_header = rules.api_key_header,
          .api_key = key.api_key,
          .timestamp_parameter = rules.timestamp_parameter};
}

void report(const SignFlags& flags, const KeySource::Signing& key, const SigningRules& rules,
            const SignedRequestText& request, CommandContext& context) {
  if (context.flags.json) {
    nlohmann::ordered_json answer{{"method", flags.method},
                                  {"target", request.target},
                                  {"body", flags.in_body ? request.text.query : ""},
                                  {"api_key", key.api_key},
                                  {"type", describe(key.signer.scheme()).name},
                                  {"payload", request.text.payload},
                                  {"signature", request.text.signature},
                                  {"query", request.text.query},
                                  {"curl", request.curl}};
    if (flags.explain) {
      answer["explanation"] = explanation_json(explain(flags, key, rules, request));
    }
    // A shell hands on bytes that need not be UTF-8.
    context.data(answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  if (flags.explain) {
    show_explanation(explain(flags, key, rules, request), context);
  }
  context.data(flags.query_only ? request.text.query : request.curl);
}

void sign(const SignFlags& flags, CommandContext& context) {
  if (!parse_method(flags.method) || !flags.path.starts_with('/')) {
    context.fail({ExitCode::kUsage,
                  "\"" + flags.method + " " + flags.path +
                      "\" is not a method and a path; write, for example, GET /api/v3/account"});
    return;
  }
  const auto config = context.load_config();
  const auto settings = config ? NodeSettings::read(*config) : std::unexpected(config.error());
  if (!settings) {
    context.fail(settings.error());
    return;
  }
  const auto key = flags.source.open_for_signing();
  if (!key) {
    context.fail(key.error());
    return;
  }
  const SigningRules& rules = settings->profile.signing();
  auto parameters = to_sign(flags, rules);
  if (!parameters) {
    context.fail(parameters.error());
    return;
  }
  auto text = sign_payload(key->signer, rules,
                           flags.payload.empty() ? join_parameters(*parameters) : flags.payload);
  if (!text) {
    context.fail(text.error());
    return;
  }
  SignedRequestText request{.text = std::move(*text),
                            .parameters = std::move(*parameters),
                            .target = flags.path,
                            .curl = {}};
  if (!flags.in_body) {
    request.target += "?" + request.text.query;
  }
  const std::string url = flags.url.empty() ? gateway_url(*settings) : flags.url;
  request.curl = curl_line(flags, url, rules.api_key_header, key->api_key, request);
  report(flags, *key, rules, request, context);
  if (key->api_key.empty() && !context.flags.json) {
    context.note(Mark::kWarning, "no API key was given, so the request names none; add --api-key");
  }
}

}  // namespace

void add_sign_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("sign", "Sign a request without sending it, and print a curl line");
  command->footer(
      "  counterfoil sign --key ./mm-bot-3 GET /api/v3/account | sh\n"
      "  counterfoil sign --key ./mm-bot-3 --explain POST /api/v3/order symbol=BTCUSDT side=BUY "
      "note=café\n"
      "  counterfoil sign --secret-file - --api-key 4L4B… --query-only GET /api/v3/account");
  const auto flags = std::make_shared<SignFlags>();
  flags->source.add_signing_options(*command);
  command->add_option("--url", flags->url, "origin of the gateway (default: from rest.listen)");
  command->add_option("--payload", flags->payload,
                      "sign this text as it is: nothing added, nothing encoded");
  command->add_flag("--body", flags->in_body,
                    "send the parameters as a form body, not in the query");
  command->add_flag("--query-only", flags->query_only,
                    "print the signed parameters instead of a curl line");
  command->add_flag("--explain", flags->explain,
                    "say step by step how the request came to be signed");
  command->add_option("method", flags->method, "GET, POST, …")->required();
  command->add_option("path", flags->path, "/api/v3/account")->required();
  command->add_option("parameters", flags->parameters, "name=value …; a timestamp is added");
  command->callback([&context, flags] { sign(*flags, context); });
}

}  // namespace counterfoil
