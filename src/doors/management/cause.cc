#include "doors/management/cause.h"

#include <expected>
#include <string>

#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/member_reader.h"

namespace counterfoil {

std::expected<std::string, ApiFault> read_cause(const Call& call) {
  MemberReader members(call.body);
  std::string cause = members.text("cause", kCauseBytesMax).value_or("");
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  return cause;
}

std::expected<void, ApiFault> no_members(const Call& call) {
  MemberReader members(call.body);
  return members.finish();
}

}  // namespace counterfoil
