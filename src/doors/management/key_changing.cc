#include <string>

#include "authority/issuer.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/key_members.h"
#include "doors/management/member_reader.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

Outcome reply_state(const Call& call, const Issuer::Result<ApiKey>& key) {
  if (!key) {
    return std::unexpected(fault_of(key.error()));
  }
  return reply_changed(call, *key);
}

}  // namespace

Outcome edit_key(const Call& call) {
  const auto condition = only_if(call.request);
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
  const auto condition = only_if(call.request);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_state(call, call.parts.issuer.end_retiring(call.id, call.actor(), *condition));
}

Outcome suspend_key(const Call& call) {
  const auto condition = only_if(call.request);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  const auto cause = read_cause(call);
  if (!cause) {
    return std::unexpected(cause.error());
  }
  return reply_state(call,
                     call.parts.issuer.suspend_key(call.id, *cause, call.actor(), *condition));
}

Outcome resume_key(const Call& call) {
  const auto condition = only_if(call.request);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_state(call, call.parts.issuer.resume_key(call.id, call.actor(), *condition));
}

Outcome revoke_key(const Call& call) {
  const auto condition = only_if(call.request);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  const auto cause = read_cause(call);
  if (!cause) {
    return std::unexpected(cause.error());
  }
  return reply_state(call, call.parts.issuer.revoke_key(call.id, *cause, call.actor(), *condition));
}

}  // namespace counterfoil
