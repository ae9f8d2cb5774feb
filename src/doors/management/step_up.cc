#include "doors/management/step_up.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/mass_action.h"
#include "authority/people_desk.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/change_text.h"
#include "doors/management/json_value.h"
#include "doors/management/key_members.h"
#include "doors/management/member_reader.h"
#include "doors/management/rights.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

bool is_within(const AllowList& wanted, const AllowList& present) {
  if (present.is_any() || wanted.is_any()) {
    return present.is_any();
  }
  return std::ranges::all_of(wanted.networks(), [&](const Cidr& network) {
    return std::ranges::find(present.networks(), network) != present.networks().end();
  });
}

bool is_subset(const std::vector<std::string>& wanted, const std::vector<std::string>& present) {
  if (present.empty() || wanted.empty()) {  // empty: all there are
    return present.empty();
  }
  return std::ranges::all_of(wanted, [&](const std::string& one) {
    return std::ranges::find(present, one) != present.end();
  });
}

// is_wider: whatever cannot be read is.
bool is_wider(const KeyEdit& edit, const ApiKey& key, const PermissionTable& permissions) {
  if (key.notice) {
    return true;  // an edit lifts what a policy restricted
  }
  if (edit.permissions) {
    const auto wanted = permissions.parse(*edit.permissions);
    if (!wanted || !key.permissions.contains_all(*wanted)) {
      return true;
    }
  }
  if (edit.allow_list) {
    const auto wanted = AllowList::parse(*edit.allow_list);
    if (!wanted || !is_within(*wanted, key.allow_list)) {
      return true;
    }
  }
  if (edit.symbols && !is_subset(*edit.symbols, key.symbols)) {
    return true;
  }
  return edit.expires_at && key.expires_at &&
         (!*edit.expires_at || **edit.expires_at > *key.expires_at);
}

// A change that is not wider is tied to what it was compared with.
std::expected<bool, ApiFault> widens(Call& call) {
  const auto stored = call.parts.issuer.stored_key(call.id);
  if (!stored) {
    return std::unexpected(fault_of(stored.error()));
  }
  JsonValue body = call.body;
  MemberReader members(body);
  const KeyEdit edit = read_key_edit(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  call.compared_with = stored->version;
  return is_wider(edit, stored->key, call.parts.issuer.permissions());
}

std::expected<bool, ApiFault> hits_many_others(const Call& call) {
  const auto action = call.parts.mass_actions.find(call.id);
  if (!action) {
    return std::unexpected(fault_of(action.error()));
  }
  if (action->verb == KeyVerb::kResume) {
    return true;
  }
  return !bound_account(call.asker) && action->at_start.selected > 1;
}

std::expected<bool, ApiFault> is_wanted(Call& call, StepUp when) {
  switch (when) {
    case StepUp::kNo:
      return false;
    case StepUp::kYes:
    case StepUp::kUnlessEnrolling:
    case StepUp::kUnlessNoCodes:
      return true;
    case StepUp::kWhenWider:
      return widens(call);
    case StepUp::kWhenManyOthers:
      return hits_many_others(call);
  }
  std::unreachable();
}

// excused is the proof of somebody who cannot be asked yet.
std::optional<SteppedUp> excused(const Call& call, const Caller& caller, StepUp when) {
  if (when == StepUp::kUnlessEnrolling) {
    if (const auto proof = Sessions::enrolling(caller)) {
      return *proof;
    }
  }
  if (when == StepUp::kUnlessNoCodes) {
    if (const auto proof = call.parts.people->sessions.without_codes(caller)) {
      return *proof;
    }
  }
  return std::nullopt;
}

}  // namespace

std::expected<void, ApiFault> step_up(Call& call, Asker& asker, const Rights& rights) {
  if (asker.kind != Asker::Kind::kPerson && asker.kind != Asker::Kind::kKey) {
    return {};
  }
  const auto wanted = is_wanted(call, rights.step_up);
  if (!wanted || !*wanted) {
    return wanted ? std::expected<void, ApiFault>() : std::unexpected(wanted.error());
  }
  if (asker.kind == Asker::Kind::kKey) {
    return std::unexpected(person_wanted());
  }
  call.proof = excused(call, *asker.caller, rights.step_up);
  if (call.proof) {
    return {};
  }
  std::string change = change_text(call, rights);
  WipedText bound = canonical_json(call.body);
  bound += '\n';
  bound += change;
  const auto hash =
      Sessions::change_hash(http::method_name(call.request.method), call.request.path, bound);
  Sessions& sessions = call.parts.people->sessions;
  const BrowserCall& browser = *call.request.browser;
  const auto proof = sessions.spend(*asker.caller, hash, browser.step_up);
  if (!proof) {
    ApiFault fault = fault_of(proof.error());
    if (fault.reason == "step_up_required") {
      fault.step_up = StepUpWanted{.change = std::move(change), .hash = to_hex(hash)};
    }
    return std::unexpected(std::move(fault));
  }
  call.proof = *proof;
  auto again = sessions.caller(browser.session_token, browser.address);
  if (!again) {
    return std::unexpected(fault_of(again.error()));
  }
  asker.caller = std::move(*again);
  return {};
}

}  // namespace counterfoil
