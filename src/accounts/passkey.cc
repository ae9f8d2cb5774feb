#include "accounts/passkey.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/err.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <fido/types.h>

#include <algorithm>
#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "accounts/authenticator_data.h"
#include "accounts/client_data.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

template <typename T, void (*Release)(T**)>
struct Releaser {
  void operator()(T* object) const { Release(&object); }
};
template <typename T, void (*Release)(T**)>
using Owner = std::unique_ptr<T, Releaser<T, Release>>;

using Credential = Owner<fido_cred_t, fido_cred_free>;
using Assertion = Owner<fido_assert_t, fido_assert_free>;

constexpr auto kAlgorithms =
    std::to_array({PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256});

// PublicKey is a public key in the library's form, whichever it is.
class LibraryKey {
 public:
  explicit LibraryKey(PasskeyAlgorithm algorithm, ByteView bytes) {
    switch (algorithm) {
      case PasskeyAlgorithm::kEs256:
        es256_.reset(es256_pk_new());
        is_usable_ = es256_ != nullptr &&
                     es256_pk_from_ptr(es256_.get(), bytes.data(), bytes.size()) == FIDO_OK;
        key_ = es256_.get();
        return;
      case PasskeyAlgorithm::kEdDsa:
        eddsa_.reset(eddsa_pk_new());
        is_usable_ = eddsa_ != nullptr &&
                     eddsa_pk_from_ptr(eddsa_.get(), bytes.data(), bytes.size()) == FIDO_OK;
        key_ = eddsa_.get();
        return;
      case PasskeyAlgorithm::kRs256:
        rs256_.reset(rs256_pk_new());
        is_usable_ = rs256_ != nullptr &&
                     rs256_pk_from_ptr(rs256_.get(), bytes.data(), bytes.size()) == FIDO_OK;
        key_ = rs256_.get();
        return;
    }
    std::unreachable();
  }
  [[nodiscard]] const void* get() const { return is_usable_ ? key_ : nullptr; }

 private:
  Owner<es256_pk_t, es256_pk_free> es256_;
  Owner<eddsa_pk_t, eddsa_pk_free> eddsa_;
  Owner<rs256_pk_t, rs256_pk_free> rs256_;
  bool is_usable_ = false;
  const void* key_ = nullptr;
};

std::optional<PasskeyFault> fault_of_party_and_flags(const RelyingParty& party,
                                                     const AuthenticatorData& data) {
  if (!std::ranges::equal(sha256(as_bytes(party.id)), data.relying_party_hash)) {
    return PasskeyFault::kWrongRelyingParty;
  }
  if (!data.has(AuthenticatorData::kUserPresent)) {
    return PasskeyFault::kUserNotPresent;
  }
  if (!data.has(AuthenticatorData::kUserVerified)) {
    return PasskeyFault::kUserNotVerified;
  }
  return std::nullopt;
}

// Reads the public key out of the authenticator's data. The library wants to be told the algorithm.
std::expected<Passkey, PasskeyFault> read_key(ByteView authenticator_data) {
  for (const PasskeyAlgorithm algorithm : kAlgorithms) {
    const Credential credential(fido_cred_new());
    if (credential == nullptr ||
        fido_cred_set_type(credential.get(), static_cast<int>(algorithm)) != FIDO_OK ||
        fido_cred_set_authdata_raw(credential.get(), authenticator_data.data(),
                                   authenticator_data.size()) != FIDO_OK) {
      continue;
    }
    const ByteView key(fido_cred_pubkey_ptr(credential.get()),
                       fido_cred_pubkey_len(credential.get()));
    const ByteView id(fido_cred_id_ptr(credential.get()), fido_cred_id_len(credential.get()));
    if (LibraryKey(algorithm, key).get() == nullptr) {
      return std::unexpected(PasskeyFault::kKeyInvalid);
    }
    return Passkey{.id = {id.begin(), id.end()},
                   .algorithm = algorithm,
                   .public_key = {key.begin(), key.end()},
                   .name = {}};
  }
  return std::unexpected(PasskeyFault::kAlgorithm);
}

bool verify_signature(const RelyingParty& party, const PasskeyAssertion& made,
                      const Passkey& stored) {
  const LibraryKey key(stored.algorithm, stored.public_key);
  const Assertion assertion(fido_assert_new());
  const ByteView client_data = as_bytes(made.client_data_json);
  return key.get() != nullptr && assertion != nullptr &&
         fido_assert_set_rp(assertion.get(), party.id.c_str()) == FIDO_OK &&
         fido_assert_set_clientdata(assertion.get(), client_data.data(), client_data.size()) ==
             FIDO_OK &&
         fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
         fido_assert_set_authdata_raw(assertion.get(), 0, made.authenticator_data.data(),
                                      made.authenticator_data.size()) == FIDO_OK &&
         fido_assert_set_sig(assertion.get(), 0, made.signature.data(), made.signature.size()) ==
             FIDO_OK &&
         fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
         fido_assert_set_uv(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
         fido_assert_verify(assertion.get(), 0, static_cast<int>(stored.algorithm), key.get()) ==
             FIDO_OK;
}

bool is_passkey_id(ByteView id) {
  return id.size() >= kPasskeyIdBytesMin && id.size() <= kPasskeyIdBytesMax;
}

}  // namespace

