#include "authority/autopsy_reports.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_export.h"
#include "authority/problem.h"
#include "authority/refusal_findings.h"
#include "authority/sealer.h"
#include "authority/secret_job.h"
#include "journal/journal.h"

namespace counterfoil {
namespace {

std::vector<std::string> split(std::string_view causes) {
  std::vector<std::string> list;
  while (!causes.empty()) {
    const std::size_t comma = causes.find(',');
    list.emplace_back(causes.substr(0, comma));
    causes.remove_prefix(comma == std::string_view::npos ? causes.size() : comma + 1);
  }
  return list;
}

}  // namespace

std::expected<std::optional<RefusalReport>, Problem> AutopsyReports::of_refusal(
    std::string_view request_id) const {
  auto row = journal_.autopsy(request_id);
  if (!row) {
    return problem_of(row.error());
  }
  if (!*row) {
    return std::nullopt;
  }
  const auto opened = sealer_.open_findings(request_id, (*row)->sealed_findings);
  auto findings = opened ? decode_findings(SecretJob::lent_text(*opened)) : std::nullopt;
  if (!findings) {
    return std::nullopt;  // kept without, or sealed by a key that is gone
  }
  return RefusalReport{.api_key = std::move((*row)->api_key),
                       .account = std::move((*row)->account),
                       .findings = std::move(*findings)};
}

std::expected<std::vector<CauseReport>, Problem> AutopsyReports::of_key(
    std::string_view api_key) const {
  auto sums = journal_.cause_sums(api_key);
  if (!sums) {
    return problem_of(sums.error());
  }
  std::vector<CauseReport> reports;
  reports.reserve(sums->size());
  for (CauseSum& sum : *sums) {
    reports.push_back({.causes = split(sum.causes),
                       .first = sum.first,
                       .last = sum.last,
                       .count = sum.count,
                       .last_request_id = std::move(sum.last_request_id)});
  }
  return reports;
}

}  // namespace counterfoil
