#include "wire/pasted/pasted.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/trim.h"
#include "wire/pasted/pieces.h"

namespace counterfoil::pasted {
namespace {

constexpr std::string_view kNothingFound =
    "no request was found in it; give a curl command, a HAR, an HTTP request, a URL, signed "
    "parameters, a log that shows a URL, a WebSocket frame, or a FIX Logon";

// read_line takes a text of one word: a URL, a path, or parameters.
Done read_word(std::string_view word, Requests& out) {
  Request request;
  if (word.contains("://") || word.starts_with('/')) {
    request.form = Form::kUrl;
    set_target(request, word);
  } else {
    request.form = Form::kQuery;
    request.query = std::string(word.substr(word.starts_with('?') ? 1 : 0));
  }
  return add(std::move(request), out);
}

// is_parameters: `name=` begins it, and a signature stands in it: a client may have sent blanks and
// quotes unencoded.
bool is_parameters(std::string_view text, const Names& names) {
  const auto is_of_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const std::string_view name = text.substr(0, text.find('='));
  return name.size() < text.size() && std::ranges::all_of(name, is_of_name) &&
         holds_parameter(text, names.signature);
}

bool is_one_word(std::string_view text, const Names& names) {
  if (text.contains('\n')) {
    return false;
  }
  const bool has_blank = text.find_first_of(" \t{}\"") != std::string_view::npos;
  return has_blank ? is_parameters(text, names)
                   : text.contains('=') || text.contains("://") || text.starts_with('/');
}

Done read_by_form(std::string_view text, const Names& names, Requests& out) {
  if (is_har(text)) {
    return read_har(text, names, out);
  }
  if (is_fix(text)) {
    return read_fix(text, out);
  }
  if (is_http(text)) {
    return read_http(text, out);
  }
  if (is_curl(text)) {
    return read_curl(text, out);
  }
  if (const std::string_view word = trim(text); is_one_word(word, names)) {
    return read_word(word, out);
  }
  if (Done done = read_frames(text, names, out); !done || !out.empty()) {
    return done;
  }
  return read_log(text, names, out);
}

}  // namespace

std::string_view name_of(Form form) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"curl command", "HAR entry", "HTTP request", "URL",
                                       "parameters", "log line", "WebSocket frame", "FIX message"});
  return kNames.at(static_cast<std::size_t>(form));
}

std::expected<std::vector<Request>, std::string> read_pasted(std::string_view text,
                                                             const Names& names) {
  if (text.size() > kTextBytesMax) {
    return std::unexpected("it has more than " + std::to_string(kTextBytesMax / 1024 / 1024) +
                           " MiB; cut out the request that was refused");
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Requests requests;
  if (Done done = read_by_form(text, names, requests); !done) {
    return std::unexpected(std::move(done.error()));
  }
  if (requests.empty()) {
    return std::unexpected(std::string(kNothingFound));
  }
  return requests;
}

}  // namespace counterfoil::pasted
