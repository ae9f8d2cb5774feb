#pragma once

#include <cstddef>
#include <expected>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "doors/calls/call_connection.h"
#include "doors/calls/descriptor.h"
#include "doors/console/browser_rules.h"
#include "doors/console/console_calls.h"
#include "doors/net/connection_counts.h"
#include "doors/net/listener.h"

namespace counterfoil {

// local_origins are what browsers of this machine call a console that listens at `at`.
[[nodiscard]] std::vector<std::string> local_origins(const net::ListenAddress& at, bool is_tls);

// ConsoleServer serves the console: the page, and the management API for people who are signed in.
// HTTP/1.1, with TLS everywhere but on loopback. A thread for each connection, because calls wait
// for the store; so many connections at a time and no more.
class ConsoleServer {
 public:
  struct Options {
    net::ListenAddress listen;
    std::string tls_certificate;       // PEM; both empty: plain HTTP
    std::string tls_key;               // PEM
    std::vector<std::string> origins;  // empty: local_origins()
    CallLimits limits = {.http = {.body_bytes_max = ManagementApi::kRowsBytesMax}};
    net::ConnectionLimits connections = {
        .per_source_max = 64, .total_max = 256, .new_per_second_max = 50};
  };

  // start listens; requests are served from the moment it returns. Everything of `parts` must
  // outlive the server. The error is a sentence.
  [[nodiscard]] static std::expected<std::unique_ptr<ConsoleServer>, std::string> start(
      const Options& options, ConsoleParts parts, const Clock& clock);

  ConsoleServer(const ConsoleServer&) = delete;
  ConsoleServer& operator=(const ConsoleServer&) = delete;
  ConsoleServer(ConsoleServer&&) = delete;
  ConsoleServer& operator=(ConsoleServer&&) = delete;
  // The destructor lets calls that are being carried out answer and closes everything else.
  ~ConsoleServer();

  // origin is the first of those it is served under: "https://console.example.com".
  [[nodiscard]] const std::string& origin() const { return origin_.origins.front(); }

 private:
  struct Connection {
    std::jthread thread;
    bool is_done = false;  // under mutex_
  };
  struct Tls;  // what connections are encrypted with

  ConsoleServer(Descriptor socket, Descriptor stop, std::unique_ptr<Tls> tls, ConsoleOrigin origin,
                const Options& options, ConsoleParts parts, const Clock& clock);
  void accept_connections();
  void begin(Descriptor peer, const IpAddress& address);
  void serve(const Descriptor& peer, const IpAddress& address);
  void join_finished();

  Descriptor socket_;
  Descriptor stop_;  // an eventfd: readable once everything is to end
  std::unique_ptr<Tls> tls_;
  ConsoleOrigin origin_;
  CallLimits limits_;
  net::ConnectionCounts counts_;
  ConsoleParts parts_;
  const Clock& clock_;
  std::mutex mutex_;
  std::list<Connection> connections_;
  std::jthread accepting_;
};

}  // namespace counterfoil
