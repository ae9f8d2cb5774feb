#pragma once

#include <chrono>
#include <string>

#include "authority/issuer.h"
#include "authority/request_ids.h"
#include "base/wiped_text.h"
#include "doors/admin/timed_stream.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "wire/http/limits.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// AdminLimits of the admin socket: times and sizes of one connection, and how many are served.
struct AdminLimits {
  // Of the bodies' sizes ManagementApi::body_bytes_max says more.
  http::Limits http = {.body_bytes_max = ManagementApi::kRowsBytesMax,
                       .keep_alive_idle_max = std::chrono::milliseconds(5'000)};
  std::chrono::milliseconds write_time_max{10'000};
  std::size_t connections_max = 8;  // more wait in the kernel's queue
};

// AdminConnection serves one connection of a peer who may enter: HTTP/1.1, one request after the
// other. One thread.
class AdminConnection {
 public:
  AdminConnection(TimedStream stream, const ManagementApi& api, const AdminLimits& limits,
                  RequestIdSource& ids, Actor actor)
      : stream_(stream), api_(api), limits_(limits), ids_(ids), actor_(std::move(actor)) {}

  // serve returns when the connection is to be closed.
  void serve();

 private:
  using Instant = TimedStream::Instant;
  [[nodiscard]] bool read_head(std::size_t& head_bytes);
  [[nodiscard]] bool read_body(std::size_t head_bytes, std::size_t body_bytes);
  [[nodiscard]] bool serve_one();
  [[nodiscard]] ApiAnswer answer(std::string_view body, std::string_view request_id) const;
  [[nodiscard]] bool send(const ApiAnswer& answer, std::string_view request_id, bool keep);
  [[nodiscard]] bool send_stream(const ApiAnswer& answer, std::string_view request_id, bool keep);
  bool refuse(const http::Refusal& refusal);
  [[nodiscard]] Instant after(std::chrono::milliseconds time) const;

  TimedStream stream_;
  const ManagementApi& api_;
  const AdminLimits& limits_;
  RequestIdSource& ids_;
  Actor actor_;
  http::RequestHead head_;
  WipedText input_;
};

// send_refused_peer tells a peer who may not enter that it is so.
void send_refused_peer(TimedStream stream, std::string_view request_id);

}  // namespace counterfoil
