// Target: AuditLogChecker and the readers of the log's lines. Properties: how the bytes are cut
// into pieces makes no difference; what is found whole claims no more lines than there are; and a
// line that is read is canonical, so that writing it anew gives the same bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <nlohmann/json.hpp>
#include <string_view>

#include "authority/audit_lines.h"
#include "authority/audit_log_check.h"

namespace {

using counterfoil::AuditFinding;
using counterfoil::AuditLogChecker;
using counterfoil::AuditSummary;
using Checked = std::expected<AuditSummary, AuditFinding>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_read(std::string_view line) {
  return counterfoil::parse_birth(line) || counterfoil::parse_record(line) ||
         counterfoil::parse_checkpoint(line);
}

void check_canonical(std::string_view line) {
  if (!is_read(line)) {
    return;
  }
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
  require(!json.is_discarded());
  require(json.dump() == line);
}

Checked check_in_pieces(std::string_view log, std::size_t size) {
  AuditLogChecker checker;
  while (!log.empty()) {
    (void)checker.feed(log.substr(0, size));
    log.remove_prefix(std::min(size, log.size()));
  }
  return checker.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(data), size);
  const Checked whole = counterfoil::check_audit_log(log);
  const Checked pieces = check_in_pieces(log, 1 + (size % 13));
  require(whole.has_value() == pieces.has_value());
  if (whole) {
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(log, '\n')) + 1;
    require(whole->records + whole->checkpoints + 1 <= lines);
    require(whole->proven_seq <= whole->records && !whole->uncut_seq);
  } else {
    require(whole.error().damage == pieces.error().damage &&
            whole.error().line == pieces.error().line &&
            whole.error().sentence == pieces.error().sentence);
  }
  std::string_view rest = log;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    check_canonical(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return 0;
}
