#include <cstddef>
#include <expected>
#include <string>

#include "doors/management/api_fault.h"
#include "doors/management/backup_facts.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"

namespace counterfoil {
namespace {

constexpr std::size_t kFileNameBytesMax = 4096;

}  // namespace

Outcome create_backup(const Call& call) {
  MemberReader members(call.body);
  const std::string file = members.required_text("file", kFileNameBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto made = call.parts.create_backup(call.actor(), file);
  if (!made) {
    return std::unexpected(fault_of(made.error()));
  }
  constexpr int kCreated = 201;
  return reply({{"file", made->file},
                {"bytes", made->bytes},
                {"time", made->time},
                {"audit_seq", made->audit_seq},
                {"audit_hash", made->audit_hash},
                {"accounts", made->accounts},
                {"api_keys", made->api_keys}},
               kCreated);
}

}  // namespace counterfoil
