#include "venue/venue_service.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/identity.h"
#include "venue/identity_headers.h"
#include "venue/json_writer.h"
#include "venue/rest_api.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

constexpr std::string_view kJson = "application/json;charset=UTF-8";
constexpr std::string_view kHtml = "text/html;charset=UTF-8";
constexpr std::string_view kNotFoundPage = "<html><body><h2>404 Not found</h2></body></html>";
// "<html><head><title>410 Gone</title>": what the vendor answers since 2026-02-20.
constexpr std::string_view kGonePage =
    "<html>\r\n<head><title>410 Gone</title></head>\r\n<body>\r\n<center><h1>410 Gone</h1>"
    "</center>\r\n</body>\r\n</html>\r\n";
// The listen keys of old. Retired for every method.
constexpr std::string_view kRetiredPath = "/api/v3/userDataStream";
constexpr std::string_view kEventsPath = "/counterfoil/events";

IdentityRequest identity_request(const VenueRequest& request) {
  return {.method = request.method,
          .target = request.target,
          .query = request.query,
          .body = request.body,
          .headers = request.identity,
          .api_key =
              request.api_key ? std::optional<std::string_view>(*request.api_key) : std::nullopt};
}

std::expected<TimeUnit, ApiError> read_time_unit(const std::optional<std::string>& header) {
  if (!header || *header == "MILLISECOND" || *header == "millisecond") {
    return TimeUnit::kMillisecond;
  }
  if (*header == "MICROSECOND" || *header == "microsecond") {
    return TimeUnit::kMicrosecond;
  }
  return std::unexpected(
      ApiError{.code = -1194,
               .text = "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."});
}

std::optional<std::string> text_of(const http::RequestHead& head, std::string_view name) {
  const auto value = head.find(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

}  // namespace

void VenueRequest::assign(const http::RequestHead& head, std::string_view raw) {
  method = head.method();
  target = head.target();
  path = head.path();
  query = head.query();
  body.clear();
  identity = read_identity_headers(raw);
  api_key = text_of(head, "X-MBX-APIKEY");
  time_unit = text_of(head, "X-MBX-TIME-UNIT");
  wants_html = head.find("Accept").value_or("").contains("text/html");
  keep_alive = head.keep_alive();
}

VenueReply VenueService::reply(const VenueRequest& request, Timestamp now) {
  RestAnswer answer;
  if (const RestRoute* const route = find_route(request.method, request.path)) {
    answer = answer_route(*route, request, now);
  } else if (request.method == http::Method::kPost && request.path == kEventsPath) {
    answer = answer_event(request, now);
  } else if (request.path == kRetiredPath) {
    // A page, not JSON, though SDKs choke on it: who tries a bot here should see what it will meet.
    return {.status = 410, .content_type = kHtml, .body = std::string(kGonePage)};
  } else if (request.wants_html) {
    return {.status = 404, .content_type = kHtml, .body = std::string(kNotFoundPage)};
  } else {
    answer = route_unknown(request.method, request.path);
  }
  return {.status = answer.status, .content_type = kJson, .body = std::move(answer.body)};
}

RestAnswer VenueService::answer_route(const RestRoute& route, const VenueRequest& request,
                                      Timestamp now) {
  auto admitted = doorkeeper_.admit(route.security, identity_request(request), now);
  if (!admitted) {
    return to_answer(admitted.error());
  }
  std::optional<Caller>& caller = *admitted;
  if (caller && events_.refuses(*caller, now)) {
    return to_answer(key_rejected());
  }
  const auto unit = read_time_unit(request.time_unit);
  if (!unit) {
    return to_answer(unit.error());
  }
  return api_.answer(route, {.query = request.query,
                             .body = request.body,
                             .caller = std::move(caller),
                             .time_unit = *unit,
                             .now = now});
}

RestAnswer VenueService::answer_event(const VenueRequest& request, Timestamp now) {
  const auto headers = doorkeeper_.admit_event(identity_request(request), now);
  if (!headers) {
    return to_answer(headers.error());
  }
  return events_.answer(request.body, *headers, now);
}

}  // namespace counterfoil::venue
