#include "venue/venue_options.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/account_id.h"
#include "base/bytes.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/proof.h"
#include "venue/standalone.h"

namespace counterfoil::venue {
namespace {

constexpr std::size_t kAccountsOfHouse = 10;

std::unexpected<OptionFault> fault(std::size_t line, std::string_view sentence) {
  return std::unexpected(OptionFault{.line = line, .sentence = sentence});
}

// take_until cuts off what stands before the next `mark`, and the mark itself.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::size_t end = std::min(rest.find(mark), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) {
      return words;
    }
    const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// read_lines has `read` judge the words of every line that says something. The first fault ends it.
template <typename Entry, typename Read>
std::expected<std::vector<Entry>, OptionFault> read_lines(std::string_view text,
                                                          std::size_t entries_max,
                                                          const Read& read) {
  if (text.size() > kOptionFileBytesMax) {
    return fault(0, "The file is larger than 1 MiB; it should hold one short line an entry.");
  }
  std::vector<Entry> entries;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::vector<std::string_view> words = words_of(take_until(text, '\n'));
    if (words.empty() || words.front().starts_with('#')) {
      continue;
    }
    if (entries.size() == entries_max) {
      return fault(line, "There are more entries than a venue takes; leave some out.");
    }
    std::expected<Entry, OptionFault> entry = read(words, line, entries);
    if (!entry) {
      return std::unexpected(entry.error());
    }
    entries.push_back(*std::move(entry));
  }
  if (entries.empty()) {
    return fault(0, "The file holds no entry; write one a line.");
  }
  return entries;
}

std::expected<VerificationKey, OptionFault> read_key(Scheme scheme, std::string_view text,
                                                     std::size_t line) {
  constexpr std::string_view kNoMemory =
      "No locked memory is left for the key; raise the limit (ulimit -l).";
  if (scheme == Scheme::kHmacSha256) {
    auto key = VerificationKey::from_hmac_secret(as_bytes(text));
    if (!key) {
      return fault(line, kNoMemory);
    }
    return *std::move(key);
  }
  const auto parsed = PublicKey::import_text(text);
  if (!parsed) {
    return fault(line, describe(parsed.error()));
  }
  if (parsed->scheme() != scheme) {
    return fault(line, "The public key is not of the scheme that stands before it.");
  }
  auto key = VerificationKey::from_public_key(*parsed);
  if (!key) {
    return fault(line, kNoMemory);
  }
  return *std::move(key);
}

std::expected<StandaloneKey, OptionFault> read_standalone_key(
    const std::vector<std::string_view>& words, std::size_t line,
    const std::vector<StandaloneKey>& before) {
  if (words.size() != 4) {
    return fault(line, "Write four words: account, API key, scheme, and the secret or public key.");
  }
  if (!AccountId::parse(words[0])) {
    return fault(line, "The account's name must be 1 to 32 of a-z, 0-9 and '-', not '-' first.");
  }
  if (!is_api_key(words[1])) {
    return fault(line, "The API key must be 64 letters and digits.");
  }
  if (std::ranges::find(before, words[1], &StandaloneKey::api_key) != before.end()) {
    return fault(line, "This API key stands in a line above already.");
  }
  const auto scheme = parse_scheme(words[2]);
  if (!scheme) {
    return fault(line, "The scheme must be hmac-sha256, rsa-sha256 or ed25519.");
  }
  auto key = read_key(*scheme, words[3], line);
  if (!key) {
    return std::unexpected(key.error());
  }
  return StandaloneKey{
      .api_key = std::string(words[1]), .key = *std::move(key), .account = std::string(words[0])};
}

std::expected<ProofSecret, OptionFault> read_proof_secret(
    const std::vector<std::string_view>& words, std::size_t line,
    const std::vector<ProofSecret>& before) {
  constexpr std::string_view kKidOfGateway = "1";
  if (words.size() > 2) {
    return fault(line, "Write the kid and the secret, with a blank between them.");
  }
  const std::string_view kid = words.size() == 2 ? words.front() : kKidOfGateway;
  if (!is_proof_kid(kid)) {
    return fault(line, "The kid must be 1 to 64 of letters, digits, '.', '_' and '-'.");
  }
  if (std::ranges::find(before, kid, &ProofSecret::kid) != before.end()) {
    return fault(line, "Two secrets have one kid; name each differently.");
  }
  if (words.back().size() < kProofSecretSizeMin) {
    return fault(line, "The secret is shorter than 32 characters.");
  }
  auto key = HmacKey::from_secret(as_bytes(words.back()));
  if (!key) {
    return fault(line, "No locked memory is left for the secret; raise the limit (ulimit -l).");
  }
  return ProofSecret{.kid = std::string(kid), .key = *std::move(key)};
}

