#include "wire/proxy/proxy_header.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <expected>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "wire/proxy/test_proxy_header.h"

namespace counterfoil::proxy {

void PrintTo(const ProxyHeader& header, std::ostream* out) {
  *out << header.size_bytes << " bytes, client "
       << (header.client ? header.client->to_string() : "the socket's");
}

namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kSocket = "the socket's";

// read is the client of a header that is taken whole, or the fault's number, or "more".
std::string read(std::string_view text) {
  const auto parsed = parse_proxy_header(text);
  if (!parsed) {
    return "fault " + std::to_string(static_cast<int>(parsed.error()));
  }
  if (!*parsed) {
    return "more";
  }
  EXPECT_LE((*parsed)->size_bytes, text.size());
  return (*parsed)->client ? (*parsed)->client->to_string() : std::string(kSocket);
}
std::string fault(ProxyFault kind) { return "fault " + std::to_string(static_cast<int>(kind)); }

const std::string kLongIpv6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

struct GoodCase {
  std::string header;
  std::string_view client;
};
const std::vector<GoodCase>& good_cases() {
  static const std::vector<GoodCase> cases = {
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\n", "192.0.2.1"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 0 0\r\n", "192.0.2.1"},
      {"PROXY TCP6 2001:db8::1 2001:DB8::2 1 2\r\n", "2001:db8::1"},
      {"PROXY TCP6 " + kLongIpv6 + " " + kLongIpv6 + " 65535 65535\r\n", kLongIpv6},
      {"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1"},
      {"PROXY UNKNOWN\r\n", kSocket},
      {"PROXY UNKNOWN \r\n", kSocket},
      {"PROXY UNKNOWN 192.0.2.1 whatever follows\r\n", kSocket},
      {"PROXY UNKNOWN " + kLongIpv6 + " " + kLongIpv6 + " 65535 65535\r\n", kSocket},
      {v2(0x21, 0x11, kV4Block), "192.0.2.1"},
      {v2(0x21, 0x21, kV6Block), "2001:db8::1"},
      {v2(0x21, 0x21, kMappedBlock), "192.0.2.1"},
      {v2(0x21, 0x11, kV4Block + tlv(0x04, "")), "192.0.2.1"},
      {v2(0x21, 0x21, kV6Block + tlv(0x02, "gw.test") + tlv(0xea, std::string(300, '\0'))),
       "2001:db8::1"},
      {v2(0x20, 0x00, ""), kSocket},
      {v2(0x20, 0x11, kV4Block), kSocket},
      {v2(0x20, 0x31, std::string(216, 'u')), kSocket},
      {v2(0x20, 0xff, "any bytes"), kSocket},
  };
  return cases;
}

TEST(ProxyHeader, SaysWhoTheClientIs) {
  for (const GoodCase& good : good_cases()) {
    EXPECT_EQ(read(good.header), good.client) << good.header;
    EXPECT_EQ(parse_proxy_header(good.header).value()->size_bytes, good.header.size());
  }
}

TEST(ProxyHeader, AsksForMoreAtEveryPrefix) {
  for (const GoodCase& good : good_cases()) {
    for (std::size_t size = 0; size < good.header.size(); ++size) {
      EXPECT_EQ(read(good.header.substr(0, size)), "more") << good.header << " to " << size;
    }
  }
}

TEST(ProxyHeader, LeavesWhatFollows) {
  for (const GoodCase& good : good_cases()) {
    for (const std::string& behind : {"GET / HTTP/1.1\r\n"s, "\x16\x03\x01"s, "\r\n"s, "PROXY "s}) {
      const auto parsed = parse_proxy_header(good.header + behind);
      EXPECT_EQ(parsed, parse_proxy_header(good.header)) << good.header << behind;
    }
  }
}

