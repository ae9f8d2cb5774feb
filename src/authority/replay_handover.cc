#include "authority/replay_handover.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/replay_memory.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

constexpr std::string_view kMagic = "cfreplay";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kMacBytes = sizeof(Digest);
constexpr std::size_t kPrintBytes = 8;

struct FaultRow {
  HandoverFault fault;
  std::string_view words;
};
// clang-format off
constexpr auto kFaults = std::to_array<FaultRow>({
    {HandoverFault::kMissing,       "there is none, as after a first start, a crash or a kill"},
    {HandoverFault::kUnsafeFile,    "the file is not a regular file (0600) of this user"},
    {HandoverFault::kUnreadable,    "the file cannot be read or removed; look at its disk and permissions"},
    {HandoverFault::kTooLarge,      "it is larger than any that is written"},
    {HandoverFault::kNotAuthentic,  "it is torn, altered, or of another installation"},
    {HandoverFault::kMalformed,     "it was written by another version"},
    {HandoverFault::kOtherRegistry, "the registry was restored or replaced since"},
    {HandoverFault::kServedBefore,  "it has served before"},
    {HandoverFault::kOtherBoot,     "the machine was started anew since"},
    {HandoverFault::kClockInDoubt,  "the clock was set since"},
    {HandoverFault::kTooOld,        "it is more than 10 minutes old"},
    {HandoverFault::kNoRoom,        "replay.capacity is too small for it"},
});
// clang-format on
static_assert(std::ranges::all_of(kFaults, [](const FaultRow& row) {
  return kFaults[static_cast<std::size_t>(row.fault)].fault == row.fault;
}));

class Writer {
 public:
  explicit Writer(std::size_t size) { bytes_.reserve(size); }
  template <typename Integer>
  void put(Integer value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
      bytes_.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
  }
  void put_text(std::string_view text) { bytes_.append(text); }
  [[nodiscard]] std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

// Reader gives zeros once something was missing; is_whole() tells at the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <typename Integer>
  Integer get() {
    const std::string_view bytes = get_text(sizeof(Integer));
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
      value = (value << 8U) | static_cast<std::uint8_t>(bytes[i - 1]);
    }
    return static_cast<Integer>(value);
  }
  std::string_view get_text(std::size_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  void fail() {
    is_whole_ = false;
    rest_ = {};
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] bool is_whole() const { return is_whole_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_whole_ = true;
};

void write_origin(Writer& out, const HandoverOrigin& origin) {
  out.put(origin.registry.incarnation);
  out.put(origin.registry.number);
  out.put(origin.ticket);
  out.put(to_unix_us(origin.wall));
  out.put(static_cast<std::int64_t>(origin.boot.time_since_epoch().count()));
  out.put(to_unix_us(origin.changes_from));
  out.put(static_cast<std::uint8_t>(origin.boot_id.size()));
  out.put_text(origin.boot_id);
}

HandoverOrigin read_origin(Reader& in) {
  HandoverOrigin origin;
  origin.registry.incarnation = in.get<std::uint64_t>();
  origin.registry.number = in.get<std::uint64_t>();
  origin.ticket = in.get<std::uint64_t>();
  origin.wall = from_unix_us(in.get<std::int64_t>());
  origin.boot = BootTime(BootTime::duration(in.get<std::int64_t>()));
  origin.changes_from = from_unix_us(in.get<std::int64_t>());
  const std::size_t size = in.get<std::uint8_t>();
  if (size > kHandoverBootIdBytesMax) {
    in.fail();
  }
  origin.boot_id = in.get_text(size);
  return origin;
}

std::size_t count_prints(const std::vector<ReplayMemory::Batch>& batches) {
  std::size_t count = 0;
  for (const ReplayMemory::Batch& batch : batches) {
    count += batch.prints.size();
  }
  return count;
}

// read_batch refuses what no writer writes: an empty batch, a slot that does not exist.
ReplayMemory::Batch read_batch(Reader& in, std::size_t prints_max) {
  ReplayMemory::Batch batch{.slot = in.get<std::uint32_t>(),
                            .forget_at = from_unix_us(in.get<std::int64_t>()),
                            .prints = {}};
  const std::size_t count = in.get<std::uint32_t>();
  if (batch.slot >= ReplayMemory::kSlots || count == 0 || count > prints_max ||
      count > in.left() / kPrintBytes) {
    in.fail();
    return batch;
  }
  batch.prints.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    batch.prints.push_back({.value = in.get<std::uint64_t>()});
  }
  return batch;
}

}  // namespace

