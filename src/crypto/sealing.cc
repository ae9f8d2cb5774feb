#include "crypto/sealing.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/root_key.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kVersionBytes = 4;
constexpr std::size_t kWrapBytes = kNonceBytes + kKeyBytes + kTagBytes;
constexpr std::size_t kHeadBytes = 1 + kVersionBytes + kWrapBytes + kNonceBytes;

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// One context a thread, used again and again: making one costs more than sealing a secret.
EVP_CIPHER_CTX* context_of_thread() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, ContextFree> context(EVP_CIPHER_CTX_new());
  return context.get();
}

const EVP_CIPHER* cipher() {
  static EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return fetched;
}

// gcm_seal writes ciphertext and tag; `out` has plain.size() + kTagBytes.
bool gcm_seal(ByteView key, ByteView nonce, ByteView aad, ByteView plain,
              std::span<std::uint8_t> out) {
  EVP_CIPHER_CTX* const context = context_of_thread();
  int size = 0;
  return context != nullptr &&
         EVP_EncryptInit_ex2(context, cipher(), key.data(), nonce.data(), nullptr) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) ==
             1 &&
         EVP_EncryptUpdate(context, out.data(), &size, plain.data(),
                           static_cast<int>(plain.size())) == 1 &&
         EVP_EncryptFinal_ex(context, out.data() + plain.size(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                             out.data() + plain.size()) == 1;
}

// gcm_open reads ciphertext and tag. false: not what was sealed.
bool gcm_open(ByteView key, ByteView nonce, ByteView aad, ByteView sealed,
              std::span<std::uint8_t> out) {
  EVP_CIPHER_CTX* const context = context_of_thread();
  std::array<std::uint8_t, kTagBytes> tag{};
  std::ranges::copy(sealed.last(kTagBytes), tag.begin());
  const ByteView ciphertext = sealed.first(sealed.size() - kTagBytes);
  int size = 0;
  return context != nullptr &&
         EVP_DecryptInit_ex2(context, cipher(), key.data(), nonce.data(), nullptr) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) ==
             1 &&
         EVP_DecryptUpdate(context, out.data(), &size, ciphertext.data(),
                           static_cast<int>(ciphertext.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context, out.data() + ciphertext.size(), &size) == 1;
}

void put_u32(std::string& out, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>((value >> shift) & 0xffU));
  }
}

std::uint32_t get_u32(ByteView bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes.first(kVersionBytes)) {
    value = (value << 8U) | byte;
  }
  return value;
}

