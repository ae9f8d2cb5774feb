#include "autopsy/explain.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/difference.h"
#include "autopsy/evidence.h"
#include "autopsy/finding.h"
#include "autopsy/reading.h"
#include "autopsy/remedy.h"
#include "autopsy/scene.h"
#include "autopsy/search.h"
#include "autopsy/signature_values.h"
#include "autopsy/sort_stably.h"
#include "base/time.h"

namespace counterfoil::autopsy {
namespace {

std::uint8_t on_of(Transport transport) {
  return transport == Transport::kRest        ? kOnRest
         : transport == Transport::kWebSocket ? kOnWebSocket
                                              : kOnFix;
}

// Autopsy is one run: it names causes in the order of the steps, and sorts them at the end.
class Autopsy {
 public:
  Autopsy(Scene& scene, std::size_t tries_max) : scene_(scene), tries_max_(tries_max) {}

  Findings run() {
    for (const std::string_view cause : scene_.reading.causes) {
      name(cause, "");
    }
    find_key();
    judge_signature();
    see_facts();
    settle();
    return std::move(findings_);
  }

 private:
  void name(std::string_view cause, std::string detail) {
    if (!scene_.has(cause)) {
      scene_.causes.push_back(cause);
      details_.emplace_back(cause, std::move(detail));
    }
  }

  // ---- whose key

  void find_key() {
    const std::string& name_sent = scene_.reading.api_key;
    for (const AccountKey* key : scene_.all_keys()) {
      // Of several pairs under one name the newest stands first.
      if (!name_sent.empty() && key->api_key == name_sent) {
        scene_.named = key;
        return;
      }
    }
    if (is_in_session()) {
      for (const AccountKey* key : scene_.all_keys()) {
        if (key->api_key == scene_.request.session_api_key) {
          scene_.named = key;
          return;
        }
      }
      return;
    }
    if (scene_.request.transport == Transport::kFix && name_sent.empty()) {
      return;  // The row of logons without credentials says it.
    }
    for (const CauseRow& row : naming_causes()) {
      const auto* const find = std::get_if<FindKey>(&row.proof);
      const auto found = find != nullptr && (row.on & on_of(scene_.request.transport)) != 0
                             ? (*find)(scene_)
                             : std::nullopt;
      if (found) {
        scene_.named = *found;
        scene_.secret_in_header = row.id == "key-and-secret-swapped";
        name(row.id, "");
        return;
      }
    }
  }

  // is_in_session: a WebSocket request without a key of its own, on whatever connection.
  [[nodiscard]] bool is_in_session() const {
    return scene_.request.transport == Transport::kWebSocket && scene_.reading.api_key.empty() &&
           !signs();
  }
  [[nodiscard]] bool signs() const {
    return scene_.reading.signature && !scene_.reading.signature->empty();
  }

  // ---- the signature

  void judge_signature() {
    if (is_in_session()) {
      return;
    }
    if (!signs()) {
      if (scene_.request.transport != Transport::kFix) {
        name("signature-missing", "");
      }
      return;
    }
    scene_.values = SignatureValues::read(*scene_.reading.signature, scene_.request.transport);
    if (fact_of("key-type-not-allowed-here")) {
      return;  // No signature of this key would do.
    }
    // A request without a name, or with a mistyped one, may still be signed by this key.
    const bool is_open = scene_.named == nullptr &&
                         (scene_.has("api-key-header-missing") ||
                          scene_.has("proxy-drops-header") || scene_.has("api-key-unknown"));
    if (is_open) {
      scene_.named = &scene_.estate.key;
    }
    SearchResult result = search(scene_, tries_max_);
    findings_.tries_spent = result.tries_spent;
    if (!result.found && is_open) {
      scene_.named = nullptr;
    }
    if (!result.found) {
      scene_.outcome =
          scene_.named == nullptr ? SignatureOutcome::kNotJudged : SignatureOutcome::kUnknown;
      return;
    }
    if (scene_.named == nullptr) {
      return;  // Right under some key, which is not what was asked.
    }
    scene_.outcome =
        result.found->causes.empty() ? SignatureOutcome::kRight : SignatureOutcome::kExplained;
    for (const std::string_view cause : result.found->causes) {
      name(cause, "");
    }
    findings_.same_bytes = std::move(result.found->same_bytes);
    if (result.found->shows_text && result.found->text != scene_.reading.payload()) {
      findings_.difference = difference_of(scene_.reading.payload(), result.found->text, secrets());
    }
  }

