#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/identity.h"
#include "venue/identity_headers.h"
#include "venue/key_event.h"
#include "venue/rest_api.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {

// VenueRequest is one HTTP request, read to its end. It owns its texts; one is used for many
// requests.
struct VenueRequest {
  http::Method method = http::Method::kGet;
  std::string target;
  std::string path;
  std::string query;
  std::string body;
  IdentityHeaders identity;
  std::optional<std::string> api_key;    // X-MBX-APIKEY
  std::optional<std::string> time_unit;  // X-MBX-TIME-UNIT
  bool wants_html = false;               // Accept names text/html
  bool keep_alive = true;

  // assign takes over a head, whose raw bytes are `raw`. The body is emptied.
  void assign(const http::RequestHead& head, std::string_view raw);
};

// VenueReply is what goes back.
struct VenueReply {
  int status = 200;
  std::string_view content_type;
  std::string body;
};

// VenueService is the whole venue but its sockets: routes, identity, answers, events.
// One thread at a time.
class VenueService {
 public:
  // `exchange` must outlive this object.
  VenueService(Exchange& exchange, RateLimits limits, Doorkeeper doorkeeper)
      : api_(exchange, limits), events_(exchange), doorkeeper_(std::move(doorkeeper)) {}

  [[nodiscard]] VenueReply reply(const VenueRequest& request, Timestamp now);

 private:
  [[nodiscard]] RestAnswer answer_route(const RestRoute& route, const VenueRequest& request,
                                        Timestamp now);
  [[nodiscard]] RestAnswer answer_event(const VenueRequest& request, Timestamp now);

  RestApi api_;
  KeyEvents events_;
  Doorkeeper doorkeeper_;
};

}  // namespace counterfoil::venue
