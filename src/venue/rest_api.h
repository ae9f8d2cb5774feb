#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/exchange.h"
#include "venue/json_writer.h"
#include "venue/order_counts.h"
#include "venue/rest_call.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {

// Security says who may call a route.
enum class Security : std::uint8_t { kPublic, kPrivate };

// RestRoute is one call of the API.
//
//   parameters  the names it reads, with a blank between them; others are refused. timestamp,
//               recvWindow and signature, which whoever signed has sent, are always taken and never
//               read.
struct RestRoute {
  http::Method method;
  std::string_view path;
  Security security;
  RestHandler handler;
  std::string_view parameters;
};

// rest_routes is all there is; find_route compares the raw path byte by byte. nullptr: none.
[[nodiscard]] std::span<const RestRoute> rest_routes();
[[nodiscard]] const RestRoute* find_route(http::Method method, std::string_view path);

// Caller is who a private request was proved to come from, and when the proof was made.
struct Caller {
  std::string account;  // an AccountId
  std::string api_key;
  Timestamp proved_at{};

  bool operator==(const Caller&) const = default;
};

// RestAnswer is what goes back: a status and a JSON text.
struct RestAnswer {
  int status = 200;
  std::string body;
};

// to_answer writes a refusal.
[[nodiscard]] RestAnswer to_answer(const ApiError& error);
// route_unknown is the answer where find_route() gives nullptr.
[[nodiscard]] RestAnswer route_unknown(http::Method method, std::string_view path);

// RestApi turns calls into answers. It knows no sockets, headers and signatures: whoever calls it
// has made sure who the caller is. One thread at a time.
class RestApi {
 public:
  // `exchange` must outlive this object.
  RestApi(Exchange& exchange, RateLimits limits) : exchange_(exchange), limits_(limits) {}

  struct Request {
    std::string_view query;  // raw
    std::string_view body;   // raw
    std::optional<Caller> caller;
    TimeUnit time_unit = TimeUnit::kMillisecond;
    Timestamp now;
  };
  // answer serves one call. A private route without a caller is refused (401, -1002).
  [[nodiscard]] RestAnswer answer(const RestRoute& route, const Request& request);

 private:
  // serve gives the HTTP status.
  [[nodiscard]] std::expected<int, ApiError> serve(const RestRoute& route, const Request& request,
                                                   JsonWriter& out);

  Exchange& exchange_;
  RateLimits limits_;
  OrderCounts order_counts_;
};

}  // namespace counterfoil::venue
