// What is wrong with an API key now, and what to do about it.
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/key_trouble.h"
#include "authority/key_troubles.h"
#include "base/time.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/findings_json.h"
#include "doors/management/json.h"
#include "doors/management/time_text.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

Json time_or_null(const std::optional<Timestamp>& time) {
  return time ? Json(time_text(*time)) : Json(nullptr);
}

Json remedy_json(const KeyRemedy& remedy) {
  Json json{{"id", remedy.id},     {"kind", name_of(remedy.kind)}, {"ours", is_ours(remedy.kind)},
            {"text", remedy.text}, {"risk", remedy.risk},          {"step_up", remedy.step_up}};
  if (!remedy.value.empty()) {
    json["value"] = remedy.value;
  }
  if (remedy.expires_at) {
    json["expires_at"] = time_text(*remedy.expires_at);
  }
  return json;
}

Json trouble_json(const KeyTrouble& trouble) {
  Json remedies = Json::array();
  for (const KeyRemedy& remedy : trouble.remedies) {
    remedies.push_back(remedy_json(remedy));
  }
  return {{"rank", name_of(trouble.rank)},
          {"id", trouble.id},
          {"title", trouble.title},
          {"detail", trouble.detail},
          {"fix", trouble.fix},
          {"count", trouble.count},
          {"first_at", time_or_null(trouble.first)},
          {"last_at", time_or_null(trouble.last)},
          {"last_request_id",
           trouble.last_request_id.empty() ? Json(nullptr) : Json(trouble.last_request_id)},
          {"accepted_since", trouble.accepted_since},
          {"at", time_or_null(trouble.at)},
          {"snippets", snippets_json(trouble.snippets)},
          {"remedies", std::move(remedies)}};
}

}  // namespace

Outcome show_fix(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto stored = call.parts.issuer.stored_key(call.id);
  if (!stored) {
    return std::unexpected(fault_of(stored.error()));
  }
  const Timestamp now = call.parts.clock.now();
  const auto facts =
      key_facts(stored->key, call.parts.issuer, call.parts.activity, call.parts.autopsies, now);
  if (!facts) {
    return std::unexpected(fault_of(facts.error()));
  }
  Json troubles = Json::array();
  for (const KeyTrouble& trouble : troubles_of(*facts, call.parts.profile(), now)) {
    troubles.push_back(trouble_json(trouble));
  }
  return reply({{"api_key", call.id},
                {"state", to_string(effective_state(stored->key, now))},
                {"troubles", std::move(troubles)},
                {"as_of", time_text(now)}});
}

}  // namespace counterfoil
