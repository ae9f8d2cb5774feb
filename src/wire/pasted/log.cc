#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "wire/pasted/instant.h"
#include "wire/pasted/pasted.h"
#include "wire/pasted/pieces.h"

// Logs of clients and servers. What is common to them: a method and a URL or a path stand on one
// line, quoted or not; headers, body and answer stand on that line or on the ones behind it.
namespace counterfoil::pasted {
namespace {

constexpr std::string_view kFromLog =
    "It was read out of a log line, which may show values otherwise than they were sent.";

// What ends a URL or a form in a log.
constexpr std::string_view kEnds = " \t\r\n\"'`<>\\{}|";

std::string_view token_at(std::string_view text, std::size_t at) {
  std::string_view token = text.substr(at, text.find_first_of(kEnds, at) - at);
  // A sentence's end, or a bracket around the URL.
  while (token.ends_with(',') || token.ends_with(')') || token.ends_with(']') ||
         token.ends_with(';')) {
    token.remove_suffix(1);
  }
  return token;
}

// begin_of gives where the token begins that `at` lies in.
std::size_t begin_of(std::string_view text, std::size_t at) {
  const std::size_t before = text.substr(0, at).find_last_of(kEnds);
  return before == std::string_view::npos ? 0 : before + 1;
}

struct Target {
  std::size_t at = 0;  // on its line
  std::string_view method;
  std::string_view url;
};

// method_before gives the method that stands before a URL: the last word, brackets around it off.
std::string_view method_before(std::string_view text) {
  constexpr std::string_view kAround = " \t\"'`[]():=,>";
  const std::size_t end = text.find_last_not_of(kAround);
  if (end == std::string_view::npos) {
    return {};
  }
  const std::size_t begin = text.substr(0, end + 1).find_last_of(kAround);
  const std::string_view word =
      text.substr(begin == std::string_view::npos ? 0 : begin + 1,
                  end - (begin == std::string_view::npos ? 0 : begin + 1) + 1);
  return is_method(word) ? word : std::string_view();
}

// find_target looks on a line for a path behind a method, as in an access log, or for a URL.
std::optional<Target> find_target(std::string_view line) {
  for (std::size_t at = line.find(" /"); at != std::string_view::npos;
       at = line.find(" /", at + 1)) {
    if (const std::string_view method = method_before(line.substr(0, at)); !method.empty()) {
      return Target{.at = at + 1, .method = method, .url = token_at(line, at + 1)};
    }
  }
  std::optional<Target> bare;
  for (std::size_t at = line.find("://"); at != std::string_view::npos;
       at = line.find("://", at + 1)) {
    if (at < 4 ||
        (!line.substr(0, at).ends_with("http") && !line.substr(0, at).ends_with("https"))) {
      continue;
    }
    const std::size_t begin = line.rfind("http", at);
    const Target target{
        .at = begin, .method = method_before(line.substr(0, begin)), .url = token_at(line, begin)};
    if (!target.method.empty()) {
      return target;
    }
    bare = bare ? bare : target;
  }
  return bare;
}

// find_host looks for an origin before a path: "https://api.example:443 "GET /api…".
std::string find_host(std::string_view before) {
  const std::size_t scheme = before.rfind("://");
  if (scheme == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = before.substr(scheme + 3);
  return std::string(rest.substr(0, rest.find_first_of("/ \t\"'")));
}

// find_api_key looks for the header's name and gives the word behind it.
std::optional<std::string_view> find_api_key(std::string_view text, std::string_view header) {
  const std::size_t at = text.find(header);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(at + header.size());
  const std::size_t begin = rest.find_first_not_of(" \t\"':=>[,\\");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  return rest.substr(begin, rest.find_first_of(" \t\r\n\"',;}])\\", begin) - begin);
}

// find_form looks for a text `a=b&…signature=…` that is not the URL's query.
std::optional<std::string_view> find_form(std::string_view text, std::string_view url,
                                          const Names& names) {
  const std::string name = std::string(names.signature) + "=";
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::string_view token = token_at(text, begin_of(text, at));
    if (!url.contains(token) && !token.contains("://") && !token.starts_with('/') &&
        holds_parameter(token, names.signature)) {
      return token;
    }
  }
  return std::nullopt;
}

// find_time looks for an instant on a line: in ISO 8601 anywhere among its first words.
std::optional<Timestamp> find_time(std::string_view line) {
  constexpr std::size_t kFirstBytes = 64;
  const std::string_view begin = line.substr(0, kFirstBytes);
  for (std::size_t at = begin.find("20"); at != std::string_view::npos;
       at = begin.find("20", at + 1)) {
    if (const auto instant = read_instant(line.substr(at))) {
      return instant;
    }
  }
  return std::nullopt;
}

// Found is where a request begins.
struct Found {
  Target target;
  std::string_view line;
  std::size_t number = 0;
};

// request_of reads one request out of the text from its line up to the next one.
Request request_of(std::string_view segment, const Found& found, const Names& names) {
  const Target& target = found.target;
  const std::string_view line = found.line;
  Request request = request_on(found.number, Form::kLogLine);
  request.method = std::string(target.method);
  set_target(request, target.url);
  if (request.host.empty()) {
    request.host = find_host(line.substr(0, target.at));
  }
  if (const auto key = find_api_key(segment, names.api_key_header)) {
    request.headers.emplace_back(names.api_key_header, *key);
  }
  if (const auto form = find_form(segment, target.url, names)) {
    request.body = std::string(*form);
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  }
  request.sent_at = find_time(line);
  request.doubts.push_back(kFromLog);
  return request;
}

}  // namespace

Done read_log(std::string_view text, const Names& names, Requests& out) {
  std::optional<Found> found;
  std::size_t segment = 0;  // where the text of `found` begins
  const auto close = [&](std::size_t end) -> Done {
    if (!found) {
      return {};
    }
    const std::string_view all = text.substr(segment, std::min(end - segment, kRequestBytesMax));
    Request request = request_of(all, *found, names);
    segment = end;
    if (!is_signed(request, names)) {
      return {};
    }
    request.answer = find_answer(all);
    return add(std::move(request), out);
  };
  std::string_view rest = text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t begin = text.size() - rest.size();
    const std::string_view line = take_line(rest);
    if (const auto target = find_target(line)) {
      if (Done done = close(begin); !done) {
        return done;
      }
      found = Found{.target = *target, .line = line, .number = number};
    }
  }
  return close(text.size());
}

}  // namespace counterfoil::pasted
