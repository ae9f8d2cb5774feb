#include "wire/proxy/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/ip_address.h"

namespace counterfoil::proxy {
namespace {

using Parsed = std::expected<std::optional<ProxyHeader>, ProxyFault>;

constexpr std::string_view kV1Signature = "PROXY ";
constexpr std::string_view kV2Signature("\r\n\r\n\0\r\nQUIT\n", 12);

// begins_like: `received`, as far as it goes, is the start of `signature`.
bool begins_like(std::string_view received, std::string_view signature) {
  const std::size_t size = std::min(received.size(), signature.size());
  return received.substr(0, size) == signature.substr(0, size);
}

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

// --- Version 1: one line of text ----------------------------------------------------------------

// next_word takes the next word off `line`. Words are divided by exactly one blank, so two blanks
// make an empty word, which nothing here may be.
std::string_view next_word(std::string_view& line) {
  const std::size_t blank = line.find(' ');
  const std::string_view word = line.substr(0, blank);
  line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
  return word;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  return fault == std::errc() && end == text.data() + text.size() &&
         (text.size() == 1 || text[0] != '0');
}

// read_words reads the line behind "PROXY ". The part behind UNKNOWN has no meaning (section 2.1:
// "the receiver must ignore anything presented before the CRLF").
std::expected<std::optional<IpAddress>, ProxyFault> read_words(std::string_view line) {
  const bool ends_in_blank = line.ends_with(' ');
  const std::string_view family = next_word(line);
  if (family == "UNKNOWN") {
    return std::nullopt;
  }
  if (family != "TCP4" && family != "TCP6") {
    return std::unexpected(ProxyFault::kLine);
  }
  const std::string_view source = next_word(line);
  const std::string_view destination = next_word(line);
  const bool is_v6 = family == "TCP6";
  const auto client = IpAddress::parse(source);
  if (!client || !IpAddress::parse(destination) || source.contains(':') != is_v6 ||
      destination.contains(':') != is_v6) {
    return std::unexpected(ProxyFault::kLine);
  }
  const bool has_ports = is_port(next_word(line)) && is_port(next_word(line));
  if (!has_ports || !line.empty() || ends_in_blank) {
    return std::unexpected(ProxyFault::kLine);
  }
  return client;
}

Parsed parse_v1(std::string_view received) {
  const std::string_view head = received.substr(0, kV1BytesMax);
  const auto* const stop = std::ranges::find_if_not(head, is_printable);
  const auto size = static_cast<std::size_t>(stop - head.begin());
  if (size == head.size()) {
    return size < kV1BytesMax ? Parsed(std::nullopt) : std::unexpected(ProxyFault::kTooLong);
  }
  if (head[size] != '\r') {
    return std::unexpected(ProxyFault::kLine);
  }
  if (size + 1 == head.size()) {
    return head.size() < kV1BytesMax ? Parsed(std::nullopt) : std::unexpected(ProxyFault::kTooLong);
  }
  if (head[size + 1] != '\n') {
    return std::unexpected(ProxyFault::kLine);
  }
  const auto client = read_words(head.substr(0, size).substr(kV1Signature.size()));
  if (!client) {
    return std::unexpected(client.error());
  }
  return ProxyHeader{.size_bytes = size + 2, .client = *client};
}

// --- Version 2: binary --------------------------------------------------------------------------

constexpr std::size_t kFixedBytes = 16;  // signature, version and command, family, length
constexpr std::size_t kTlvHeadBytes = 3;

// Family is how one address family stands in the header: two addresses, then two ports.
struct Family {
  std::uint8_t code;
  std::size_t address_bytes;
  [[nodiscard]] std::size_t block_bytes() const { return 2 * address_bytes + 4; }
};
constexpr auto kFamilies = std::to_array<Family>({
    {.code = 0x11, .address_bytes = 4},   // TCP over IPv4
    {.code = 0x21, .address_bytes = 16},  // TCP over IPv6
});

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::size_t number_at(std::string_view bytes, std::size_t at) {
  return std::size_t{byte_at(bytes, at)} << 8U | byte_at(bytes, at + 1);
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> address_bytes(std::string_view bytes) {
  std::array<std::uint8_t, kSize> copy{};
  std::ranges::transform(bytes.substr(0, kSize), copy.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return copy;
}

// are_whole: the TLVs (type, length in two bytes, value) end exactly where the header ends.
bool are_whole(std::string_view tlvs) {
  while (tlvs.size() >= kTlvHeadBytes) {
    const std::size_t size = kTlvHeadBytes + number_at(tlvs, 1);
    if (size > tlvs.size()) {
      return false;
    }
    tlvs.remove_prefix(size);
  }
  return tlvs.empty();
}

// What stands in the byte behind the signature: the version in its upper half, then the command.
constexpr std::uint8_t kVersion2Local = 0x20;
constexpr std::uint8_t kVersion2Proxy = 0x21;

Parsed parse_v2(std::string_view received) {
  if (received.size() <= kV2Signature.size()) {
    return std::nullopt;
  }
  const std::uint8_t command = byte_at(received, 12);
  if (command != kVersion2Local && command != kVersion2Proxy) {
    return std::unexpected(ProxyFault::kVersion);
  }
  if (received.size() < kFixedBytes) {
    return std::nullopt;
  }
  const std::size_t size = kFixedBytes + number_at(received, 14);
  if (size > kV2BytesMax) {
    return std::unexpected(ProxyFault::kTooLong);
  }
  const auto* const family = std::ranges::find(kFamilies, byte_at(received, 13), &Family::code);
  if (command == kVersion2Proxy) {
    if (family == kFamilies.end()) {
      return std::unexpected(ProxyFault::kFamily);
    }
    if (size < kFixedBytes + family->block_bytes()) {
      return std::unexpected(ProxyFault::kLength);
    }
  }
  if (received.size() < size) {
    return std::nullopt;
  }
  if (command == kVersion2Local) {
    // "the receiver must [...] discard the protocol block including the family which is ignored."
    return ProxyHeader{.size_bytes = size, .client = std::nullopt};
  }
  const std::string_view block = received.substr(kFixedBytes, size - kFixedBytes);
  if (!are_whole(block.substr(family->block_bytes()))) {
    return std::unexpected(ProxyFault::kLength);
  }
  return ProxyHeader{.size_bytes = size,
                     .client = family->address_bytes == 4
                                   ? IpAddress::v4(address_bytes<4>(block))
                                   : IpAddress::v6(address_bytes<16>(block))};
}

}  // namespace

Parsed parse_proxy_header(std::string_view received) {
  if (received.empty()) {
    return std::nullopt;
  }
  if (begins_like(received, kV1Signature)) {
    return parse_v1(received);
  }
  if (begins_like(received, kV2Signature)) {
    return parse_v2(received);
  }
  return std::unexpected(ProxyFault::kNoSignature);
}

}  // namespace counterfoil::proxy