void put_text(std::string& out, std::string_view text) {
  put_u32(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

std::string value_aad(const SealContext& context) {
  std::string aad(1, static_cast<char>(kFormat));
  for (const std::string_view text :
       {context.table, context.record_id, context.account_id, context.field}) {
    put_text(aad, text);
  }
  return aad;
}

std::string wrap_aad(std::string_view record_id, std::uint32_t version) {
  std::string aad = "counterfoil-wrap";
  put_text(aad, record_id);
  put_u32(aad, version);
  return aad;
}

constexpr std::string_view kSealingKeyRecord = "sealing-key";

}  // namespace

std::expected<std::vector<std::uint8_t>, CryptoError> Sealing::new_key(const RootKey& root,
                                                                       RandomSource& random) {
  auto key = SecretBytes::random(kKeyBytes, random);
  if (!key) {
    return std::unexpected(key.error());
  }
  const std::uint32_t version = keys_.empty() ? 1 : keys_.rbegin()->first + 1;
  std::vector<std::uint8_t> wrapped(1 + kVersionBytes + kWrapBytes);
  std::string head(1, static_cast<char>(kFormat));
  put_u32(head, version);
  std::ranges::copy(as_bytes(head), wrapped.begin());
  const std::span<std::uint8_t> nonce = std::span(wrapped).subspan(head.size(), kNonceBytes);
  if (!random.fill(nonce)) {
    return std::unexpected(CryptoError::kNoRandomness);
  }
  if (!gcm_seal(root.bytes_.reveal(SecretAccess{}), nonce,
                as_bytes(wrap_aad(kSealingKeyRecord, version)), key->reveal(SecretAccess{}),
                std::span(wrapped).subspan(head.size() + kNonceBytes))) {
    return std::unexpected(CryptoError::kLibrary);
  }
  keys_.emplace(version, SealingKey(version, std::move(*key), 0));
  return wrapped;
}

std::expected<void, OpenError> Sealing::add_key(const RootKey& root, ByteView wrapped,
                                                std::uint64_t wraps_used) {
  if (wrapped.size() != 1 + kVersionBytes + kWrapBytes || wrapped[0] != kFormat) {
    return std::unexpected(OpenError::kTampered);
  }
  const std::uint32_t version = get_u32(wrapped.subspan(1));
  auto key = SecretBytes::create(kKeyBytes);
  if (!key) {
    return std::unexpected(OpenError::kNoSecretMemory);
  }
  const ByteView wrap = wrapped.subspan(1 + kVersionBytes);
  if (!gcm_open(root.bytes_.reveal(SecretAccess{}), wrap.first(kNonceBytes),
                as_bytes(wrap_aad(kSealingKeyRecord, version)), wrap.subspan(kNonceBytes),
                key->span_for_filling(SecretAccess{}))) {
    return std::unexpected(OpenError::kTampered);
  }
  keys_.insert_or_assign(version, SealingKey(version, std::move(*key), wraps_used));
  return {};
}

std::expected<std::vector<std::uint8_t>, CryptoError> Sealing::seal(const SealContext& context,
                                                                    const SecretBytes& plain,
                                                                    RandomSource& random) {
  return seal(context, plain.reveal(SecretAccess{}), random);
}

std::expected<std::vector<std::uint8_t>, CryptoError> Sealing::seal(const SealContext& context,
                                                                    ByteView plain,
                                                                    RandomSource& random) {
  if (keys_.empty()) {
    return std::unexpected(CryptoError::kLibrary);
  }
  SealingKey& wrapper = keys_.rbegin()->second;
  if (wrapper.wraps_used_ >= wraps_max_) {
    return std::unexpected(CryptoError::kLimitReached);
  }
  auto data_key = SecretBytes::random(kKeyBytes, random);
  if (!data_key) {
    return std::unexpected(data_key.error());
  }
  ++wrapper.wraps_used_;
  std::vector<std::uint8_t> sealed(kHeadBytes + plain.size() + kTagBytes);
  std::string head(1, static_cast<char>(kFormat));
  put_u32(head, wrapper.version_);
  std::ranges::copy(as_bytes(head), sealed.begin());
  const std::span<std::uint8_t> all(sealed);
  const auto wrap_nonce = all.subspan(head.size(), kNonceBytes);
  const auto wrap = all.subspan(head.size() + kNonceBytes, kKeyBytes + kTagBytes);
  const auto value_nonce = all.subspan(head.size() + kWrapBytes, kNonceBytes);
  if (!random.fill(wrap_nonce) || !random.fill(value_nonce)) {
    return std::unexpected(CryptoError::kNoRandomness);
  }
  const ByteView key = data_key->reveal(SecretAccess{});
  if (!gcm_seal(wrapper.key_.reveal(SecretAccess{}), wrap_nonce,
                as_bytes(wrap_aad(context.record_id, wrapper.version_)), key, wrap) ||
      !gcm_seal(key, value_nonce, as_bytes(value_aad(context)), plain, all.subspan(kHeadBytes))) {
    return std::unexpected(CryptoError::kLibrary);
  }
  return sealed;
}

std::expected<SecretBytes, OpenError> Sealing::open(const SealContext& context,
                                                    ByteView sealed) const {
  if (sealed.size() < kHeadBytes + kTagBytes || sealed[0] != kFormat) {
    return std::unexpected(OpenError::kTampered);
  }
  const std::uint32_t version = get_u32(sealed.subspan(1));
  const auto wrapper = keys_.find(version);
  if (wrapper == keys_.end()) {
    return std::unexpected(OpenError::kUnknownKey);
  }
  auto data_key = SecretBytes::create(kKeyBytes);
  auto plain = SecretBytes::create(sealed.size() - kHeadBytes - kTagBytes);
  if (!data_key || !plain) {
    return std::unexpected(OpenError::kNoSecretMemory);
  }
  const ByteView wrap = sealed.subspan(1 + kVersionBytes, kWrapBytes);
  const ByteView value_nonce = sealed.subspan(1 + kVersionBytes + kWrapBytes, kNonceBytes);
  if (!gcm_open(wrapper->second.key_.reveal(SecretAccess{}), wrap.first(kNonceBytes),
                as_bytes(wrap_aad(context.record_id, version)), wrap.subspan(kNonceBytes),
                data_key->span_for_filling(SecretAccess{})) ||
      !gcm_open(data_key->reveal(SecretAccess{}), value_nonce, as_bytes(value_aad(context)),
                sealed.subspan(kHeadBytes), plain->span_for_filling(SecretAccess{}))) {
    return std::unexpected(OpenError::kTampered);
  }
  return std::move(*plain);
}

}  // namespace counterfoil
