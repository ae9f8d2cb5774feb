#include "base/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace counterfoil {
namespace {

constexpr std::uint8_t kMappedPrefixBits = 96;

// parse_v4 is our own because inet_pton of some systems takes leading zeros, which others read as
// octal.
std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t dot = text.find('.');
    const std::string_view number = i + 1 < bytes.size() ? text.substr(0, dot) : text;
    if ((i + 1 < bytes.size() && dot == std::string_view::npos) || number.empty() ||
        number.size() > 3 || (number.size() > 1 && number[0] == '0')) {
      return std::nullopt;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc{} || end != number.data() + number.size() || value > 255) {
      return std::nullopt;
    }
    bytes[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(i + 1 < bytes.size() ? dot + 1 : number.size());
  }
  return bytes;
}

bool is_v4_compatible(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 12,
                     [](std::uint8_t byte) { return byte == 0; });
}

// group_text is one group of an IPv6 address: hexadecimal without leading zeros.
std::string group_text(const std::array<std::uint8_t, 16>& bytes, std::size_t at) {
  std::array<char, 4> digits{};
  const unsigned value = (unsigned{bytes[at]} << 8U) | bytes[at + 1];
  const auto end = std::to_chars(digits.begin(), digits.end(), value, 16).ptr;
  return {digits.begin(), end};
}

}  // namespace

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& bytes) {
  IpAddress address;
  address.bytes_[10] = 0xff;
  address.bytes_[11] = 0xff;
  std::ranges::copy(bytes, address.bytes_.begin() + 12);
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (!text.contains(':')) {
    const auto bytes = parse_v4(text);
    return bytes ? std::optional(v4(*bytes)) : std::nullopt;
  }
  if (text.size() > INET6_ADDRSTRLEN) {
    return std::nullopt;
  }
  const std::size_t tail = text.rfind(':') + 1;
  if (text.substr(tail).contains('.') && !parse_v4(text.substr(tail))) {
    return std::nullopt;
  }
  const std::string terminated(text);
  if (terminated.contains('\0')) {
    return std::nullopt;
  }
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  if (text.contains('.') && is_v4_compatible(bytes)) {
    return std::nullopt;
  }
  return IpAddress(bytes);
}

bool IpAddress::is_v4() const {
  return std::all_of(bytes_.begin(), bytes_.begin() + 10,
                     [](std::uint8_t byte) { return byte == 0; }) &&
         bytes_[10] == 0xff && bytes_[11] == 0xff;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    ::inet_ntop(AF_INET, bytes_.data() + 12, text.data(), text.size());
  } else if (is_v4_compatible(bytes_) && (bytes_[12] != 0 || bytes_[13] != 0)) {
    // inet_ntop would write "::a.b.c.d", which parse refuses.
    return "::" + group_text(bytes_, 12) + ":" + group_text(bytes_, 14);
  } else {
    ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  }
  return text.data();
}

std::string describe(const CidrError& error) {
  switch (error.kind) {
    case CidrErrorKind::kNotAnAddress:
      return "not an IPv4 or IPv6 address or network (write 203.0.113.7, 203.0.113.0/24 or "
             "2001:db8::/48)";
    case CidrErrorKind::kPrefixLength:
      return "the prefix length must be a number up to 32 for IPv4 or 128 for IPv6";
    case CidrErrorKind::kHostBitsSet:
      return "bits behind the prefix are set; did you mean " + error.corrected + "?";
    case CidrErrorKind::kWholeInternet:
      return "a /0 allows every address; say \"any\" if that is what you want";
  }
  std::unreachable();
}

std::expected<Cidr, CidrError> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return std::unexpected(CidrError{CidrErrorKind::kNotAnAddress, {}});
  }
  const bool written_as_v4 = !text.substr(0, slash).contains(':');
  const std::uint8_t bits_max = written_as_v4 ? 32 : 128;
  std::uint8_t bits = bits_max;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    const bool leading_zero = length.size() > 1 && length[0] == '0';
    if (error != std::errc{} || end != length.data() + length.size() || bits > bits_max ||
        leading_zero) {
      return std::unexpected(CidrError{CidrErrorKind::kPrefixLength, {}});
    }
  }
  if (bits == 0 || (!written_as_v4 && address->is_v4() && bits <= kMappedPrefixBits)) {
    return std::unexpected(CidrError{CidrErrorKind::kWholeInternet, {}});
  }
  const auto prefix_bits =
      static_cast<std::uint8_t>(written_as_v4 ? bits + kMappedPrefixBits : bits);
  std::array<std::uint8_t, 16> network = address->bytes();
  for (std::size_t bit = prefix_bits; bit < 128; ++bit) {
    network[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  const Cidr cidr(IpAddress::v6(network), prefix_bits);
  if (network != address->bytes()) {
    return std::unexpected(CidrError{CidrErrorKind::kHostBitsSet, cidr.to_string()});
  }
  return cidr;
}

bool Cidr::contains(const IpAddress& address) const {
  // A mapped address is the IPv4 address everywhere, so a wide IPv6 network such as ::/8 does not
  // hold it, although its bits would fit: nobody who writes that means all of IPv4.
  if (address.is_v4() && prefix_bits_ < kMappedPrefixBits) {
    return false;
  }
  const std::size_t whole = prefix_bits_ / 8U;
  const auto& theirs = address.bytes();
  const auto& ours = network_.bytes();
  if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole),
                  theirs.begin())) {
    return false;
  }
  const unsigned rest = prefix_bits_ % 8U;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8U - rest)) == 0;
}

std::string Cidr::to_string() const {
  if (prefix_bits_ == 128) {
    return network_.to_string();
  }
  const bool v4 = network_.is_v4() && prefix_bits_ >= kMappedPrefixBits;
  return network_.to_string() + "/" +
         std::to_string(v4 ? prefix_bits_ - kMappedPrefixBits : prefix_bits_);
}

}  // namespace counterfoil
