#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "authority/request_ids.h"
#include "base/wiped_text.h"
#include "doors/calls/byte_stream.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// CallLimits: times and sizes of one connection of a caller of the management API.
struct CallLimits {
  http::Limits http = {.body_bytes_max = ManagementApi::kRowsBytesMax,
                       .keep_alive_idle_max = std::chrono::milliseconds(5'000)};
  std::chrono::milliseconds write_time_max{10'000};
};

// CallHandler is what a connection asks its door. Called by the connection's thread.
class CallHandler {
 public:
  CallHandler() = default;
  CallHandler(const CallHandler&) = delete;
  CallHandler& operator=(const CallHandler&) = delete;
  CallHandler(CallHandler&&) = delete;
  CallHandler& operator=(CallHandler&&) = delete;
  virtual ~CallHandler() = default;

  // body_bytes_max is how much of the body of a request is read; more is refused.
  [[nodiscard]] virtual std::size_t body_bytes_max(const http::RequestHead& head) const = 0;
  [[nodiscard]] virtual ApiAnswer answer(const http::RequestHead& head, std::string_view body,
                                         std::string_view request_id) = 0;
  // finish adds what the door says in every answer, those to requests that could not be read too.
  virtual void finish(ApiAnswer& answer) const { (void)answer; }
};

// CallConnection serves one connection: HTTP/1.1, one request after the other. One thread.
class CallConnection {
 public:
  // All must outlive it. What a connection brings is answered here and passed on to nobody, so
  // X-Counterfoil-… are headers like others.
  CallConnection(ByteStream& stream, CallHandler& handler, const CallLimits& limits,
                 RequestIdSource& ids)
      : stream_(stream),
        handler_(handler),
        limits_(limits),
        ids_(ids),
        head_({.identity = http::IdentityFields::kKept}) {}

  // serve returns when the connection is to be closed.
  void serve();
  // say answers before anything was read; then the connection is to be closed.
  void say(ApiAnswer answer, std::string_view request_id, std::chrono::milliseconds patience);

 private:
  using Instant = ByteStream::Instant;
  [[nodiscard]] bool read_head(std::size_t& head_bytes);
  [[nodiscard]] bool read_body(std::size_t head_bytes, std::size_t body_bytes);
  [[nodiscard]] bool serve_one();
  [[nodiscard]] bool send(const ApiAnswer& answer, std::string_view request_id, bool keep);
  [[nodiscard]] bool send_stream(const ApiAnswer& answer, std::string_view request_id, bool keep);
  bool refuse(const http::Refusal& refusal);
  [[nodiscard]] Instant after(std::chrono::milliseconds time) const;

  ByteStream& stream_;
  CallHandler& handler_;
  const CallLimits& limits_;
  RequestIdSource& ids_;
  http::RequestHead head_;
  WipedText input_;
};

// single_content_type is the value of Content-Type; empty when there is none, or more than one.
[[nodiscard]] std::string_view single_content_type(const http::RequestHead& head);

}  // namespace counterfoil
