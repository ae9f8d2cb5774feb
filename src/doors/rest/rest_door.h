#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "authority/event_loops.h"
#include "authority/gatekeeper.h"
#include "authority/identity_prover.h"
#include "authority/issuer.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"

namespace counterfoil {

// UpstreamOptions is the API behind the gateway, and how it is talked to. The counts hold for each
// loop (thread) of the door.
//
//   url              "http://host:port" or "https://host:port", without a path; or several by comma
//                    (UpstreamTarget::parse_list): the targets, which can all answer every request.
//                    A request goes to the one that has the fewest under way. Of a host name all
//                    addresses are used in turn; they are looked up again every 30 s.
//   authorities      https: a PEM file of the certificate authorities to trust; empty: the
//                    system's.
//   connections_max  to one target at a time. Requests beyond wait, up to waiting_max of them and
//                    for wait_time_max; the rest is refused with kOverloaded.
//   idle_max         connections to one target kept for later. They are closed after idle_time_max,
//                    which should be shorter than the upstream's own patience.
//   connect_time_max after it another target is tried, as when nobody listens. When none is left:
//                    kUpstreamUnreachable.
//   answer_time_max  from the request until the head of the answer: kUpstreamTimeout after it. A
//                    route's own upstream_timeout goes before it.
//   body_idle_max    between two pieces of an answer; 0: as long as for its head.
//   failures_max, backoff_max, health_interval   when a target gets no more requests (HealthRules).
//                    While none gets any: kUpstreamOut, at once.
//   health_path      a GET of it tells how a target is: well if it is answered 2xx or 3xx within
//                    connect_time_max. Empty: targets that are up are not asked, and one that is
//                    out is well when it takes a connection.
struct UpstreamOptions {
  std::string url = "http://127.0.0.1:9000";
  std::string authorities;
  std::size_t connections_max = 512;
  std::size_t waiting_max = 1024;
  std::size_t idle_max = 256;
  std::chrono::milliseconds idle_time_max{30'000};
  std::chrono::milliseconds connect_time_max{2'000};
  std::chrono::milliseconds answer_time_max{10'000};
  std::chrono::milliseconds body_idle_max{0};
  std::chrono::milliseconds wait_time_max{3'000};
  std::uint32_t failures_max = 5;
  std::chrono::milliseconds backoff_max{10'000};
  std::string health_path;
  std::chrono::milliseconds health_interval{5'000};
};

// ClientAddress is how a door learns the client's address when proxies stand before it (control
// S-40). There is one way at a time, and X-Real-IP, Forwarded and True-Client-IP are none.
enum class ClientAddress : std::uint8_t {
  kSocket,         // it is the socket's
  kProxyProtocol,  // each connection begins with a PROXY header; who is not trusted is cut off
  kForwardedFor,  // trusted peers say it in X-Forwarded-For of each request; of others the socket's
};

// RestDoorOptions is how a REST door is set up. Limits are the largest values that still pass. A
// running door can take over those marked with * (RestDoor::check_change).
//
//   listen           "127.0.0.1:8080", "[::1]:0"; at least one.
//   threads          event loops; 0: one for each core.
// * tls_certificate  PEM files (doors/net/tls.h); both empty: plain HTTP.
// * hosts            the names served, as in a Host header less the port; others are answered 421.
//                    Empty: all.
// * client_address   where the client's address is found. It is what allow-lists, limits of an
//                    address, the journal and the upstream are told.
// * trusted_proxies  who may say so. A trusted proxy's own connections are not limited by
//                    connections_per_address_max: with kProxyProtocol each counts as its client's.
// * connections_per_address_max, connections_max   open ones; who is there stays when they shrink.
// * new_connections_per_address_max   how many an address may open a second, on and on; ten times
//                    as many at once. 0: any. Trusted proxies as above.
// * upstream.answer_time_max, and the contents of upstream.authorities
//   proxy_header_time_max   from the accept until the whole PROXY header is in.
//   http             limits and times of a client's connection, but for the size of a body, which
//   is
//                    the route's.
//   bodies_bytes_max of all request bodies held at a time, by all loops; beyond: kOverloaded.
//   handshake_time_max, write_idle_max, goodbye_time_max   TLS handshake; a client that takes
//                    nothing of an answer; a client that does not close after its last answer.
struct RestDoorOptions {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::size_t threads = 0;
  std::string tls_certificate;
  std::string tls_key;
  std::vector<std::string> hosts;
  ClientAddress client_address = ClientAddress::kSocket;
  std::vector<Cidr> trusted_proxies;
  std::chrono::milliseconds proxy_header_time_max{1'000};
  std::size_t connections_per_address_max = 256;  // an IPv4 address, or an IPv6 /64
  std::size_t connections_max = 20'000;
  std::size_t new_connections_per_address_max = 0;
  http::Limits http;
  std::size_t bodies_bytes_max = std::size_t{256} << 20U;
  std::chrono::milliseconds handshake_time_max{5'000};
  std::chrono::milliseconds write_idle_max{30'000};
  std::chrono::milliseconds goodbye_time_max{2'000};
  UpstreamOptions upstream;
};

// RestDoorParts is what a door works with. Everything must outlive it.
struct RestDoorParts {
  const IdentityProver& prover;
  Recorder& recorder;  // NOLINT(misc-include-cleaner): the authority shows it
  EventLoops& loops;
  Issuer& issuer;  // for what keys change: themselves, and those of sub-accounts
  RandomSource& random;
  const Clock& clock;
  // Called when a target of the upstream went out or came back, on a loop's thread. May be empty.
  std::function<void(const UpstreamChange&)> upstream_changed = {};
};

// RestDoorStats counts since the start, but for what is "open", "idle" and "waiting": those are of
// the moment.
struct RestDoorStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;   // too many or too fast of one source, or too many in all
  std::uint64_t proxy_headers_failed = 0;  // none, malformed, late, or from who is not trusted
  std::uint64_t handshakes_failed = 0;
  std::uint64_t requests = 0;           // heads that were read whole
  std::uint64_t forwarded = 0;          // first bytes upstream, retries not counted
  std::uint64_t answers_relayed = 0;    // whole
  std::uint64_t answers_cut = 0;        // begun, then the upstream or the client broke off
  std::uint64_t bodies_bytes_held = 0;  // of the moment
  std::array<std::uint64_t, kReasonCount> refusals{};                 // by Reason
  std::array<std::uint64_t, http::kRefusals.size()> http_refusals{};  // by RefusalKind

  std::uint64_t upstream_open = 0;
  std::uint64_t upstream_idle = 0;
  std::uint64_t upstream_waiting = 0;  // requests that wait for a connection
  std::uint64_t upstream_connected = 0;
  std::uint64_t upstream_connects_failed = 0;
  std::uint64_t upstream_reused = 0;
  std::uint64_t upstream_retries = 0;
  std::uint64_t upstream_left_over = 0;  // connections dropped for bytes nobody asked for
};

// RestDoor is the gateway for REST: it reads requests, asks the Gatekeeper, forwards what is
// accepted to the upstream with the identity headers and their proof, and relays the answers.
//
// Requests of one connection are answered in order. Request bodies are held whole; answers are
// streamed, of any size, no faster than the client takes them. The last look at the key and the
// first byte upstream are one step of one thread. A request is moved from one target of the
// upstream to another as long as not one byte of it was sent. Nothing but a GET is ever sent twice,
// and a GET only when a kept connection turned out to be closed before any byte of its answer.
//
// Forwarded are: the target and the body as received; the header lines less those of one
// connection, less the API key, less Host, Expect, Cookie pairs of the console, less everything a
// client could say about where a request comes from (Forwarded, X-Forwarded-*, X-Real-IP,
// True-Client-IP) and who from (X-Counterfoil-*). Added are Host (the target's), X-Forwarded-For
// (the client's address as found by client_address), X-Counterfoil-Request-Id, and the identity of
// a signed request.
//
// Every answer carries X-Counterfoil-Request-Id. What HTTP itself refuses is answered in the
// profile's format too, with Connection: close.
class RestDoor {
 public:
  // start listens and serves from the moment it returns. The error is a sentence that says what is
  // wrong and what to do: a bad option, an unreadable certificate, a port in use.
  [[nodiscard]] static std::expected<std::unique_ptr<RestDoor>, std::string> start(
      RestDoorOptions options, std::shared_ptr<Gatekeeper> gatekeeper, const RestDoorParts& parts);

  RestDoor(const RestDoor&) = delete;
  RestDoor& operator=(const RestDoor&) = delete;
  RestDoor(RestDoor&&) = delete;
  RestDoor& operator=(RestDoor&&) = delete;
  ~RestDoor();  // stops

  // port is that of the first listen address. addresses are all of them, with their real ports.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::vector<std::string> addresses() const;

  // drain stops accepting connections, closes idle ones, answers what is under way with
  // "Connection: close", and returns when all connections are closed (true) or the time is over
  // (false). Call stop() afterwards. Not from a loop's thread.
  [[nodiscard]] bool drain(std::chrono::milliseconds at_most);
  // stop closes everything and joins the threads. Safe to call again.
  void stop();

  // Change is what a running door may take over, found to be possible.
  struct Change;
  // check_change reads the files of certificate, key and authorities, and changes nothing. The
  // error is a sentence that says what is wrong. Whether there is TLS at all does not change, nor
  // do the permissions of the gatekeeper's profile and its header of the API key.
  [[nodiscard]] static std::expected<std::shared_ptr<const Change>, std::string> check_change(
      const RestDoorOptions& options, std::shared_ptr<Gatekeeper> gatekeeper);
  // take_over has everything that begins from then on go by the change: new connections by its
  // certificate, new requests by all else, also those of connections that live on. A request that
  // is under way ends as it began. true: every loop goes by it; false: one has not come round
  // within `at_most`, and will. Not from a loop's thread; one thread at a time.
  [[nodiscard]] bool take_over(const Change& change, std::chrono::milliseconds at_most);

  [[nodiscard]] RestDoorStats stats() const;  // any thread
  // upstream_targets are the targets of the upstream, in the order of the option. Any thread.
  [[nodiscard]] std::vector<UpstreamTargetState> upstream_targets() const;

 private:
  struct Impl;
  explicit RestDoor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace counterfoil
