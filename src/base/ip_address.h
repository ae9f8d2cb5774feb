#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// IpAddress is one address, 128 bits. An IPv4 address is kept as its mapped form ::ffff:a.b.c.d, so
// an address that arrives mapped equals the plain one everywhere (control S-39).
class IpAddress {
 public:
  IpAddress() = default;  // "::", which no peer has

  // parse reads IPv4 (four decimal numbers without leading zeros) or IPv6 (RFC 4291 text, no zone,
  // no brackets). IPv4-compatible ::a.b.c.d is refused. nullopt: anything else.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress v4(const std::array<std::uint8_t, 4>& bytes);
  [[nodiscard]] static IpAddress v6(const std::array<std::uint8_t, 16>& bytes) {
    return IpAddress(bytes);
  }

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  // to_string writes IPv4 as a.b.c.d and IPv6 by RFC 5952, without dotted parts: what parse reads.
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  explicit IpAddress(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
  std::array<std::uint8_t, 16> bytes_{};
};

// CidrError says why a text is not a network; describe() turns it into the sentence people see.
enum class CidrErrorKind : std::uint8_t {
  kNotAnAddress,
  kPrefixLength,
  kHostBitsSet,
  kWholeInternet
};
struct CidrError {
  CidrErrorKind kind;
  std::string corrected;  // kHostBitsSet: the network that was probably meant
};
[[nodiscard]] std::string describe(const CidrError& error);

// Cidr is a network: an address with host bits zero, and a prefix length. A single address is a
// /128 (/32 written).
class Cidr {
 public:
  // parse reads "address" or "address/length". "::ffff:a.b.c.d/n" with n >= 96 is the IPv4 network;
  // /0 is refused
  // ("any" has a word of its own); set host bits are refused with the corrected form.
  [[nodiscard]] static std::expected<Cidr, CidrError> parse(std::string_view text);

  // contains: an IPv4 address, mapped or not, is in IPv4 networks only.
  [[nodiscard]] bool contains(const IpAddress& address) const;
  // prefix_bits counts within the 128-bit form: an IPv4 /24 is 120.
  [[nodiscard]] std::uint8_t prefix_bits() const { return prefix_bits_; }
  [[nodiscard]] const IpAddress& network() const { return network_; }
  // to_string leaves out the length of a single address.
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const Cidr&) const = default;

 private:
  Cidr(const IpAddress& network, std::uint8_t prefix_bits)
      : network_(network), prefix_bits_(prefix_bits) {}
  IpAddress network_;
  std::uint8_t prefix_bits_;
};

}  // namespace counterfoil
