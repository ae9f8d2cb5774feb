#include "doors/management/passkey_json.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/passkey_challenges.h"
#include "authority/people_desk.h"
#include "authority/second_factor.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "doors/management/member_reader.h"

namespace counterfoil {
namespace {

constexpr std::size_t kChallengeIdBytesMax = 256;
constexpr std::string_view kType = "public-key";

std::vector<std::uint8_t> read_bytes(MemberReader& members, std::string_view name,
                                     std::size_t bytes_max) {
  const std::string text = members.required_text(name, (bytes_max * 4 + 2) / 3);
  auto bytes = from_base64url(text);
  if (!bytes) {
    members.refuse("json_type", "\"" + std::string(name) + "\" is not base64url without padding",
                   name);
  }
  return std::move(bytes).value_or(std::vector<std::uint8_t>());
}

// take_fault hands what is wrong inside on to the reader outside.
void take_fault(MemberReader& inner, OtherMembers others, MemberReader& outer) {
  if (const auto fine = inner.finish(others); !fine) {
    outer.refuse_as(fine.error());
  }
}

// Credential is what both answers of a browser have in common.
struct Credential {
  std::vector<std::uint8_t> id;
  std::string client_data_json;
};

// read_credential reads it and hands the members of its response to `more`.
template <typename More>
Credential read_credential(MemberReader& members, std::string_view name, const More& more) {
  Credential read;
  JsonValue* const value = members.object(name);
  if (value == nullptr) {
    members.refuse("member_missing", "\"" + std::string(name) + "\" is missing", name);
    return read;
  }
  MemberReader credential(*value, std::string(name) + ".");
  read.id = read_bytes(credential, "id", kPasskeyIdBytesMax);
  JsonValue* const response = credential.object("response");
  if (response == nullptr) {
    credential.refuse("member_missing", "\"response\" is missing", "response");
  } else {
    MemberReader inside(*response, std::string(name) + ".response.");
    read.client_data_json =
        std::string(as_text(read_bytes(inside, "clientDataJSON", kClientDataBytesMax)));
    more(inside);
    take_fault(inside, OtherMembers::kPassOver, credential);
  }
  take_fault(credential, OtherMembers::kPassOver, members);
  return read;
}

Json descriptors(const std::vector<std::vector<std::uint8_t>>& ids) {
  Json list = Json::array();
  for (const std::vector<std::uint8_t>& id : ids) {
    list.push_back({{"type", kType}, {"id", to_base64url(id)}});
  }
  return list;
}

std::int64_t timeout_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(PasskeyChallenges::kLife).count();
}

}  // namespace

std::optional<PasskeyAnswer> read_passkey_answer(MemberReader& members, std::string_view name) {
  JsonValue* const value = members.object(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  MemberReader answer(*value, std::string(name) + ".");
  PasskeyAnswer read;
  read.challenge_id = answer.required_text("challenge_id", kChallengeIdBytesMax);
  Credential credential = read_credential(answer, "credential", [&](MemberReader& response) {
    read.assertion.authenticator_data =
        read_bytes(response, "authenticatorData", kAuthenticatorDataBytesMax);
    read.assertion.signature = read_bytes(response, "signature", kPasskeySignatureBytesMax);
  });
  read.assertion.id = std::move(credential.id);
  read.assertion.client_data_json = std::move(credential.client_data_json);
  take_fault(answer, OtherMembers::kRefuse, members);
  return read;
}

PasskeyRegistration read_passkey_registration(MemberReader& members, std::string_view name) {
  PasskeyRegistration read;
  Credential credential = read_credential(members, name, [&](MemberReader& response) {
    read.attestation_object = read_bytes(response, "attestationObject", kAttestationBytesMax);
  });
  read.id = std::move(credential.id);
  read.client_data_json = std::move(credential.client_data_json);
  return read;
}

Json request_options(const RelyingParty& party, ByteView challenge,
                     const std::vector<std::vector<std::uint8_t>>& allowed) {
  return {{"challenge", to_base64url(challenge)},
          {"timeout", timeout_ms()},
          {"rpId", party.id},
          {"allowCredentials", descriptors(allowed)},
          {"userVerification", "required"}};
}

Json creation_options(const RelyingParty& party, ByteView challenge, const Person& person) {
  Json algorithms = Json::array();
  for (const PasskeyAlgorithm algorithm :
       {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
    algorithms.push_back({{"type", kType}, {"alg", static_cast<std::int32_t>(algorithm)}});
  }
  std::vector<std::vector<std::uint8_t>> known;
  known.reserve(person.passkeys.size());
  for (const Passkey& passkey : person.passkeys) {
    known.push_back(passkey.id);
  }
  const auto handle = from_hex(person.id.text()).value_or(std::vector<std::uint8_t>());
  return {{"rp", {{"id", party.id}, {"name", "Counterfoil"}}},
          {"user",
           {{"id", to_base64url(handle)}, {"name", person.email}, {"displayName", person.name}}},
          {"challenge", to_base64url(challenge)},
          {"pubKeyCredParams", std::move(algorithms)},
          {"timeout", timeout_ms()},
          {"excludeCredentials", descriptors(known)},
          {"authenticatorSelection",
           {{"residentKey", "required"},
            {"requireResidentKey", true},
            {"userVerification", "required"}}},
          {"attestation", "none"}};
}

}  // namespace counterfoil
