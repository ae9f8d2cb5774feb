#include "authority/doctor.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/autopsy_estate.h"
#include "authority/autopsy_names.h"
#include "authority/autopsy_queue.h"
#include "authority/problem.h"
#include "authority/refusal_findings.h"
#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/explain.h"
#include "autopsy/finding.h"
#include "autopsy/pasted_request.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_form.h"
#include "keys/key_format.h"
#include "keys/permission.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "wire/pasted/pasted.h"

namespace counterfoil {
namespace {

constexpr std::string_view kFormatOnly = "format_only";
constexpr std::string_view kSwapped = "key-and-secret-swapped";
constexpr std::size_t kShownEnd = 4;  // characters of either end of what is shortened
constexpr std::chrono::seconds kComeBack{5};
constexpr std::chrono::seconds kMinute{60};

// Causes that say whether an API key exists. Without a key that the asker may see they would be
// answers to a question that nobody answers.
constexpr auto kTellOfKeys = std::to_array<std::string_view>({"api-key-unknown"});
// Absences that a text shows only where it has all of a request.
constexpr auto kAbsentParts = std::to_array<std::string_view>({"api-key-header-missing"});

bool is_one_of(std::span<const std::string_view> list, std::string_view id) {
  return std::ranges::find(list, id) != list.end();
}

std::string shortened(std::string_view text) {
  if (text.size() <= 2 * kShownEnd) {
    return text.empty() ? "" : "…";
  }
  return std::string(text.substr(0, kShownEnd)) + "…" +
         std::string(text.substr(text.size() - kShownEnd));
}

const Route* route_of(const autopsy::RefusedRequest& request, const Profile& profile) {
  return request.transport == autopsy::Transport::kRest ? profile.find(request.method, request.path)
                                                        : nullptr;
}

autopsy::Rules rules_of(const autopsy::RefusedRequest& request, const Profile& profile) {
  const bool is_told = !request.method.empty() && !request.path.empty();
  return {
      .signature_must_be_last = profile.signing().signature_position == SignaturePosition::kLast,
      .microseconds_refused = false,
      .environment = {},
      .is_routed = !is_told || route_of(request, profile) != nullptr};
}

ShownFinding of_reason(Reason reason) {
  const ReasonRow& row = describe(reason);
  return {.id = std::string(row.name),
          .confidence = autopsy::to_string(autopsy::Confidence::kProved),
          .title = row.owner_text,
          .detail = {},
          .fix = row.fix,
          .snippets = {}};
}

// form_finding says what is wrong with the text in the place of the API key by its looks alone.
std::optional<ShownFinding> form_finding(std::string_view text, const KeyFormat& format) {
  if (text.empty()) {
    return std::nullopt;
  }
  switch (form_of(text, format)) {
    case ApiKeyForm::kOurs:
    case ApiKeyForm::kForeign:
      return std::nullopt;
    case ApiKeyForm::kSecret: {
      auto finding = shown_cause(kSwapped);
      if (finding) {
        finding->detail = "it begins as secrets do";
      }
      return finding;
    }
    case ApiKeyForm::kMistyped:
      return of_reason(Reason::kApiKeyChecksum);
    case ApiKeyForm::kOtherCharacters:
    case ApiKeyForm::kOtherLength:
    case ApiKeyForm::kUnsendable:
      return of_reason(Reason::kApiKeyMalformed);
  }
  std::unreachable();
}

// format_findings is what can be seen without any API key.
RefusalFindings format_findings(const autopsy::RefusedRequest& request, const Doctor::Parts& parts,
                                pasted::Form form, std::string_view api_key,
                                const autopsy::Rules& rules, Timestamp now) {
  // No key, no try: nothing is compared with anything that somebody holds.
  RefusalFindings found =
      shown_findings(explain(request, autopsy::Estate{}, autopsy::History{}, rules, now, 0));
  std::erase_if(found.findings, [&](const ShownFinding& finding) {
    return is_one_of(kTellOfKeys, finding.id) ||
           (is_one_of(kAbsentParts, finding.id) && !autopsy::tells_headers(form));
  });
  if (auto shape = form_finding(api_key, parts.format)) {
    found.findings.insert(found.findings.begin(), std::move(*shape));
  }
  found.verdict = kFormatOnly;
  found.difference.reset();
  found.same_bytes.clear();
  found.possible.clear();
  return found;
}

Problem busy(std::string_view detail, std::chrono::seconds retry_after) {
  return {.kind = Problem::Kind::kBusy,
          .reason = "doctor_busy",
          .detail = std::string(detail),
          .retry_after = retry_after};
}

Problem invalid(std::string_view reason, std::string detail) {
  return {
      .kind = Problem::Kind::kInvalid, .reason = std::string(reason), .detail = std::move(detail)};
}

}  // namespace

std::expected<void, Problem> Doctor::admit(std::string_view asker) {
  const BootTime now = parts_.clock.boot_now();
  std::erase_if(budgets_, [&](const auto& one) { return now - one.second.at >= kMinute; });
  auto found = budgets_.find(asker);
  if (found == budgets_.end()) {
    if (budgets_.size() >= kAskersMax) {
      return std::unexpected(busy("too many people ask at this moment", kComeBack));
    }
    found = budgets_.emplace(asker, Budget{.left = kTextsPerMinute, .at = now}).first;
  }
  Budget& budget = found->second;
  const double gained =
      std::chrono::duration<double>(now - budget.at) / kMinute * double{kTextsPerMinute};
  budget = {.left = std::min(double{kTextsPerMinute}, budget.left + gained), .at = now};
  if (budget.left < 1) {
    return std::unexpected(busy("you asked " + std::to_string(kTextsPerMinute) +
                                    " times within a minute; wait, then ask again",
                                kMinute / kTextsPerMinute));
  }
  if (!share_.may_spend(now)) {
    return std::unexpected(
        busy("the node has explained as much as it may at this moment; ask again", kComeBack));
  }
  budget.left -= 1;
  return {};
}

std::expected<Examination, Problem> Doctor::examine(const Question& question,
                                                    const Profile& profile) {
  if (question.text.size() > kTextBytesMax) {
    return std::unexpected(
        invalid("text_too_large", "the text has more than 256 KiB; paste fewer requests"));
  }
  const std::scoped_lock lock(mutex_);
  if (auto admitted = admit(question.asker); !admitted) {
    return std::unexpected(std::move(admitted.error()));
  }
  const auto begun = parts_.cpu_spent();
  const SigningRules& signing = profile.signing();
  auto requests = pasted::read_pasted(question.text, {.api_key_header = signing.api_key_header,
                                                      .signature = signing.signature_parameter,
                                                      .timestamp = signing.timestamp_parameter});
  Examination out;
  if (requests) {
    std::size_t tries_left = kTriesMax;
    for (pasted::Request& request : *requests) {
      if (out.requests.size() == kRequestsMax || tries_left < autopsy::kTriesMax) {
        break;
      }
      auto [examined, spent] = examine_one(request, question, profile);
      tries_left -= std::min(tries_left, spent);
      out.requests.push_back(std::move(examined));
    }
    out.more = requests->size() - out.requests.size();
  }
  share_.spend(parts_.cpu_spent() - begun);
  if (!requests) {
    return std::unexpected(invalid("nothing_found", std::move(requests.error())));
  }
  return out;
}

std::pair<ExaminedRequest, std::size_t> Doctor::examine_one(pasted::Request& request,
                                                            const Question& question,
                                                            const Profile& profile) const {
  RefusedCopy copy;  // which wipes what it holds
  copy.request = autopsy::take_evidence(request);
  autopsy::RefusedRequest& evidence = copy.request;
  evidence.names = names_of(profile.signing());
  const auto owner = owner_of(parts_.issuer, parts_.sealer, evidence, [&](const ApiKey& key) {
    return !question.accounts || question.accounts->contains(key.account.text());
  });
  const std::string api_key = autopsy::api_key_of(evidence);
  const autopsy::Rules rules = rules_of(evidence, profile);
  // Of the request the rest is left: when it was sent or answered among it.
  const autopsy::JudgedAt judged = autopsy::judged_at(evidence, request, question.at);
  const Timestamp now = judged.time;
  ExaminedRequest out{.form = pasted::name_of(request.form),
                      .line = request.line,
                      .method = request.method,
                      .host = request.host,
                      .path = request.path,
                      .api_key = shortened(api_key),
                      .key = std::nullopt,
                      .findings = {},
                      .doubts = request.doubts,
                      .not_checked = {}};
  if (!judged.is_told) {
    out.not_checked.emplace_back("time");
  }
  out.not_checked.emplace_back("address");
  if (!owner) {
    out.not_checked.emplace_back("signature");
    out.not_checked.emplace_back("permission");
    out.findings = format_findings(evidence, parts_, request.form, api_key, rules, now);
    return {std::move(out), 0};
  }
  if (api_key == owner->id.text()) {
    out.api_key = api_key;
  }
  out.key = ExaminedRequest::Key{.api_key = std::string(owner->id.text()), .label = owner->label};
  if (const Route* const route = route_of(evidence, profile)) {
    evidence.required_permission =
        lacking_permission(route->permissions, *owner, parts_.permissions);
  } else {
    out.not_checked.emplace_back("permission");
  }
  const OpenedEstate opened =
      OpenedEstate::open(*owner, parts_.issuer, parts_.sealer, parts_.permissions, now);
  autopsy::History history;
  history.delays_ms = parts_.skews.delays_ms(owner->id.text());
  const autopsy::Findings found = explain(evidence, opened.estate(), history, rules, now);
  out.findings = shown_findings(found);
  if (std::ranges::any_of(out.findings.findings, [](const ShownFinding& finding) {
        return finding.id == "signature-missing";
      })) {
    out.not_checked.emplace_back("signature");
  }
  return {std::move(out), found.tries_spent};
}

}  // namespace counterfoil
