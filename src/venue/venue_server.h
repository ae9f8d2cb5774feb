#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/identity.h"
#include "venue/order_counts.h"
#include "venue/proof.h"

namespace counterfoil::venue {

// MarketMakerOptions say whether and how the venue trades with itself (market_maker.h).
//
//   interval       between two ticks; 0: there is no market maker, and the books begin empty.
//   history_ticks  so many minutes of the past are traded at the start, one tick a minute, so that
//                  candles and 24-hour figures have something to show.
struct MarketMakerOptions {
  std::chrono::milliseconds interval{500};
  std::size_t history_ticks = 480;
};

// VenueOptions is what a venue is started with. proof_secrets and standalone_keys exclude each
// other; with neither, every private call is refused.
struct VenueOptions {
  std::string bind_address = "127.0.0.1";  // the venue speaks plain HTTP: leave it on loopback
  std::uint16_t port = 0;                  // 0: any free one
  std::uint64_t seed = 1;                  // of prices and of client order ids
  std::vector<ProofSecret> proof_secrets;  // behind a gateway; at most kProofSecretsMax
  std::vector<StandaloneKey> standalone_keys;
  MarketMakerOptions market_maker;
  std::vector<Grant> initial_balances = default_balances();  // of every account, at first sight
  RateLimits limits;
  std::size_t accounts_max = 1'000;
  std::size_t connections_max = 1'024;

  static constexpr std::size_t kProofSecretsMax = 2;
  [[nodiscard]] static std::vector<Grant> default_balances();
};

enum class VenueError : std::uint8_t {
  kBadAddress,    // bind_address is no IP address
  kCannotListen,  // the port is taken, or the system says no
  kBadOptions,    // both modes at once, too many secrets, a bad kid or account name
};

// VenueServer is a running venue: one thread that owns everything. Loopback plain HTTP/1.1 with
// keep-alive and pipelining.
class VenueServer {
 public:
  // start listens and serves from the moment it returns. `clock` must outlive the server.
  [[nodiscard]] static std::expected<std::unique_ptr<VenueServer>, VenueError> start(
      VenueOptions options, const Clock& clock);

  VenueServer(const VenueServer&) = delete;
  VenueServer& operator=(const VenueServer&) = delete;
  VenueServer(VenueServer&&) = delete;
  VenueServer& operator=(VenueServer&&) = delete;
  ~VenueServer();  // stops

  [[nodiscard]] std::uint16_t port() const;
  // tick lets the market maker act once and returns when it has. For tests and demos; does nothing
  // without a market maker, or once stopped. Any thread but the server's own.
  void tick();
  // stop closes all connections and joins the thread. Safe to call again.
  void stop();

 private:
  struct Impl;
  explicit VenueServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace counterfoil::venue
