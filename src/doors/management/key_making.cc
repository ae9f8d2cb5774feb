#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/issuer.h"
#include "base/account_id.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/import_rows.h"
#include "doors/management/json.h"
#include "doors/management/key_members.h"
#include "doors/management/member_reader.h"
#include "doors/management/views.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

// reply_issued answers with the key, its secret if it has one, and the receipt of a rotation.
Outcome reply_issued(const Call& call, const Issuer::Result<Issued>& issued, int status) {
  if (!issued) {
    return std::unexpected(fault_of(issued.error()));
  }
  Json json = to_json(issued->key, call.parts.issuer.permissions(), call.parts.clock.now());
  add_receipt(issued->receipt, json);
  ApiAnswer answer =
      issued->secret ? reply_once(json, *issued->secret, status) : reply(json, status);
  tag(call, issued->key, answer);
  return answer;
}

void locate(Outcome& made) {
  if (made && made->status == 201) {
    // The id stands in the body; here for those who follow links.
    constexpr std::string_view kStart = "{\"api_key\":\"";
    const std::string_view body(made->body);
    made->headers.emplace_back(
        "Location", "/api/v1/keys/" + std::string(body.substr(kStart.size(), ApiKeyId::kSize)));
  }
}

}  // namespace

Outcome create_key(const Call& call) {
  MemberReader members(call.body);
  NewKey wanted = read_new_key(members);
  wanted.material = read_material(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  Outcome made = reply_issued(call, call.parts.issuer.create_key(wanted, call.actor()), 201);
  locate(made);
  return made;
}

Outcome import_key(const Call& call) {
  const auto wanted = read_imported_key(call.body);
  if (!wanted) {
    return std::unexpected(wanted.error());
  }
  const auto imported = call.parts.issuer.import_key(*wanted, call.actor());
  if (!imported) {
    return std::unexpected(fault_of(imported.error()));
  }
  Outcome made = reply_changed(call, *imported, std::nullopt, 201);
  locate(made);
  return made;
}

Outcome make_challenge(const Call& call) {
  MemberReader members(call.body);
  const std::string account = members.required_text("account", AccountId::kSizeMax);
  const std::string public_key = members.required_text("public_key", kPublicKeyBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto challenge = call.parts.issuer.challenge(account, public_key);
  if (!challenge) {
    return std::unexpected(fault_of(challenge.error()));
  }
  return reply({{"nonce", challenge->nonce}, {"text", challenge->text}}, 201);
}

Outcome rotate_key(const Call& call) {
  const auto condition = only_if(call);
  if (!condition) {
    return std::unexpected(condition.error());
  }
  MemberReader members(call.body);
  const KeyMaterial material = read_material(members);
  const std::int64_t overlap =
      members.number("overlap_s", 0, kOverlapMax.count()).value_or(kOverlapDefault.count());
  RotationEnd end{.overlap = std::chrono::seconds(overlap)};
  if (const auto quiet = members.number("quiet_s", 0, kOverlapMax.count())) {
    end.quiet_for = std::chrono::seconds(*quiet);
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_issued(
      call, call.parts.issuer.rotate_key(call.id, material, end, call.actor(), *condition), 200);
}

}  // namespace counterfoil