std::string_view describe(HandoverFault fault) {
  return kFaults[static_cast<std::size_t>(fault)].words;
}

std::optional<std::string> encode_handover(const Handover& handover, const HmacKey& key) {
  const std::size_t prints = count_prints(handover.batches);
  if (prints > kHandoverPrintsMax || handover.batches.size() > kHandoverBatchesMax ||
      handover.origin.boot_id.size() > kHandoverBootIdBytesMax) {
    return std::nullopt;
  }
  Writer out(256 + handover.batches.size() * 16 + prints * kPrintBytes);
  out.put_text(kMagic);
  out.put(kVersion);
  write_origin(out, handover.origin);
  out.put(static_cast<std::uint32_t>(handover.batches.size()));
  for (const ReplayMemory::Batch& batch : handover.batches) {
    out.put(batch.slot);
    out.put(to_unix_us(batch.forget_at));
    out.put(static_cast<std::uint32_t>(batch.prints.size()));
    for (const Fingerprint& print : batch.prints) {
      out.put(print.value);
    }
  }
  const Digest mac = key.mac(as_bytes(out.bytes()));
  out.put_text(as_text(mac));
  return std::move(out.bytes());
}

std::optional<Handover> parse_handover(std::string_view body) {
  Reader in(body);
  if (in.get_text(kMagic.size()) != kMagic || in.get<std::uint32_t>() != kVersion) {
    return std::nullopt;
  }
  Handover handover{.origin = read_origin(in), .batches = {}};
  const std::size_t batches = in.get<std::uint32_t>();
  if (batches > kHandoverBatchesMax) {
    return std::nullopt;
  }
  std::size_t prints_left = kHandoverPrintsMax;
  for (std::size_t i = 0; i < batches; ++i) {
    handover.batches.push_back(read_batch(in, prints_left));
    prints_left -= handover.batches.back().prints.size();
    if (handover.batches.back().prints.empty()) {
      return std::nullopt;
    }
  }
  return in.is_whole() ? std::optional(std::move(handover)) : std::nullopt;
}

std::expected<Handover, HandoverFault> decode_handover(std::string_view bytes, const HmacKey& key) {
  if (bytes.size() > kHandoverBytesMax) {
    return std::unexpected(HandoverFault::kTooLarge);
  }
  if (bytes.size() < kMacBytes) {
    return std::unexpected(HandoverFault::kNotAuthentic);
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kMacBytes);
  Digest mac{};
  std::ranges::copy(as_bytes(bytes.substr(body.size())), mac.begin());
  if (!key.verify(as_bytes(body), mac)) {
    return std::unexpected(HandoverFault::kNotAuthentic);
  }
  auto handover = parse_handover(body);
  if (!handover) {
    return std::unexpected(HandoverFault::kMalformed);
  }
  return std::move(*handover);
}

std::expected<void, HandoverFault> check_handover(const HandoverOrigin& from,
                                                  const HandoverOrigin& here) {
  // The registry may have gone on, for commands write to it while no node runs, but never back.
  if (from.registry.incarnation != here.registry.incarnation ||
      from.registry.number > here.registry.number) {
    return std::unexpected(HandoverFault::kOtherRegistry);
  }
  if (from.ticket == 0 || from.ticket != here.ticket) {
    return std::unexpected(HandoverFault::kServedBefore);
  }
  if (from.boot_id.empty() || from.boot_id != here.boot_id || here.boot < from.boot) {
    return std::unexpected(HandoverFault::kOtherBoot);
  }
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(here.boot - from.boot);
  if (std::chrono::abs((here.wall - from.wall) - passed) > kHandoverClockMax) {
    return std::unexpected(HandoverFault::kClockInDoubt);
  }
  if (passed > kHandoverAgeMax) {
    return std::unexpected(HandoverFault::kTooOld);
  }
  return {};
}

}  // namespace counterfoil
