#include "doors/rest/answer_writer.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "doors/rest/exchange.h"
#include "doors/rest/request_judge.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "wire/http/body_framing.h"
#include "wire/http/field_rules.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

using http::equals_ignoring_case;

constexpr std::string_view kRequestIdName = "X-Counterfoil-Request-Id: ";

// line writes a header line whose value is known to be one line: it was parsed, or it is ours.
void line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}
void line(std::string& out, std::string_view name, std::uint64_t value) {
  const fmt::format_int text(value);
  line(out, name, std::string_view(text.data(), text.size()));
}

void connection(std::string& out, const Exchange& exchange, http::KeepAlive keep_alive) {
  if (keep_alive == http::KeepAlive::kClose) {
    out += "Connection: close\r\n";
  } else if (exchange.head.minor_version() == 0) {
    out += "Connection: keep-alive\r\n";
  }
}

bool is_usage_header(const Route& route, std::string_view name) {
  return std::ranges::any_of(route.usage_headers, [&](const UsageHeader& header) {
    return equals_ignoring_case(header.name, name);
  });
}

// is_relayed: what we frame and say ourselves is left out, and so is what an upstream has no
// business to say. Where we do not count, the upstream may.
bool is_relayed(const Exchange& exchange, std::string_view name) {
  return !equals_ignoring_case(name, "content-length") && !http::is_hop_by_hop(name) &&
         !http::is_identity_header(name) &&
         !(exchange.is_counted && is_usage_header(*exchange.route, name));
}

void framing(std::string& out, const Exchange& exchange) {
  const http::ResponseHead& answer = exchange.answer;
  const http::BodyFraming framing = answer.body_framing(exchange.method());
  switch (framing.mode) {
    case http::BodyMode::kLength:
      line(out, "Content-Length", framing.length);
      return;
    case http::BodyMode::kChunked:
      if (sends_chunked(exchange)) {
        out += "Transfer-Encoding: chunked\r\n";
      }
      return;
    case http::BodyMode::kUntilClose:
      return;
    case http::BodyMode::kNone:
      // After HEAD and in a 304 it tells of the body that is not sent (RFC 9110 section 8.6).
      if (answer.content_length() && answer.status() >= 200 && answer.status() != 204) {
        line(out, "Content-Length", *answer.content_length());
      }
      return;
  }
  std::unreachable();
}

// code_of finds the vendor's code that comes nearest to what HTTP refuses.
std::int32_t code_of(int status) {
  constexpr std::int32_t kDisconnected = -1001;
  constexpr std::int32_t kUnsupported = -1020;
  constexpr std::int32_t kIllegalCharacters = -1100;
  constexpr std::int32_t kInvalidData = -1130;
  switch (status) {
    case 400:
      return kIllegalCharacters;
    case 408:
      return kDisconnected;
    case 413:
    case 414:
    case 431:
      return kInvalidData;
    default:
      return kUnsupported;
  }
}

std::string http_refusal_body(AnswerFormat format, const http::Refusal& refusal) {
  const std::string_view sentence = http::describe(refusal.kind).sentence;
  if (format == AnswerFormat::kBinance) {
    return fmt::format(R"({{"code":{},"msg":"{}"}})", code_of(refusal.status), sentence);
  }
  return fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"detail":"{}"}})",
                     http::reason_phrase(refusal.status), refusal.status, sentence);
}

std::string_view content_type_of(AnswerFormat format) {
  return format == AnswerFormat::kBinance ? "application/json;charset=UTF-8"
                                          : "application/problem+json";
}

bool wants_html(const Exchange& exchange) {
  const auto accept = exchange.head.find("accept");
  return accept && accept->contains("text/html");
}

}  // namespace

bool sends_chunked(const Exchange& exchange) { return exchange.head.minor_version() > 0; }

