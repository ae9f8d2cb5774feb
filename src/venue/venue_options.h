#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/order_counts.h"
#include "venue/proof.h"
#include "venue/standalone.h"

namespace counterfoil::venue {

// MarketMakerOptions say whether and how the venue trades with itself (market_maker.h).
//
//   interval       between two ticks; 0: there is no market maker, and the books begin empty.
//   history_ticks  so many minutes of the past are traded at the start, one tick a minute, so that
//                  candles and 24-hour figures have something to show; at most kHistoryTicksMax.
struct MarketMakerOptions {
  std::chrono::milliseconds interval{500};
  std::size_t history_ticks = 480;

  static constexpr std::size_t kHistoryTicksMax = 10'080;  // a week
};

// VenueOptions is what a venue is started with (docs/venue.md). proof_secrets and standalone_keys
// exclude each other; with neither, every private call is refused.
struct VenueOptions {
  std::string bind_address = "127.0.0.1";      // the venue speaks plain HTTP: leave it on loopback
  std::uint16_t port = 0;                      // 0: any free one
  std::uint64_t seed = 1;                      // of prices and of client order ids
  std::vector<ProofSecret> proof_secrets;      // behind a gateway; at most kProofSecretsMax
  std::vector<StandaloneKey> standalone_keys;  // by itself; at most kStandaloneKeysMax
  MarketMakerOptions market_maker;
  std::vector<Grant> initial_balances = default_balances();  // of every account, at first sight
  RateLimits limits;
  std::size_t accounts_max = 1'000;  // at most kAccountsMax - 10
  std::size_t connections_max = 1'024;

  static constexpr std::size_t kProofSecretsMax = 2;
  static constexpr std::size_t kStandaloneKeysMax = 1'000;
  // kGrantMax is the most that an account may be given of one asset: so kAccountsMax accounts and
  // the house fit a Decimal.
  static constexpr Decimal kGrantMax = Decimal::of("10000000");
  [[nodiscard]] static std::vector<Grant> default_balances();
};

// OptionFault says what is wrong with an option's text and what to write instead, in one sentence
// that repeats no byte of the text: it may be a secret.
struct OptionFault {
  std::size_t line = 0;  // of a file, from 1; 0: the text has no lines
  std::string_view sentence;

  bool operator==(const OptionFault&) const = default;
};

// check_options finds what keeps a venue from starting with these options; nullopt: nothing.
[[nodiscard]] std::optional<OptionFault> check_options(const VenueOptions& options);

// ListenAddress is where a venue listens.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
};
// read_listen_address reads "127.0.0.1:9010" or "[::1]:9010". The address itself is judged when the
// venue starts.
[[nodiscard]] std::expected<ListenAddress, OptionFault> read_listen_address(std::string_view text);

// read_balances reads "USDT=100000,BTC=1.5": assets of kAssetNames, each once, amounts up to
// kGrantMax. What is not named is not given. "none" gives nothing.
[[nodiscard]] std::expected<std::vector<Grant>, OptionFault> read_balances(std::string_view text);

// The two files below hold one entry a line, its words with blanks between them. Empty lines and
// lines that begin with '#' are passed over. Whoever read the file wipes the text afterwards.
inline constexpr std::size_t kOptionFileBytesMax = 1024UL * 1024;

// read_standalone_keys reads "<account> <API key> <scheme> <key>": scheme is hmac-sha256,
// rsa-sha256 or ed25519, key the HMAC secret, or the public key as one line of base64.
[[nodiscard]] std::expected<std::vector<StandaloneKey>, OptionFault> read_standalone_keys(
    std::string_view text);

// read_proof_secrets reads "<kid> <secret>", one or two lines; a line of one word is the secret
// with the kid "1", which is what a gateway calls its secret unless it is told otherwise. The
// secret's characters are the HMAC key, as they stand there.
[[nodiscard]] std::expected<std::vector<ProofSecret>, OptionFault> read_proof_secrets(
    std::string_view text);

}  // namespace counterfoil::venue
