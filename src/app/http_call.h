#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace counterfoil {

// HttpCall is one request of the tour to the demo's own gateway, over a real socket.
struct HttpCall {
  std::string url;     // "http://127.0.0.1:8080": plain HTTP, an address and a port
  std::string method;  // "GET"
  std::string target;  // path and query, as it goes out
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string request_id;  // X-Counterfoil-Request-Id
  std::string body;
};

// http_call makes one connection and one request. The error is a sentence.
[[nodiscard]] std::expected<HttpAnswer, std::string> http_call(const HttpCall& call);

}  // namespace counterfoil