void AnswerWriter::usage(std::string& out, const Exchange& exchange, UsageKnown known) const {
  if (exchange.route == nullptr || !exchange.is_counted) {
    return;
  }
  for (const UsageHeader& header : exchange.route->usage_headers) {
    const LimitRule& rule = exchange.profile().limits().rules[header.rule];
    if (known == UsageKnown::kAll || rule.owner == LimitOwner::kAddress) {
      line(out, header.name, exchange.usage.used[header.rule]);
    }
  }
}

void AnswerWriter::relayed_head(std::string& out, const Exchange& exchange,
                                http::KeepAlive keep_alive) const {
  const http::ResponseHead& answer = exchange.answer;
  http::append_status_line(out, answer.status());
  const bool names_more = answer.find("connection").has_value();
  for (const http::Field& field : answer.fields()) {
    if (is_relayed(exchange, field.name) &&
        !(names_more && answer.has_connection_option(field.name))) {
      line(out, field.name, field.value);
    }
  }
  framing(out, exchange);
  out.append(kRequestIdName).append(exchange.id.text()).append("\r\n");
  // A public request has no account whose orders could be counted.
  usage(out, exchange, exchange.admission ? UsageKnown::kAll : UsageKnown::kAddress);
  connection(out, exchange, keep_alive);
  http::append_end_of_head(out);
}

void AnswerWriter::refusal(std::string& out, const Exchange& exchange,
                           const ProfileRefusal& refusal, http::KeepAlive keep_alive) {
  exchange.profile().render(refusal.reason, refusal.context, rendered_);
  const bool wrong_method = !refusal.allowed.empty();
  const std::string& html = exchange.profile().answer(refusal.reason).html;
  const bool as_html = !html.empty() && wants_html(exchange);
  const std::string_view body = as_html ? std::string_view(html) : rendered_.body;
  http::append_status_line(out, wrong_method ? 405 : rendered_.status);
  out.append(date_.at(exchange.now));
  line(out, "Content-Type", as_html ? kHtmlContentType : rendered_.content_type);
  line(out, "Content-Length", body.size());
  out.append(kRequestIdName).append(exchange.id.text()).append("\r\n");
  usage(out, exchange, exchange.admission ? UsageKnown::kAll : UsageKnown::kAddress);
  if (rendered_.retry_after.count() > 0) {
    line(out, "Retry-After", static_cast<std::uint64_t>(rendered_.retry_after.count()));
  }
  if (wrong_method) {
    line(out, "Allow", refusal.allowed.to_text());
  }
  connection(out, exchange, keep_alive);
  http::append_end_of_head(out);
  if (exchange.method() != http::Method::kHead) {
    out.append(body);
  }
}

void AnswerWriter::http_refusal(std::string& out, const Exchange& exchange,
                                const http::Refusal& refusal, Timestamp now) {
  const AnswerFormat format = exchange.profile().answers().format();
  const std::string body = http_refusal_body(format, refusal);
  http::append_status_line(out, refusal.status);
  out.append(date_.at(now));
  line(out, "Content-Type", content_type_of(format));
  line(out, "Content-Length", body.size());
  out.append(kRequestIdName).append(exchange.id.text()).append("\r\n");
  out += "Connection: close\r\n\r\n";
  if (exchange.method() != http::Method::kHead) {
    out.append(body);
  }
}

void AnswerWriter::own(std::string& out, const Exchange& exchange, std::string_view json,
                       http::KeepAlive keep_alive) {
  http::append_status_line(out, 200);
  out.append(date_.at(exchange.now));
  line(out, "Content-Type", "application/json;charset=UTF-8");
  line(out, "Content-Length", json.size());
  line(out, "Cache-Control", "no-store");  // it may hold a secret, and is one key's business
  out.append(kRequestIdName).append(exchange.id.text()).append("\r\n");
  usage(out, exchange, UsageKnown::kAll);
  connection(out, exchange, keep_alive);
  http::append_end_of_head(out);
  if (exchange.method() != http::Method::kHead) {
    out.append(json);
  }
}

}  // namespace counterfoil
