#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "base/wiped_text.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// ApiRequest is one call as a door hands it in, after it has found out who calls. Views are
// borrowed for the call.
struct ApiRequest {
  http::Method method = http::Method::kGet;
  std::string_view path;   // raw, begins with '/'
  std::string_view query;  // raw, without '?'
  std::string_view content_type;
  std::string_view if_match;  // the header's value, or empty
  std::string_view body;
  std::string_view request_id;
  Actor actor;
};

// BodySink takes the next piece of a long answer. false: nobody wants more.
using BodySink = std::function<bool(std::string_view piece)>;

// ApiAnswer is what the door sends. The body may hold a secret that is shown once, so it wipes
// itself, and `headers` then forbid to keep it.
struct ApiAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  WipedText body;
  // stream is set instead of `body` for what may be too long to hold: the door calls it once, and
  // it hands on piece after piece. false: it broke off, so the door must not end the answer as if
  // it were whole.
  std::function<bool(const BodySink& sink)> stream;
};

}  // namespace counterfoil
