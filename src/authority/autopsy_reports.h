#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/problem.h"
#include "authority/refusal_findings.h"
#include "base/time.h"

namespace counterfoil {

class Journal;  // journal/journal.h, which no door may include
class Sealer;

// RefusalReport is what the autopsy of one refused request found, and whose it is.
struct RefusalReport {
  std::string api_key;
  std::string account;
  RefusalFindings findings;
};

// CauseReport is how often requests of one API key were refused for the same causes.
struct CauseReport {
  std::vector<std::string> causes;  // ids of docs/causes.md, or "unknown-signature", or "none"
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;  // of those examined
  std::string last_request_id;
};

// AutopsyReports reads what autopsies found. Like Activity it checks no right: the caller shows it
// to nobody but the owner of the account and to operators. Safe to call from any thread; it waits
// for the store. Problem: the journal does not answer.
class AutopsyReports {
 public:
  // Both must outlive it.
  AutopsyReports(const Journal& journal, const Sealer& sealer)
      : journal_(journal), sealer_(sealer) {}

  // of_refusal gives nullopt when the request was not examined, or not yet.
  [[nodiscard]] std::expected<std::optional<RefusalReport>, Problem> of_refusal(
      std::string_view request_id) const;
  // of_key gives the causes of one API key's refusals, the latest first.
  [[nodiscard]] std::expected<std::vector<CauseReport>, Problem> of_key(
      std::string_view api_key) const;

 private:
  const Journal& journal_;
  const Sealer& sealer_;
};

}  // namespace counterfoil
