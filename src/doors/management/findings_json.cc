#include "doors/management/findings_json.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "authority/refusal_findings.h"
#include "doors/management/json.h"

namespace counterfoil {
namespace {

Json finding_json(const ShownFinding& finding) {
  Json json{{"id", finding.id},
            {"class", finding.confidence},
            {"title", finding.title},
            {"detail", finding.detail},
            {"fix", finding.fix}};
  json["snippets"] = snippets_json(finding.snippets);
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

}  // namespace

Json snippets_json(const std::vector<ShownSnippet>& snippets) {
  Json list = Json::array();
  for (const ShownSnippet& snippet : snippets) {
    list.push_back({{"language", snippet.language},
                    {"lines", snippet.lines},
                    {"changed_line", snippet.changed_line}});
  }
  return list;
}

void add_findings(const RefusalFindings& found, Json& json) {
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
}

}  // namespace counterfoil
