// Target: the bodies that browsers send: read_factor and read_passkey_registration on a JSON
// document, and canonical_json. Properties: what was read is within its limits; of several factors
// none is taken; the canonical form is read again as the same document.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "authority/people_desk.h"
#include "authority/second_factor.h"
#include "base/wiped_text.h"
#include "doors/management/factor_members.h"
#include "doors/management/json_value.h"
#include "doors/management/member_reader.h"
#include "doors/management/passkey_json.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_factor(JsonValue body) {
  MemberReader members(body);
  const FactorAnswer factor = read_factor(members);
  if (!members.finish(OtherMembers::kPassOver)) {
    return;
  }
  const int given = (factor.totp.empty() ? 0 : 1) + (factor.recovery_code.empty() ? 0 : 1) +
                    (factor.passkey ? 1 : 0);
  require(given <= 1);
  if (factor.passkey) {
    const PasskeyAssertion& used = factor.passkey->assertion;
    require(used.id.size() <= kPasskeyIdBytesMax);
    require(used.client_data_json.size() <= kClientDataBytesMax);
    require(used.authenticator_data.size() <= kAuthenticatorDataBytesMax);
    require(used.signature.size() <= kPasskeySignatureBytesMax);
  }
}

void check_registration(JsonValue body) {
  MemberReader members(body);
  const PasskeyRegistration made = read_passkey_registration(members, "credential");
  if (members.finish(OtherMembers::kPassOver)) {
    require(made.id.size() <= kPasskeyIdBytesMax);
    require(made.client_data_json.size() <= kClientDataBytesMax);
    require(made.attestation_object.size() <= kAttestationBytesMax);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = parse_json({reinterpret_cast<const char*>(data), size});
  if (!body) {
    return 0;
  }
  const WipedText canonical = canonical_json(*body);
  const auto again = parse_json(canonical);
  require(again.has_value() && canonical_json(*again) == canonical);
  check_factor(*body);
  check_registration(*body);
  return 0;
}
