#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "authority/problem.h"
#include "authority/sealing_rotation.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"

namespace counterfoil {
namespace {

constexpr std::size_t kFileNameBytesMax = 4096;

Json to_json(const SealingStatus& status) {
  Json keys = Json::array();
  for (const std::uint32_t version : status.versions) {
    keys.push_back({{"version", version}, {"seals", version == status.versions.back()}});
  }
  Json rotation(nullptr);
  if (status.versions.size() > 1) {
    rotation = {{"records", status.records},
                {"records_left", status.records_left},
                {"trouble", status.trouble ? Json({{"reason", status.trouble->reason},
                                                   {"detail", status.trouble->detail}})
                                           : Json(nullptr)}};
  }
  return {{"sealing_keys", std::move(keys)},
          {"rotation", std::move(rotation)},
          {"root_key",
           {{"id", status.root.id},
            {"file", status.root_key_file},
            {"next_id", status.root.next_id ? Json(*status.root.next_id) : Json(nullptr)}}}};
}

}  // namespace

Outcome show_secrets(const Call& call) { return reply(to_json(call.parts.secrets.status())); }

Outcome rotate_kek(const Call& call) {
  if (const auto none = no_members(call); !none) {
    return std::unexpected(none.error());
  }
  const auto begun = call.parts.secrets.begin(call.actor());
  if (!begun) {
    return std::unexpected(fault_of(begun.error()));
  }
  Json json = to_json(call.parts.secrets.status());
  json["begun"] = *begun;
  constexpr int kAccepted = 202;
  return reply(json, kAccepted);
}

Outcome rotate_root(const Call& call) {
  MemberReader members(call.body);
  const std::string file = members.required_text("file", kFileNameBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto rotated = call.parts.secrets.rotate_root(call.actor(), file);
  if (!rotated) {
    return std::unexpected(fault_of(rotated.error()));
  }
  Json json = to_json(call.parts.secrets.status());
  json["finished"] = rotated->is_finished;
  json["old_id"] = rotated->old_id;
  json["new_id"] = rotated->id;
  json["old_file"] = rotated->old_file.empty() ? Json(nullptr) : Json(rotated->old_file.string());
  json["trouble"] = rotated->trouble.empty() ? Json(nullptr) : Json(rotated->trouble);
  return reply(json);
}

Outcome scrub_secrets(const Call& call) {
  if (const auto none = no_members(call); !none) {
    return std::unexpected(none.error());
  }
  if (const auto done = call.parts.secrets.scrub(call.actor()); !done) {
    return std::unexpected(fault_of(done.error()));
  }
  return reply(to_json(call.parts.secrets.status()));
}

}  // namespace counterfoil
