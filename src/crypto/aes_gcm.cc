#include "crypto/aes_gcm.h"

#include <openssl/evp.h>
#include <openssl/types.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace counterfoil {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
using Cipher = std::unique_ptr<EVP_CIPHER, FreeCipher>;

enum class Direction : std::uint8_t { kOpen = 0, kSeal = 1 };

// fetch_cipher asks once a process: a look-up by name costs more than sealing.
const EVP_CIPHER* fetch_cipher(std::size_t key_bytes) {
  static const Cipher kAes128(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  static const Cipher kAes192(EVP_CIPHER_fetch(nullptr, "AES-192-GCM", nullptr));
  static const Cipher kAes256(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  switch (key_bytes) {
    case 16:
      return kAes128.get();
    case 24:
      return kAes192.get();
    case kGcmKeyBytes:
      return kAes256.get();
    default:
      return nullptr;
  }
}

// The context of this thread and the cipher it is set to.
struct ThreadContext {
  Context context;
  const EVP_CIPHER* cipher = nullptr;
};
ThreadContext& thread_context() {
  thread_local ThreadContext the_context;
  return the_context;
}

// prepare sets key and nonce; nullptr if the library failed.
EVP_CIPHER_CTX* prepare(ByteView key, ByteView nonce, Direction direction) {
  ThreadContext& held = thread_context();
  if (!held.context) {
    held.context.reset(EVP_CIPHER_CTX_new());
  }
  const EVP_CIPHER* const cipher = fetch_cipher(key.size());
  if (!held.context || cipher == nullptr) {
    return nullptr;
  }
  const EVP_CIPHER* const change = held.cipher == cipher ? nullptr : cipher;
  if (EVP_CipherInit_ex(held.context.get(), change, nullptr, key.data(), nonce.data(),
                        static_cast<int>(direction)) != 1) {
    return nullptr;
  }
  held.cipher = cipher;
  return held.context.get();
}

// feed passes bytes through; `out` may be null for additional data.
bool feed(EVP_CIPHER_CTX* context, ByteView bytes, std::uint8_t* out) {
  int written = 0;
  return bytes.empty() || EVP_CipherUpdate(context, out, &written, bytes.data(),
                                           static_cast<int>(bytes.size())) == 1;
}

}  // namespace

GcmJob::~GcmJob() {
  const ThreadContext& held = thread_context();
  if (!held.context || held.cipher == nullptr) {
    return;
  }
  static constexpr std::array<std::uint8_t, kGcmKeyBytes> kNoKey{};
  if (EVP_CipherInit_ex(held.context.get(), nullptr, nullptr, kNoKey.data(), kNoKey.data(),
                        static_cast<int>(Direction::kOpen)) != 1) {
    std::abort();  // Otherwise the key would stay where a dump finds it.
  }
}

GcmResult GcmJob::seal(ByteView key, std::span<const std::uint8_t, kGcmNonceBytes> nonce,
                       ByteView additional_data, ByteView plaintext, std::span<std::uint8_t> out) {
  EVP_CIPHER_CTX* const context = prepare(key, nonce, Direction::kSeal);
  if (context == nullptr || out.size() != plaintext.size() + kGcmTagBytes) {
    return GcmResult::kLibraryFailure;
  }
  int written = 0;
  const auto tag = out.last(kGcmTagBytes);
  const bool done =
      feed(context, additional_data, nullptr) && feed(context, plaintext, out.data()) &&
      EVP_CipherFinal_ex(context, tag.data(), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag.data()) == 1;
  return done ? GcmResult::kOk : GcmResult::kLibraryFailure;
}

GcmResult GcmJob::open(ByteView key, std::span<const std::uint8_t, kGcmNonceBytes> nonce,
                       ByteView additional_data, ByteView sealed, std::span<std::uint8_t> out) {
  if (sealed.size() < kGcmTagBytes) {
    return GcmResult::kTagWrong;
  }
  EVP_CIPHER_CTX* const context = prepare(key, nonce, Direction::kOpen);
  if (context == nullptr || sealed.size() != out.size() + kGcmTagBytes) {
    return GcmResult::kLibraryFailure;
  }
  std::array<std::uint8_t, kGcmTagBytes> tag{};
  std::ranges::copy(sealed.last(kGcmTagBytes), tag.begin());
  std::array<std::uint8_t, kGcmTagBytes> nothing{};
  int written = 0;
  const bool fed =
      feed(context, additional_data, nullptr) &&
      feed(context, sealed.first(out.size()), out.data()) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1;
  if (!fed) {
    return GcmResult::kLibraryFailure;
  }
  return EVP_CipherFinal_ex(context, nothing.data(), &written) == 1 ? GcmResult::kOk
                                                                    : GcmResult::kTagWrong;
}

}  // namespace counterfoil