struct BadCase {
  std::string bytes;
  ProxyFault fault;
};
const std::vector<BadCase>& bad_lines() {
  using enum ProxyFault;
  static const std::vector<BadCase> cases = {
      // No signature
      {"GET / HTTP/1.1\r\n\r\n", kNoSignature},
      {"\x16\x03\x01", kNoSignature},
      {"proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n", kNoSignature},
      {" PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\n", kNoSignature},
      {"PROXY\r\n", kNoSignature},
      {"PROXY\tTCP4 192.0.2.1 198.51.100.2 1 2\r\n", kNoSignature},
      {"PROXYTCP4", kNoSignature},
      {"\r\n\r\nGET / HTTP/1.1\r\n", kNoSignature},
      {"\r\n\r\n\0\r\nQUIT\r"s, kNoSignature},
      // Version 1: the line
      {"PROXY \r\n", kLine},
      {"PROXY TCP4\r\n", kLine},
      {"PROXY TCP4 \r\n", kLine},
      {"PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP 192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY UNKNOWNS\r\n", kLine},
      {"PROXY  TCP4 192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1  2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 1 2\r\n", kLine},
      {"PROXY TCP4\t192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      // Version 1: the addresses
      {"PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.01 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100 1 2\r\n", kLine},
      {"PROXY TCP4 gw.test 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 2001:db8::2 1 2\r\n", kLine},
      {"PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP6 2001:db8::1 198.51.100.2 1 2\r\n", kLine},
      {"PROXY TCP6 [2001:db8::1] 2001:db8::2 1 2\r\n", kLine},
      {"PROXY TCP6 2001:db8::1%eth0 2001:db8::2 1 2\r\n", kLine},
      {"PROXY TCP6 2001:db8::1::2 2001:db8::2 1 2\r\n", kLine},
      // Version 1: the ports
      {"PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 00\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 0x1 2\r\n", kLine},
      // Version 1: where the line ends
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r ", kLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\r\n", kLine},
      {"PROXY UNKNOWN \0\r\n"s, kLine},
      {"PROXY UNKNOWN caf\xc3\xa9\r\n", kLine},
  };
  return cases;
}
const std::vector<BadCase>& bad_blocks() {
  using enum ProxyFault;
  static const std::vector<BadCase> cases = {
      {v2(0x10, 0x11, kV4Block), kVersion},
      {v2(0x11, 0x11, kV4Block), kVersion},
      {v2(0x31, 0x11, kV4Block), kVersion},
      {v2(0x22, 0x11, kV4Block), kVersion},
      {v2(0x2f, 0x11, kV4Block), kVersion},
      {v2(0x01, 0x11, kV4Block), kVersion},
      {v2(0x21, 0x00, kV4Block), kFamily},
      {v2(0x21, 0x10, kV4Block), kFamily},
      {v2(0x21, 0x01, kV4Block), kFamily},
      {v2(0x21, 0x12, kV4Block), kFamily},
      {v2(0x21, 0x22, kV6Block), kFamily},
      {v2(0x21, 0x31, std::string(216, 'u')), kFamily},
      {v2(0x21, 0x32, std::string(216, 'u')), kFamily},
      {v2(0x21, 0x41, kV6Block), kFamily},
      {v2(0x21, 0x11, ""), kLength},
      {v2(0x21, 0x11, kV4Block.substr(1)), kLength},
      {v2(0x21, 0x21, kV6Block.substr(1)), kLength},
      {v2(0x21, 0x21, kV4Block), kLength},
      {v2(0x21, 0x11, kV4Block + "\x04"), kLength},
      {v2(0x21, 0x11, kV4Block + "\x04\0"s), kLength},
      {v2(0x21, 0x11, kV4Block + "\x04\0\x01"s), kLength},
      {v2(0x21, 0x11, kV4Block + "\x04\xff\xff"s), kLength},
      {v2(0x21, 0x11, kV4Block + tlv(0x04, "ab") + "\x04\0\x03xy"s), kLength},
      {v2(0x21, 0x11, kV4Block + tlv(0x04, "ab") + "x"), kLength},
  };
  return cases;
}

// expect_refused: at some byte, with this fault, and from then on.
void expect_refused(const BadCase& bad) {
  bool is_refused = false;
  for (std::size_t size = 0; size <= bad.bytes.size(); ++size) {
    const std::string answer = read(bad.bytes.substr(0, size));
    EXPECT_EQ(answer, is_refused || answer != "more" ? fault(bad.fault) : "more")
        << bad.bytes << " to " << size;
    is_refused = answer != "more";
  }
  EXPECT_TRUE(is_refused) << bad.bytes;
}

TEST(ProxyHeader, OfVersion1RefusesWhatIsNotOne) {
  for (const BadCase& bad : bad_lines()) {
    expect_refused(bad);
  }
}

TEST(ProxyHeader, OfVersion2RefusesWhatIsNotOne) {
  for (const BadCase& bad : bad_blocks()) {
    expect_refused(bad);
  }
}

TEST(ProxyHeader, OfVersion1EndsWithin107Bytes) {
  const auto line_of = [](std::size_t size) {
    const std::string begin = "PROXY UNKNOWN ";
    return begin + std::string(size - begin.size() - 2, 'x') + "\r\n";
  };

  EXPECT_EQ(read(line_of(kV1BytesMax)), kSocket);
  EXPECT_EQ(read(line_of(kV1BytesMax).substr(0, kV1BytesMax - 1)), "more");
  EXPECT_EQ(read(line_of(kV1BytesMax + 1)), fault(ProxyFault::kTooLong));
  EXPECT_EQ(read(line_of(kV1BytesMax + 2)), fault(ProxyFault::kTooLong));
  EXPECT_EQ(read(line_of(5000).substr(0, kV1BytesMax)), fault(ProxyFault::kTooLong));
}

TEST(ProxyHeader, OfVersion2EndsWithin2048Bytes) {
  const std::size_t room = kV2BytesMax - v2(0x21, 0x11, kV4Block + tlv(4, "")).size();
  const std::string longest = v2(0x21, 0x11, kV4Block + tlv(4, std::string(room, 'x')));
  const std::string too_long = v2(0x21, 0x11, kV4Block + tlv(4, std::string(room + 1, 'x')));
  ASSERT_EQ(longest.size(), kV2BytesMax);

  EXPECT_EQ(read(longest), "192.0.2.1");
  EXPECT_EQ(read(too_long), fault(ProxyFault::kTooLong));
  EXPECT_EQ(read(too_long.substr(0, 16)), fault(ProxyFault::kTooLong)) << "before it is there";
  EXPECT_EQ(read(v2(0x20, 0x00, std::string(kV2BytesMax - 16, 'x'))), kSocket);
  EXPECT_EQ(read(v2(0x20, 0x00, std::string(kV2BytesMax - 15, 'x'))), fault(ProxyFault::kTooLong));
}

}  // namespace
}  // namespace counterfoil::proxy
