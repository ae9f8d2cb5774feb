#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "base/ip_address.h"
#include "base/wiped_text.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// BrowserCall is what a call of a browser carries beside its method, path and body. The door that
// fills it has checked Host, Origin and Sec-Fetch-Site (control S-70); what the tokens are worth,
// the API finds out. Views are borrowed for the call.
struct BrowserCall {
  IpAddress address;
  std::string_view user_agent;     // hostile text
  std::string_view session_token;  // of the cookie, or empty
  std::string_view device_cookie;  // or empty
  std::string_view csrf;           // X-Counterfoil-CSRF
  std::string_view step_up;        // X-Counterfoil-Step-Up: a grant
  std::string_view setup_token;    // X-Counterfoil-Setup-Token
  std::string_view last_event_id;  // Last-Event-ID
  std::string_view ticket = {};    // of the cookie of a sign-in at the identity provider, or empty
  std::string_view origin = {};    // ours, by which the browser calls us
};

// CallSignature is what a call that an API key signed carries beside its method, path, query and
// body. The door that fills it has checked Host, and that no cookie came along.
struct CallSignature {
  std::string_view api_key;  // of the profile's header
  bool api_key_repeated = false;
  std::span<const http::Field> headers;  // all of them
  std::string_view client;               // the User-Agent: hostile text
  IpAddress address;
  std::string_view last_event_id;
};

// SessionCookies is what an answer has the door put into the browser's cookies.
struct SessionCookies {
  WipedText session;        // the session's new token; empty: the cookie is to go
  std::string device = {};  // the device's cookie; empty: it stays as it is
};

// ApiRequest is one call as a door hands it in. Views are borrowed for the call.
struct ApiRequest {
  http::Method method = http::Method::kGet;
  std::string_view path;   // raw, begins with '/'
  std::string_view query;  // raw, without '?'
  std::string_view content_type;
  std::string_view if_match;  // the header's value, or empty
  std::string_view body;
  std::string_view request_id;
  Actor
      actor;  // a peer of the admin socket; of a browser's call the API finds out itself who calls
  // nullopt: a peer of the admin socket, who may do everything.
  std::optional<BrowserCall> browser = std::nullopt;
  // Set, without `browser`: an API key calls in the place of a session.
  std::optional<CallSignature> signature = std::nullopt;
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
  bool is_endless = false;  // with `stream`: it goes on until the caller leaves or the door closes
  // cookies is set where a session begins, goes on under a new token, or has ended.
  std::optional<SessionCookies> cookies = std::nullopt;
  // ticket is set where a browser goes off to the identity provider, and empty once it is back.
  std::optional<std::string> ticket = std::nullopt;
};

}  // namespace counterfoil
