#include "app/sign_explanation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/remote/finding_view.h"
#include "app/request_signer.h"
#include "base/base64.h"
#include "base/hex.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOrder = "encoded first, then signed";
constexpr std::string_view kAsItIs = "signed as it is: nothing added, nothing encoded";
constexpr std::size_t kRawBytesShown = 16;
constexpr int kTitleColumns = 20;

bool is_hex(const SignExplanation& explanation) {
  return describe(explanation.scheme).signature_text == SignatureText::kHex;
}

std::string_view encoding_of(const SignExplanation& explanation) {
  return is_hex(explanation) ? "hex" : "base64";
}

// raw_bytes are what the algorithm gave before it was written as text.
std::vector<std::uint8_t> raw_bytes(const SignExplanation& explanation) {
  const auto bytes =
      is_hex(explanation) ? from_hex(explanation.signature) : from_base64(explanation.signature);
  return bytes.value_or(std::vector<std::uint8_t>());
}

std::string given_text(const EncodedParameter& parameter) {
  return parameter.given.first + "=" + parameter.given.second;
}

bool is_changed(const EncodedParameter& parameter) {
  return given_text(parameter) != parameter.text;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
}

bool has_parameter(std::string_view payload, const std::string& name) {
  return payload.starts_with(name + "=") || payload.contains("&" + name + "=");
}

void line(CommandContext& context, std::string_view title, std::string_view text) {
  context.say(fmt::format("{:<{}}{}", title, kTitleColumns, text));
}

void show_parameters(const SignExplanation& explanation, CommandContext& context) {
  if (explanation.parameters.empty()) {
    line(context, "parameters", "none read: the payload was given whole");
    return;
  }
  std::string_view title = "parameters";
  for (std::size_t i = 0; i + 1 < explanation.parameters.size(); ++i) {
    const EncodedParameter& parameter = explanation.parameters[i];
    line(context, title,
         is_changed(parameter) ? safe_text(given_text(parameter)) + "  →  " +
                                     context.err_painter().paint(Paint::kYellow, parameter.text) +
                                     "  (percent-encoded)"
                               : parameter.text + "  (needs no encoding)");
    title = "";
  }
  line(context, "timestamp",
       explanation.parameters.back().text + "  (added: this clock, milliseconds since 1970)");
}

void show_payload_advice(const SignExplanation& explanation, CommandContext& context) {
  if (!explanation.parameters.empty()) {
    return;
  }
  if (!is_ascii(explanation.payload)) {
    context.note(Mark::kWarning,
                 "the payload has bytes outside of ASCII; servers refuse it. Percent-encode first, "
                 "then sign that text");
  }
  if (!has_parameter(explanation.payload, explanation.timestamp_parameter)) {
    context.note(Mark::kWarning,
                 "the payload has no " + explanation.timestamp_parameter + "; servers refuse it");
  }
}

std::string key_text(const SignExplanation& explanation) {
  const SchemeRow& row = describe(explanation.scheme);
  return std::string(row.display_name) + (explanation.fingerprint.empty()
                                              ? ", a shared secret (never shown)"
                                              : ", public key " + explanation.fingerprint);
}

void show_signature(const SignExplanation& explanation, CommandContext& context) {
  const std::vector<std::uint8_t> raw = raw_bytes(explanation);
  const std::string hex = to_hex(raw);
  constexpr std::size_t kDigitsAByte = 2;
  const bool is_cut = raw.size() > kRawBytesShown;
  line(context, "signature",
       std::to_string(raw.size()) + " bytes: " + hex.substr(0, kDigitsAByte * kRawBytesShown) +
           (is_cut ? "…" : ""));
  line(context, std::string("  as ") + std::string(encoding_of(explanation)),
       explanation.signature);
  line(context, "  percent-encoded",
       explanation.signature == explanation.signature_encoded ? "the same: it needs no encoding"
                                                              : explanation.signature_encoded);
}

void show_request(const SignExplanation& explanation, CommandContext& context) {
  line(context, "goes into",
       explanation.in_body ? "the body, behind the payload" : "the query, behind the payload");
  line(context, "request", safe_text(explanation.request_line));
  if (!explanation.api_key.empty()) {
    line(context, "", explanation.api_key_header + ": " + safe_text(explanation.api_key));
  }
  if (explanation.in_body) {
    line(context, "", "Content-Type: application/x-www-form-urlencoded");
    context.say();
    line(context, "", safe_text(explanation.body));
  }
}

}  // namespace

Json explanation_json(const SignExplanation& explanation) {
  Json parameters = Json::array();
  for (std::size_t i = 0; i < explanation.parameters.size(); ++i) {
    const EncodedParameter& parameter = explanation.parameters[i];
    parameters.push_back({{"given", given_text(parameter)},
                          {"encoded", parameter.text},
                          {"changed", is_changed(parameter)},
                          {"added", i + 1 == explanation.parameters.size()}});
  }
  const std::vector<std::uint8_t> raw = raw_bytes(explanation);
  return {{"parameters", std::move(parameters)},
          {"order", explanation.parameters.empty() ? kAsItIs : kOrder},
          {"payload", explanation.payload},
          {"payload_bytes", explanation.payload.size()},
          {"algorithm", describe(explanation.scheme).name},
          {"key_fingerprint",
           explanation.fingerprint.empty() ? Json(nullptr) : Json(explanation.fingerprint)},
          {"signature_bytes", raw.size()},
          {"signature_raw_hex", to_hex(raw)},
          {"signature_encoding", encoding_of(explanation)},
          {"signature_text", explanation.signature},
          {"signature_percent_encoded", explanation.signature_encoded},
          {"goes_into", explanation.in_body ? "body" : "query"},
          {"request_line", explanation.request_line}};
}

void show_explanation(const SignExplanation& explanation, CommandContext& context) {
  show_parameters(explanation, context);
  line(context, "payload (" + std::to_string(explanation.payload.size()) + " bytes)",
       safe_text(explanation.payload) + "   ← " +
           std::string(explanation.parameters.empty() ? kAsItIs : kOrder));
  show_payload_advice(explanation, context);
  line(context, "signed with", key_text(explanation));
  show_signature(explanation, context);
  show_request(explanation, context);
}

}  // namespace counterfoil
