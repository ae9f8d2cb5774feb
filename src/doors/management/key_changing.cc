#include <expected>
#include <functional>

#include "authority/issuer.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/key_members.h"
#include "doors/management/member_reader.h"

namespace counterfoil {
namespace {

Outcome reply_state(const Call& call, const Issuer::Result<ChangedKey>& changed) {
  if (!changed) {
    return std::unexpected(fault_of(changed.error()));
  }
  return reply_changed(call, changed->key, changed->receipt);
}

// change_plainly is a change that takes no members, change_for_cause one that takes a cause.
template <typename Change>
Outcome change_plainly(const Call& call, Change change) {
  const auto condition = only_if(call);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_state(call,
                     std::invoke(change, call.parts.issuer, call.id, call.actor(), *condition));
}

template <typename Change>
Outcome change_for_cause(const Call& call, Change change) {
  const auto condition = only_if(call);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  const auto cause = read_cause(call);
  if (!cause) {
    return std::unexpected(cause.error());
  }
  return reply_state(call, (call.parts.issuer.*change)(call.id, *cause, call.actor(), *condition));
}

}  // namespace

Outcome edit_key(const Call& call) {
  const auto condition = only_if(call);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  MemberReader members(call.body);
  const KeyEdit edit = read_key_edit(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_state(call, call.parts.issuer.edit_key(call.id, edit, call.actor(), *condition));
}

Outcome end_retiring(const Call& call) {
  return change_plainly(
      call, [](Issuer& issuer, auto&&... arguments) { return issuer.end_retiring(arguments...); });
}

Outcome back_out(const Call& call) { return change_plainly(call, &Issuer::back_out); }

Outcome suspend_key(const Call& call) { return change_for_cause(call, &Issuer::suspend_key); }

Outcome resume_key(const Call& call) { return change_plainly(call, &Issuer::resume_key); }

Outcome revoke_key(const Call& call) { return change_for_cause(call, &Issuer::revoke_key); }

}  // namespace counterfoil