std::string_view describe(PasskeyFault fault) {
  switch (fault) {
    case PasskeyFault::kMalformed:
      return "what the browser sent for this passkey cannot be read";
    case PasskeyFault::kWrongType:
      return "the passkey was used for something else";
    case PasskeyFault::kWrongChallenge:
      return "the passkey answered another question; begin again";
    case PasskeyFault::kWrongOrigin:
      return "the passkey was asked for by a page of another origin";
    case PasskeyFault::kWrongRelyingParty:
      return "the passkey belongs to another site";
    case PasskeyFault::kUserNotPresent:
      return "the passkey was used without anybody there";
    case PasskeyFault::kUserNotVerified:
      return "the authenticator did not check who uses it; set a PIN or a fingerprint on it";
    case PasskeyFault::kAlgorithm:
      return "the passkey is of a type that is not taken; ES256, EdDSA and RS256 are";
    case PasskeyFault::kKeyInvalid:
      return "the passkey's public key is not valid";
    case PasskeyFault::kWrongCredential:
      return "this is another passkey than the one named";
    case PasskeyFault::kSignature:
      return "the passkey's signature is wrong";
    case PasskeyFault::kCounterWentBack:
      return "the passkey has counted backwards, so there may be a copy of it; remove it and add "
             "another";
  }
  std::unreachable();
}

std::expected<Passkey, PasskeyFault> verify_registration(const RelyingParty& party,
                                                         ByteView challenge,
                                                         const PasskeyRegistration& made,
                                                         Timestamp now) {
  if (made.attestation_object.size() > kAttestationBytesMax) {
    return std::unexpected(PasskeyFault::kMalformed);
  }
  if (const auto fault =
          fault_of_client_data(made.client_data_json, "webauthn.create", challenge, party)) {
    return std::unexpected(*fault);
  }
  const auto bytes = authenticator_data_of(made.attestation_object);
  const auto data = bytes ? read_authenticator_data(*bytes) : std::nullopt;
  if (!data || bytes->size() > kAuthenticatorDataBytesMax ||
      !data->has(AuthenticatorData::kHasCredential) || !is_passkey_id(data->credential_id)) {
    return std::unexpected(PasskeyFault::kMalformed);
  }
  if (const auto fault = fault_of_party_and_flags(party, *data)) {
    return std::unexpected(*fault);
  }
  auto passkey = read_key(*bytes);
  if (!passkey) {
    return passkey;
  }
  if (passkey->id != made.id || !std::ranges::equal(passkey->id, data->credential_id)) {
    return std::unexpected(PasskeyFault::kWrongCredential);
  }
  passkey->counter = data->counter;
  passkey->created = now;
  return passkey;
}

std::expected<Passkey, PasskeyFault> verify_assertion(const RelyingParty& party, ByteView challenge,
                                                      const PasskeyAssertion& made,
                                                      const Passkey& stored, Timestamp now) {
  if (made.id != stored.id) {
    return std::unexpected(PasskeyFault::kWrongCredential);
  }
  if (made.authenticator_data.size() > kAuthenticatorDataBytesMax || made.signature.empty() ||
      made.signature.size() > kPasskeySignatureBytesMax) {
    return std::unexpected(PasskeyFault::kMalformed);
  }
  if (const auto fault =
          fault_of_client_data(made.client_data_json, "webauthn.get", challenge, party)) {
    return std::unexpected(*fault);
  }
  const auto data = read_authenticator_data(made.authenticator_data);
  if (!data || data->has(AuthenticatorData::kHasCredential)) {
    return std::unexpected(PasskeyFault::kMalformed);
  }
  if (const auto fault = fault_of_party_and_flags(party, *data)) {
    return std::unexpected(*fault);
  }
  if (!verify_signature(party, made, stored)) {
    return std::unexpected(PasskeyFault::kSignature);
  }
  // "If ... either is nonzero": section 7.2 step 21. It comes last, so that only the passkey itself
  // raises the alarm.
  if ((data->counter != 0 || stored.counter != 0) && data->counter <= stored.counter) {
    return std::unexpected(PasskeyFault::kCounterWentBack);
  }
  Passkey used = stored;
  used.counter = data->counter;
  used.last_used = now;
  return used;
}

}  // namespace counterfoil
