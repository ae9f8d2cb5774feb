#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "base/trim.h"
#include "wire/http/field_rules.h"
#include "wire/pasted/instant.h"
#include "wire/pasted/pasted.h"
#include "wire/pasted/pieces.h"

// HTTP archives as browsers and proxies write them: HAR 1.2, and Chrome's _webSocketMessages.
namespace counterfoil::pasted {
namespace {

using nlohmann::json;

constexpr std::string_view kNoBodyText =
    "The archive holds the parameters of the body but not its text: the body shown is put together "
    "from them.";

const json kNothing;

const json& member(const json& from, const char* name) {
  const auto found = from.is_object() ? from.find(name) : from.end();
  return from.is_object() && found != from.end() ? *found : kNothing;
}

std::string text(const json& from, const char* name) {
  const json& value = member(from, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::string body_of_parameters(const json& parameters) {
  std::string body;
  for (const json& one : parameters) {
    body += (body.empty() ? "" : "&") + text(one, "name") + "=" + text(one, "value");
  }
  return body;
}

std::optional<Answer> answer_of(const json& response) {
  const json& status = member(response, "status");
  if (!status.is_number_integer() || status.get<int>() == 0) {
    return std::nullopt;
  }
  Answer answer = find_answer(text(member(response, "content"), "text")).value_or(Answer{});
  answer.status = status.get<int>();
  return answer;
}

Request request_of(const json& entry, std::size_t line) {
  Request request = request_on(line, Form::kHar);
  const json& given = member(entry, "request");
  request.method = text(given, "method");
  set_target(request, text(given, "url"));
  for (const json& header : member(given, "headers")) {
    request.headers.emplace_back(text(header, "name"), text(header, "value"));
  }
  const json& data = member(given, "postData");
  request.body = text(data, "text");
  if (request.body.empty() && member(data, "params").is_array() &&
      !member(data, "params").empty()) {
    request.body = body_of_parameters(member(data, "params"));
    request.doubts.push_back(kNoBodyText);
  }
  request.sent_at = read_instant(text(entry, "startedDateTime"));
  const json& response = member(entry, "response");
  request.answer = answer_of(response);
  for (const json& header : member(response, "headers")) {
    if (http::equals_ignoring_case(text(header, "name"), "Date")) {
      request.answered_at = read_http_date(text(header, "value"));
    }
  }
  return request;
}

// add_frames adds what a page sent over a WebSocket.
Done add_frames(const json& entry, const Request& upgrade, const Names& names, Requests& out) {
  for (const json& message : member(entry, "_webSocketMessages")) {
    std::string frame = text(message, "data");
    if (text(message, "type") != "send" ||
        !frame.contains("\"" + std::string(names.signature) + "\"")) {
      continue;
    }
    Request request = request_on(upgrade.line, Form::kWebSocketFrame);
    request.host = upgrade.host;
    request.path = upgrade.path;
    request.headers = upgrade.headers;
    request.message = std::move(frame);
    if (const json& time = member(message, "time"); time.is_number()) {
      constexpr double kMs = 1000;
      constexpr double kYear2200 = 7e9;
      const double seconds = time.get<double>();
      if (seconds > 0 && seconds < kYear2200) {
        request.sent_at = from_unix_ms(static_cast<std::int64_t>(seconds * kMs));
      }
    }
    if (Done done = add(std::move(request), out); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace

bool is_har(std::string_view text) {
  // The first member of an archive is "log".
  const std::string_view begin = trim(text.substr(0, std::min<std::size_t>(text.size(), 256)));
  return begin.starts_with('{') && trim(begin.substr(1)).starts_with("\"log\"");
}

Done read_har(std::string_view text, const Names& names, Requests& out) {
  const json archive = json::parse(text, nullptr, false);
  const json& entries = member(member(archive, "log"), "entries");
  if (!entries.is_array()) {
    return std::unexpected("it looks like an HTTP archive, but is not whole: no log.entries");
  }
  std::size_t searched = 0;
  std::size_t line = 1;
  for (const json& entry : entries) {
    // Where the entry stands in the text, for people: found by its member that each entry has once.
    if (const std::size_t found = text.find("\"startedDateTime\"", searched);
        found != std::string_view::npos) {
      line += static_cast<std::size_t>(
          std::ranges::count(text.substr(searched, found - searched), '\n'));
      searched = found + 1;
    }
    Request request = request_of(entry, line);
    if (Done done = add_frames(entry, request, names, out); !done) {
      return done;
    }
    if (!is_signed(request, names)) {
      continue;
    }
    if (Done done = add(std::move(request), out); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace counterfoil::pasted
