#include "crypto/der.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {
namespace {

constexpr std::uint8_t kLongForm = 0x80;
constexpr std::uint8_t kSignBit = 0x80;
constexpr std::size_t kLengthBytesMax = 4;

struct Header {
  std::size_t header_bytes;
  std::size_t content_bytes;
};

// "the definite form of length encoding shall be used, encoded in the minimum number of octets",
// X.690 section 10.1.
std::optional<Header> read_length(ByteView element) {
  if (element.size() < 2) {
    return std::nullopt;
  }
  const std::uint8_t first = element[1];
  if (first < kLongForm) {
    return Header{.header_bytes = 2, .content_bytes = first};
  }
  const std::size_t count = first & 0x7fU;
  if (count == 0 || count > kLengthBytesMax || element.size() < 2 + count) {
    return std::nullopt;
  }
  std::size_t length = 0;
  for (const std::uint8_t byte : element.subspan(2, count)) {
    length = (length << 8U) | byte;
  }
  const bool minimal = element[2] != 0 && length >= kLongForm;
  return minimal ? std::optional(Header{.header_bytes = 2 + count, .content_bytes = length})
                 : std::nullopt;
}

}  // namespace

std::optional<ByteView> DerReader::read(DerTag tag) {
  if (!next_is(tag)) {
    return std::nullopt;
  }
  const auto header = read_length(rest_);
  if (!header || rest_.size() - header->header_bytes < header->content_bytes) {
    return std::nullopt;
  }
  const ByteView content = rest_.subspan(header->header_bytes, header->content_bytes);
  rest_ = rest_.subspan(header->header_bytes + header->content_bytes);
  return content;
}

std::optional<ByteView> DerReader::read_unsigned() {
  const DerReader before = *this;
  const auto content = read(DerTag::kInteger);
  const bool negative = content && !content->empty() && (content->front() & kSignBit) != 0;
  if (!content || content->empty() || negative) {
    *this = before;
    return std::nullopt;
  }
  if (content->front() != 0 || content->size() == 1) {
    return content;
  }
  // A leading zero byte is right only where the next bit would read as a sign.
  if (((*content)[1] & kSignBit) == 0) {
    *this = before;
    return std::nullopt;
  }
  return content->subspan(1);
}

std::optional<ByteView> DerReader::read_whole_bytes() {
  const auto content = read(DerTag::kBitString);
  if (!content || content->empty() || content->front() != 0) {
    return std::nullopt;
  }
  return content->subspan(1);
}

std::vector<std::uint8_t> der_header(DerTag tag, std::size_t content_bytes) {
  std::vector<std::uint8_t> header{std::to_underlying(tag)};
  if (content_bytes < kLongForm) {
    header.push_back(static_cast<std::uint8_t>(content_bytes));
    return header;
  }
  std::size_t count = 0;
  for (std::size_t rest = content_bytes; rest != 0; rest >>= 8U) {
    ++count;
  }
  header.push_back(static_cast<std::uint8_t>(kLongForm | count));
  for (std::size_t i = count; i > 0; --i) {
    header.push_back(static_cast<std::uint8_t>(content_bytes >> (8U * (i - 1))));
  }
  return header;
}

std::vector<std::uint8_t> der_element(DerTag tag, ByteView content) {
  std::vector<std::uint8_t> element = der_header(tag, content.size());
  append(element, content);
  return element;
}

std::vector<std::uint8_t> der_unsigned(ByteView number) {
  std::vector<std::uint8_t> content;
  if (number.empty() || (number.front() & kSignBit) != 0) {
    content.push_back(0);
  }
  append(content, number);
  return der_element(DerTag::kInteger, content);
}

void append(std::vector<std::uint8_t>& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace counterfoil