  [[nodiscard]] std::vector<std::string_view> secrets() const {
    std::vector<std::string_view> all;
    for (const AccountKey* key : scene_.all_keys()) {
      if (!key->secret.empty()) {
        all.push_back(key->secret);
      }
    }
    return all;
  }

  // ---- facts

  std::optional<std::string> fact_of(std::string_view cause) const {
    const CauseRow* const row = find_cause(cause);
    const auto* const see = row == nullptr ? nullptr : std::get_if<SeeFact>(&row->proof);
    return see != nullptr && (row->on & on_of(scene_.request.transport)) != 0 ? (*see)(scene_)
                                                                              : std::nullopt;
  }

  void see_facts() {
    for (const CauseGroup& group : cause_groups()) {
      for (const CauseRow& row : group.rows) {
        const auto* const see = std::get_if<SeeFact>(&row.proof);
        if (see == nullptr || (row.on & on_of(scene_.request.transport)) == 0) {
          continue;
        }
        if (auto detail = (*see)(scene_)) {
          name(row.id, std::move(*detail));
        }
      }
    }
  }

  // ---- the answer

  // explains_unknown: facts that say all that can be said of a signature that fits nothing.
  [[nodiscard]] bool explains_unknown() const {
    return std::ranges::any_of(
        std::to_array<std::string_view>({"secret-sent-as-signature", "signature-truncated",
                                         "hmac-signature-for-asymmetric-key", "body-truncated",
                                         "asymmetric-signature-for-hmac-key"}),
        [&](std::string_view cause) { return scene_.has(cause); });
  }

  void settle() {
    for (const CauseGroup& group : cause_groups()) {
      for (const CauseRow& row : group.rows) {
        const auto named =
            std::ranges::find(details_, row.id, &std::pair<std::string_view, std::string>::first);
        if (named == details_.end()) {
          continue;
        }
        findings_.all.push_back({.cause = row.id,
                                 .confidence = row.confidence,
                                 .mistake = row.mistake,
                                 .detail = std::move(named->second),
                                 .fix = row.fix,
                                 .snippets = snippets_of(row.remedy)});
        details_.erase(named);
      }
    }
    // What is compromised comes first.
    sort_stably(findings_.all, [](const Finding& finding) {
      return find_cause(finding.cause)->remedy == Remedy::kRotate ? 0 : 1;
    });
    const bool unknown = scene_.outcome == SignatureOutcome::kUnknown && !explains_unknown();
    findings_.verdict = unknown                 ? Findings::Verdict::kUnknownSignature
                        : findings_.all.empty() ? Findings::Verdict::kNone
                                                : Findings::Verdict::kExplained;
  }

  Scene& scene_;
  std::size_t tries_max_;
  Findings findings_;
  std::vector<std::pair<std::string_view, std::string>> details_;
};

}  // namespace

Findings explain(const RefusedRequest& request, const Estate& estate, const History& history,
                 const Rules& rules, Timestamp now, std::size_t tries_max) {
  Scene scene{.request = request,
              .estate = estate,
              .history = history,
              .rules = rules,
              .now_ms = to_unix_ms(now),
              .reading = read_request(request),
              .values = {}};
  return Autopsy(scene, tries_max).run();
}

}  // namespace counterfoil::autopsy
