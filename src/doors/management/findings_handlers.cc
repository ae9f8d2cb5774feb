// What autopsies of refused requests found. For the owner of the API key and for operators alone.
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/autopsy_reports.h"
#include "authority/refusal_findings.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

Json finding_json(const ShownFinding& finding) {
  Json json{{"id", finding.id},
            {"class", finding.confidence},
            {"title", finding.title},
            {"detail", finding.detail},
            {"fix", finding.fix}};
  Json snippets = Json::array();
  for (const ShownSnippet& snippet : finding.snippets) {
    snippets.push_back({{"language", snippet.language},
                        {"lines", snippet.lines},
                        {"changed_line", snippet.changed_line}});
  }
  json["snippets"] = std::move(snippets);
  return json;
}

Json findings_json(const std::vector<ShownFinding>& findings) {
  Json list = Json::array();
  for (const ShownFinding& finding : findings) {
    list.push_back(finding_json(finding));
  }
  return list;
}

// characters counts code points: what a reader of JSON counts texts in.
std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  }
  return count;
}

// proof_text is a whole text and where it differs from the other: from, up to and without `to`.
Json proof_text(const std::string& before, const std::string& middle, const std::string& behind) {
  const std::size_t from = characters(before);
  return {{"text", before + middle + behind}, {"differs", {from, from + characters(middle)}}};
}

// cause_json tells of one cause of a sum; "unknown-signature" and "none" are no rows of the table.
Json cause_json(const std::string& id) {
  const auto cause = shown_cause(id);
  return cause ? Json{{"id", id},
                      {"class", cause->confidence},
                      {"title", cause->title},
                      {"fix", cause->fix}}
               : Json{{"id", id}};
}

}  // namespace

std::expected<void, ApiFault> add_findings(const Call& call, Json& json) {
  const auto report = call.parts.autopsies.of_refusal(call.id);
  if (!report) {
    return std::unexpected(fault_of(report.error()));
  }
  if (!*report) {
    json["verdict"] = nullptr;
    json["findings"] = nullptr;
    return {};
  }
  const RefusalFindings& found = (*report)->findings;
  json["verdict"] = found.verdict;
  json["findings"] = findings_json(found.findings);
  json["proof"] = nullptr;
  if (found.difference) {
    const auto& texts = *found.difference;
    json["proof"] = {{"verified", proof_text(texts.before, texts.verified, texts.behind)},
                     {"signed", proof_text(texts.before, texts.client_signed, texts.behind)}};
  }
  json["same_bytes"] = found.same_bytes;
  json["possible"] = findings_json(found.possible);
  return {};
}

Outcome show_causes(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto known = call.parts.issuer.stored_key(call.id); !known) {
    return std::unexpected(fault_of(known.error()));
  }
  const auto reports = call.parts.autopsies.of_key(call.id);
  if (!reports) {
    return std::unexpected(fault_of(reports.error()));
  }
  Json items = Json::array();
  for (const CauseReport& report : *reports) {
    Json causes = Json::array();
    for (const std::string& cause : report.causes) {
      causes.push_back(cause_json(cause));
    }
    items.push_back({{"causes", std::move(causes)},
                     {"first_at", time_text(report.first)},
                     {"last_at", time_text(report.last)},
                     {"count", report.count},
                     {"last_request_id", report.last_request_id}});
  }
  return reply_list(call, std::move(items), std::nullopt);
}

}  // namespace counterfoil
