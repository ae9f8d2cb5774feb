#include "accounts/authenticator_data.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace counterfoil {
namespace {

constexpr int kDepthMax = 4;  // "nesting depth of at most four", CTAP 2 section 8
constexpr std::uint64_t kItemsMax = 64;

enum Major : std::uint8_t {
  kUnsigned = 0,
  kNegative = 1,
  kBytes = 2,
  kText = 3,
  kArray = 4,
  kMap = 5,
  kTag = 6,
  kSimple = 7,
};

// CborReader walks borrowed CBOR (RFC 8949): definite lengths only, no tags.
class CborReader {
 public:
  explicit CborReader(ByteView bytes) : rest_(bytes) {}

  struct Head {
    std::uint8_t major = 0;
    std::uint64_t value = 0;
  };
  std::optional<Head> head() {
    const auto first = take(1);
    if (!first) {
      return std::nullopt;
    }
    constexpr std::uint8_t kInTheByte = 24;
    constexpr std::uint8_t kEightBytes = 27;
    const std::uint8_t info = first->front() & 0x1fU;
    Head head{.major = static_cast<std::uint8_t>(first->front() >> 5U), .value = info};
    if (info < kInTheByte) {
      return head;
    }
    const auto more =
        info <= kEightBytes ? take(std::size_t{1} << (info - kInTheByte)) : std::nullopt;
    if (!more) {
      return std::nullopt;
    }
    head.value = 0;
    for (const std::uint8_t byte : *more) {
      head.value = (head.value << 8U) | byte;
    }
    return head;
  }

  // string gives the content of a byte or text string.
  std::optional<ByteView> string(Major major) {
    const auto found = head();
    return found && found->major == major && found->value <= rest_.size()
               ? take(static_cast<std::size_t>(found->value))
               : std::nullopt;
  }

  bool skip(int depth = 0) {
    const auto found = head();
    if (!found || depth > kDepthMax) {
      return false;
    }
    switch (found->major) {
      case kUnsigned:
      case kNegative:
      case kSimple:
        return true;
      case kBytes:
      case kText:
        return found->value <= rest_.size() && take(static_cast<std::size_t>(found->value));
      case kArray:
        return skip_all(found->value, depth);
      case kMap:
        return found->value <= kItemsMax && skip_all(2 * found->value, depth);
      default:
        return false;
    }
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::optional<ByteView> take(std::size_t size) {
    if (size > rest_.size()) {
      return std::nullopt;
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  bool skip_all(std::uint64_t items, int depth) {
    if (items > 2 * kItemsMax) {
      return false;
    }
    for (std::uint64_t i = 0; i < items; ++i) {
      if (!skip(depth + 1)) {
        return false;
      }
    }
    return true;
  }

  ByteView rest_;
};

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kFixedBytes = kHashBytes + 1 + 4;
constexpr std::size_t kAaguidBytes = 16;

// Takes the attested credential off `rest`, up to its public key.
std::optional<ByteView> take_credential_id(ByteView& rest) {
  if (rest.size() < kAaguidBytes + 2) {
    return std::nullopt;
  }
  const std::size_t size =
      (std::size_t{rest[kAaguidBytes]} << 8U) | std::size_t{rest[kAaguidBytes + 1]};
  rest = rest.subspan(kAaguidBytes + 2);
  if (size == 0 || size > rest.size()) {
    return std::nullopt;
  }
  const ByteView id = rest.first(size);
  rest = rest.subspan(size);
  return id;
}

}  // namespace

std::optional<AuthenticatorData> read_authenticator_data(ByteView bytes) {
  if (bytes.size() < kFixedBytes) {
    return std::nullopt;
  }
  AuthenticatorData data{.relying_party_hash = bytes.first(kHashBytes), .flags = bytes[kHashBytes]};
  for (const std::uint8_t byte : bytes.subspan(kHashBytes + 1, 4)) {
    data.counter = (data.counter << 8U) | byte;
  }
  ByteView rest = bytes.subspan(kFixedBytes);
  const bool has_credential = data.has(AuthenticatorData::kHasCredential);
  if (has_credential) {
    const auto id = take_credential_id(rest);
    if (!id) {
      return std::nullopt;
    }
    data.credential_id = *id;
  }
  CborReader items(rest);
  if ((has_credential && !items.skip()) ||
      (data.has(AuthenticatorData::kHasExtensions) && !items.skip()) || !items.at_end()) {
    return std::nullopt;
  }
  return data;
}

std::optional<ByteView> authenticator_data_of(ByteView attestation_object) {
  constexpr std::uint64_t kMembers = 3;
  CborReader reader(attestation_object);
  const auto map = reader.head();
  if (!map || map->major != kMap || map->value != kMembers) {
    return std::nullopt;
  }
  std::optional<ByteView> found;
  bool has_format = false;
  bool has_statement = false;
  for (std::uint64_t i = 0; i < kMembers; ++i) {
    const auto key = reader.string(kText);
    const std::string_view name = key ? as_text(*key) : std::string_view();
    if (name == "authData" && !found) {
      found = reader.string(kBytes);
      if (!found) {
        return std::nullopt;
      }
    } else if (name == "fmt" && !has_format) {
      has_format = reader.string(kText).has_value();
    } else if (name == "attStmt" && !has_statement) {
      has_statement = reader.skip();
    } else {
      return std::nullopt;
    }
  }
  return found && has_format && has_statement && reader.at_end() ? found : std::nullopt;
}

}  // namespace counterfoil
