#pragma once

#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <cstdlib>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"

// What the benches compare with: the plain use of OpenSSL, a new context for each signature.
namespace counterfoil::bench {

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// bare_hmac: EVP_MAC with a new context, the key set, freed.
inline void bare_hmac(benchmark::State& state, ByteView secret, ByteView message) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> params{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  Digest tag{};
  for (auto _ : state) {
    EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
    std::size_t size = 0;
    EVP_MAC_init(context, secret.data(), secret.size(), params.data());
    EVP_MAC_update(context, message.data(), message.size());
    EVP_MAC_final(context, tag.data(), &size, tag.size());
    EVP_MAC_CTX_free(context);
    benchmark::DoNotOptimize(tag);
  }
  require(tag == HmacKey::from_secret(secret)->mac(message));
  EVP_MAC_free(mac);
}

// bare_verify: EVP_DigestVerify with a new context; a null `digest` for Ed25519.
inline void bare_verify(benchmark::State& state, const PublicKey& key, ByteView message,
                        ByteView signature, const EVP_MD* digest) {
  const std::uint8_t* der = key.spki_der().data();
  EVP_PKEY* const opened = d2i_PUBKEY(nullptr, &der, static_cast<long>(key.spki_der().size()));
  int verified = 0;
  for (auto _ : state) {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, digest, nullptr, opened);
    verified = EVP_DigestVerify(context, signature.data(), signature.size(), message.data(),
                                message.size());
    EVP_MD_CTX_free(context);
    benchmark::DoNotOptimize(verified);
  }
  require(verified == 1);
  EVP_PKEY_free(opened);
}

}  // namespace counterfoil::bench
