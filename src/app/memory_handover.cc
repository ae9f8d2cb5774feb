#include "app/memory_handover.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/key_directory.h"
#include "app/log.h"
#include "authority/acceptance.h"
#include "authority/replay_handover.h"
#include "authority/replay_memory.h"
#include "base/bytes.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

constexpr std::string_view kKeyPurpose = "replay hand-over";
constexpr std::string_view kTicketSetting = "replay-handover";

// boot_id names this boot of the machine; empty when the system does not say.
std::string boot_id() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id.size() <= kHandoverBootIdBytesMax ? id : std::string();
}

// OpenFile closes itself.
class OpenFile {
 public:
  explicit OpenFile(int file) : file_(file) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  OpenFile(OpenFile&&) = delete;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (file_ >= 0) {
      ::close(file_);
    }
  }
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

bool read_all(int file, std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = ::read(file, bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    at += static_cast<std::size_t>(got);
  }
  return true;
}

// read_file reads what was opened; `reason` is why it was not.
std::expected<std::string, HandoverFault> read_file(const OpenFile& file, int reason) {
  if (file.get() < 0) {
    return std::unexpected(reason == ENOENT  ? HandoverFault::kMissing
                           : reason == ELOOP ? HandoverFault::kUnsafeFile
                                             : HandoverFault::kUnreadable);
  }
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) {
    return std::unexpected(HandoverFault::kUnreadable);
  }
  if (!S_ISREG(facts.st_mode) || facts.st_uid != ::geteuid() ||
      (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(HandoverFault::kUnsafeFile);
  }
  if (static_cast<std::uint64_t>(facts.st_size) > kHandoverBytesMax) {
    return std::unexpected(HandoverFault::kTooLarge);
  }
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  if (!read_all(file.get(), bytes)) {
    return std::unexpected(HandoverFault::kUnreadable);
  }
  return bytes;
}

}  // namespace

std::expected<std::uint64_t, std::string> MemoryHandover::issue_ticket() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  const auto before = parts_.registry.find(RecordKind::kSetting, kTicketSetting);
  if (!before || !parts_.random.fill(bytes)) {
    return std::unexpected(
        std::string(before ? "the system's random source failed" : describe(before.error())));
  }
  const auto written = parts_.registry.commit(
      {.writes = {{.kind = RecordKind::kSetting,
                   .id = std::string(kTicketSetting),
                   .bytes = std::string(as_text(bytes)),
                   .expected_modified = *before ? (*before)->modified : 0}}});
  if (!written) {
    return std::unexpected(std::string(describe(written.error())));
  }
  std::uint64_t ticket = 0;
  std::memcpy(&ticket, bytes.data(), sizeof ticket);
  return ticket;
}

std::uint64_t MemoryHandover::redeem_ticket() {
  const auto found = parts_.registry.find(RecordKind::kSetting, kTicketSetting);
  if (!found || !*found || (*found)->bytes.size() != sizeof(std::uint64_t)) {
    return 0;
  }
  const auto erased =
      parts_.registry.commit({.writes = {{.kind = RecordKind::kSetting,
                                          .id = std::string(kTicketSetting),
                                          .bytes = std::nullopt,
                                          .expected_modified = (*found)->modified}}});
  std::uint64_t ticket = 0;
  if (erased) {
    std::memcpy(&ticket, (*found)->bytes.data(), sizeof ticket);
  }
  return ticket;
}

std::expected<HandoverOrigin, std::string> MemoryHandover::origin(std::uint64_t ticket) const {
  const auto revision = parts_.registry.revision();
  if (!revision) {
    return std::unexpected(std::string(describe(revision.error())));
  }
  return HandoverOrigin{.registry = *revision,
                        .ticket = ticket,
                        .wall = parts_.clock.now(),
                        .boot = parts_.clock.boot_now(),
                        .boot_id = boot_id(),
                        .changes_from = {}};
}

std::expected<Handover, HandoverFault> MemoryHandover::read(const std::string& bytes,
                                                            std::uint64_t ticket) const {
  const auto here = origin(ticket);
  const auto key = parts_.sealer.own_mac_key(kKeyPurpose);
  if (!here || !key) {
    return std::unexpected(HandoverFault::kUnreadable);
  }
  auto handover = decode_handover(bytes, *key);
  if (handover) {
    if (const auto checked = check_handover(handover->origin, *here); !checked) {
      return std::unexpected(checked.error());
    }
  }
  return handover;
}

std::expected<void, std::string> MemoryHandover::take(ReplayMemory& memory,
                                                      Acceptance& acceptance) {
  const OpenFile file(::open(parts_.file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const int reason = errno;
  // Removed before anything of it is believed.
  if (::unlink(parts_.file.c_str()) != 0 && errno != ENOENT) {
    return std::unexpected(parts_.file.string() +
                           " cannot be removed, and must not be there again after a crash: " +
                           std::error_code(errno, std::generic_category()).message());
  }
  const std::uint64_t ticket = redeem_ticket();
  const auto bytes = read_file(file, reason);
  auto handover = bytes ? read(*bytes, ticket) : std::unexpected(bytes.error());
  if (handover && !memory.restore(handover->batches)) {
    handover = std::unexpected(HandoverFault::kNoRoom);
  }
  if (handover) {
    acceptance.set_changes_from(handover->origin.changes_from);
    parts_.log.write(LogLevel::kInfo, "replay_memory_taken_over",
                     {{"requests", std::to_string(memory.size())}});
    return {};
  }
  acceptance.forget_before(parts_.clock.now());
  const bool is_common = handover.error() == HandoverFault::kMissing;
  parts_.log.write(is_common ? LogLevel::kInfo : LogLevel::kWarn, "replay_memory_not_taken_over",
                   {{"why", describe(handover.error())},
                    {"so", "state-changing requests stamped before now are refused"}});
  return {};
}

void MemoryHandover::leave(const ReplayMemory& memory, const Acceptance& acceptance) {
  const auto not_left = [this](std::string_view why) {
    parts_.log.write(LogLevel::kWarn, "replay_memory_not_handed_on", {{"why", why}});
  };
  if (!acceptance.believes(parts_.clock.now(), parts_.clock.boot_now())) {
    not_left("the clock is in doubt");
    return;
  }
  const auto ticket = issue_ticket();
  auto from = ticket ? origin(*ticket) : std::unexpected(ticket.error());
  const auto key = parts_.sealer.own_mac_key(kKeyPurpose);
  if (!from || !key) {
    not_left(from ? key.error().detail : from.error());
    return;
  }
  from->changes_from = acceptance.changes_from();
  const auto bytes =
      encode_handover({.origin = std::move(*from), .batches = memory.batches(from->wall)}, *key);
  if (!bytes) {
    not_left("more requests are remembered than a hand-over holds");
    return;
  }
  // Under its name it is whole. It is not synced: after another boot it is worth nothing.
  std::filesystem::path part = parts_.file;
  part += ".part";
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  if (const auto written = write_new_file(part, as_bytes(*bytes)); !written) {
    not_left(written.error().sentence);
    return;
  }
  std::error_code error;
  std::filesystem::rename(part, parts_.file, error);
  if (error) {
    not_left(error.message());
    return;
  }
  parts_.log.write(LogLevel::kInfo, "replay_memory_handed_on",
                   {{"requests", std::to_string(memory.size())}});
}

}  // namespace counterfoil