std::expected<Grant, OptionFault> read_grant(std::string_view entry) {
  const std::string_view name = take_until(entry, '=');
  const auto asset = asset_named(name);
  if (!asset) {
    return fault(0, "The assets of the venue are BTC, ETH, BNB, LTC, SOL and USDT.");
  }
  const auto amount = Decimal::parse(entry);
  if (!amount) {
    return fault(0, "Write amounts as digits with up to eight decimals, like USDT=100000,BTC=1.5.");
  }
  if (*amount > VenueOptions::kGrantMax) {
    return fault(0, "An account can be given at most 10000000 of one asset.");
  }
  return Grant{.asset = *asset, .amount = *amount};
}

std::optional<OptionFault> check_identity(const VenueOptions& options) {
  const auto because = [](std::string_view sentence) { return OptionFault{.sentence = sentence}; };
  if (!options.proof_secrets.empty() && !options.standalone_keys.empty()) {
    return because("A venue is either behind a gateway or by itself: give proof secrets or keys.");
  }
  if (options.proof_secrets.size() > VenueOptions::kProofSecretsMax) {
    return because("At most two proof secrets are valid at a time.");
  }
  if (options.standalone_keys.size() > VenueOptions::kStandaloneKeysMax) {
    return because("A venue takes at most 1000 keys.");
  }
  if (!std::ranges::all_of(options.proof_secrets, is_proof_kid, &ProofSecret::kid)) {
    return because("The kid must be 1 to 64 of letters, digits, '.', '_' and '-'.");
  }
  const auto is_sound = [](const StandaloneKey& key) {
    return AccountId::parse(key.account) && is_api_key(key.api_key);
  };
  if (!std::ranges::all_of(options.standalone_keys, is_sound)) {
    return because("A key has an impossible account or API key.");
  }
  return std::nullopt;
}

}  // namespace

std::vector<Grant> VenueOptions::default_balances() {
  return {{.asset = Asset::kUsdt, .amount = Decimal::of("100000")},
          {.asset = Asset::kBtc, .amount = Decimal::of("1")},
          {.asset = Asset::kEth, .amount = Decimal::of("20")},
          {.asset = Asset::kBnb, .amount = Decimal::of("50")},
          {.asset = Asset::kLtc, .amount = Decimal::of("100")},
          {.asset = Asset::kSol, .amount = Decimal::of("100")}};
}

std::optional<OptionFault> check_options(const VenueOptions& options) {
  if (auto fault = check_identity(options)) {
    return fault;
  }
  if (options.market_maker.interval < std::chrono::milliseconds(0) ||
      options.market_maker.history_ticks > MarketMakerOptions::kHistoryTicksMax) {
    return OptionFault{.sentence = "The market maker can trade at most a week of the past."};
  }
  if (options.accounts_max == 0 || options.accounts_max > kAccountsMax - kAccountsOfHouse) {
    return OptionFault{.sentence = "A venue has 1 to 3990 accounts."};
  }
  for (const Grant& grant : options.initial_balances) {
    const auto same = [&](const Grant& other) { return other.asset == grant.asset; };
    if (grant.amount < Decimal() || grant.amount > VenueOptions::kGrantMax ||
        std::ranges::count_if(options.initial_balances, same) > 1) {
      return OptionFault{.sentence =
                             "An account is given each asset once, at most 10000000 of it."};
    }
  }
  return std::nullopt;
}

std::expected<ListenAddress, OptionFault> read_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return fault(0, "Write address and port, like 127.0.0.1:9010; port 0 takes any free one.");
  }
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.contains(':')) {
    return fault(0, "Write an IPv6 address in brackets, like [::1]:9010.");
  }
  if (address.empty()) {
    return fault(0, "Write the address before the port, like 127.0.0.1:9010.");
  }
  return ListenAddress{.address = std::string(address), .port = port};
}

std::expected<std::vector<Grant>, OptionFault> read_balances(std::string_view text) {
  std::vector<Grant> grants;
  if (text == "none") {
    return grants;
  }
  do {
    const auto grant = read_grant(take_until(text, ','));
    if (!grant) {
      return std::unexpected(grant.error());
    }
    if (std::ranges::find(grants, grant->asset, &Grant::asset) != grants.end()) {
      return fault(0, "An asset stands there twice.");
    }
    grants.push_back(*grant);
  } while (!text.empty());
  return grants;
}

std::expected<std::vector<StandaloneKey>, OptionFault> read_standalone_keys(std::string_view text) {
  return read_lines<StandaloneKey>(text, VenueOptions::kStandaloneKeysMax, read_standalone_key);
}

std::expected<std::vector<ProofSecret>, OptionFault> read_proof_secrets(std::string_view text) {
  return read_lines<ProofSecret>(text, VenueOptions::kProofSecretsMax, read_proof_secret);
}

}  // namespace counterfoil::venue
