// Every Wycheproof file that is there, whatever its name: what is in it decides which test it is.
// "acceptable" must be refused (control S-26).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/aes_gcm.h"
#include "crypto/digest.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/p256_verifier.h"
#include "crypto/public_key.h"
#include "crypto/secret_peek.h"
#include "crypto/vector_files.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using vectors::bytes;
using Bytes = std::vector<std::uint8_t>;

// A judge says whether we accept one test; nullopt: not for us, counted as skipped.
using Judge = std::optional<bool> (*)(const json& group, const json& test);

std::optional<bool> judge_signature(const json& group, const json& test) {
  const auto key = PublicKey::from_stored(bytes(group["publicKeyDer"]));
  if (!key) {
    return std::nullopt;  // A size we do not take.
  }
  const auto verifier = VerificationKey::from_public_key(*key);
  return verifier && verifier->verify(bytes(test["msg"]), bytes(test["sig"]));
}

std::optional<bool> judge_rsa(const json& group, const json& test) {
  return group.value("sha", "") == "SHA-256" ? judge_signature(group, test) : std::nullopt;
}

// The coordinates stand behind the 04 of an uncompressed point.
std::optional<bool> judge_p256(const json& group, const json& test) {
  if (group.value("sha", "") != "SHA-256" || group["publicKey"].value("curve", "") != "secp256r1") {
    return std::nullopt;
  }
  const Bytes point = bytes(group["publicKey"]["uncompressed"]);
  const auto key = P256Verifier::create(ByteView(point).subspan(1, 32), ByteView(point).last(32));
  return key && key->verify(bytes(test["msg"]), bytes(test["sig"]));
}

std::optional<bool> judge_hmac(const json& /*group*/, const json& test) {
  const auto key = HmacKey::from_secret(bytes(test["key"]));
  if (!key) {
    return std::nullopt;
  }
  const Bytes message = bytes(test["msg"]);
  const Bytes tag = bytes(test["tag"]);
  const Digest mac = key->mac(message);
  const bool begins_so =
      tag.size() <= mac.size() && std::ranges::equal(tag, ByteView(mac).first(tag.size()));
  if (tag.size() == mac.size()) {
    EXPECT_EQ(key->verify(message, ByteView(tag).first<32>()), begins_so);
  }
  return begins_so;
}

std::optional<bool> judge_gcm(const json& group, const json& test) {
  if (group["ivSize"] != kGcmNonceBytes * 8 || group["tagSize"] != kGcmTagBytes * 8) {
    return std::nullopt;
  }
  const Bytes key = bytes(test["key"]);
  const Bytes nonce = bytes(test["iv"]);
  const Bytes place = bytes(test["aad"]);
  const Bytes message = bytes(test["msg"]);
  Bytes sealed = bytes(test["ct"]);
  const Bytes tag = bytes(test["tag"]);
  sealed.insert(sealed.end(), tag.begin(), tag.end());
  GcmJob job;
  if (test["result"] == "valid") {
    Bytes again(message.size() + kGcmTagBytes);
    EXPECT_EQ(job.seal(key, ByteView(nonce).first<kGcmNonceBytes>(), place, message, again),
              GcmResult::kOk);
    EXPECT_EQ(again, sealed);
  }
  Bytes opened(sealed.size() - kGcmTagBytes);
  const auto result = job.open(key, ByteView(nonce).first<kGcmNonceBytes>(), place, sealed, opened);
  return result == GcmResult::kOk && opened == message;
}

std::optional<bool> judge_hkdf(const json& /*group*/, const json& test) {
  const auto derived = hkdf_sha256(bytes(test["ikm"]), bytes(test["salt"]), bytes(test["info"]),
                                   test["size"].get<std::size_t>());
  return derived && std::ranges::equal(SecretPeek::at(*derived), bytes(test["okm"]));
}

struct Kind {
  std::string_view group_type;
  std::string_view algorithm;
  Judge judge;
};
constexpr Kind kKinds[] = {
    {"EddsaVerify", "EDDSA", judge_signature},
    {"RsassaPkcs1Verify", "RSASSA-PKCS1-v1_5", judge_rsa},
    {"EcdsaP1363Verify", "ECDSA", judge_p256},
    {"MacTest", "HMACSHA256", judge_hmac},
    {"AeadTest", "AES-GCM", judge_gcm},
    {"HkdfTest", "HKDF-SHA-256", judge_hkdf},
};

// kind_of gives nullptr for what we do not do: ECDSA in DER, SHA-512, ...
const Kind* kind_of(const json& file) {
  const json group = file["testGroups"].empty() ? json::object() : file["testGroups"][0];
  const auto* const kind = std::ranges::find_if(kKinds, [&](const Kind& row) {
    return group.value("type", "") == row.group_type &&
           file.value("algorithm", "") == row.algorithm;
  });
  return kind == std::end(kKinds) ? nullptr : kind;
}

struct Count {
  std::size_t run = 0;
  std::size_t skipped = 0;
};

Count run_file(const Kind& kind, const json& file) {
  Count count;
  for (const json& group : file["testGroups"]) {
    for (const json& test : group["tests"]) {
      const std::optional<bool> accepted = kind.judge(group, test);
      if (!accepted) {
        ++count.skipped;
        continue;
      }
      ++count.run;
      EXPECT_EQ(*accepted, test["result"] == "valid") << test["tcId"] << " " << test["comment"];
    }
  }
  return count;
}

std::size_t tests_in(const json& file) {
  std::size_t count = 0;
  for (const json& group : file["testGroups"]) {
    count += group["tests"].size();
  }
  return count;
}

bool is_wycheproof(const json& file) {
  return file.is_object() && file.contains("testGroups") && file["testGroups"].is_array();
}

class Wycheproof : public testing::TestWithParam<Kind> {};

TEST_P(Wycheproof, GivesTheStatedAnswers) {
  std::size_t files = 0;
  for (const std::filesystem::path& path : vectors::files_ending("_test.json")) {
    const json file = vectors::read_json(path);
    const Kind* kind = is_wycheproof(file) ? kind_of(file) : nullptr;
    if (kind == nullptr || kind->group_type != GetParam().group_type) {
      continue;
    }
    SCOPED_TRACE(vectors::shown(path));
    const Count count = run_file(GetParam(), file);
    std::cout << vectors::shown(path) << ": " << count.run << " run, " << count.skipped
              << " skipped\n";
    EXPECT_EQ(count.run + count.skipped, tests_in(file));
    ++files;
  }
  if (files == 0) {
    GTEST_SKIP() << "no Wycheproof file of type " << GetParam().group_type << " below "
                 << vectors::shared_folder() << "; set COUNTERFOIL_VECTORS";
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Wycheproof, testing::ValuesIn(kKinds),
                         [](const auto& row) { return std::string(row.param.group_type); });

// No file may drop out unnoticed: one that is no JSON or has another form fails, and one of an
// algorithm that we do not have says so.
TEST(WycheproofFiles, AreAllReadOrNamed) {
  for (const std::filesystem::path& path : vectors::files_ending("_test.json")) {
    const json file = vectors::read_json(path);
    ASSERT_TRUE(is_wycheproof(file)) << path << " is not a file of test groups";
    if (kind_of(file) == nullptr) {
      std::cout << vectors::shown(path) << ": 0 run, " << tests_in(file)
                << " skipped: " << file.value("algorithm", "an algorithm without name")
                << " is not used here\n";
    }
  }
}

// What may be left out of the known files, so that a mistake in a judge cannot skip tests
// unnoticed.
struct Skipped {
  std::string_view file;
  std::size_t tests;
  std::size_t skipped;
};
constexpr Skipped kSkipped[] = {
    {"ed25519_test.json", 101, 0},
    {"rsa_signature_2048_sha256_test.json", 173, 0},
    {"rsa_signature_3072_sha256_test.json", 173, 0},
    {"rsa_signature_4096_sha256_test.json", 172, 0},
    {"ecdsa_secp256r1_sha256_p1363_test.json", 175, 0},
    {"hmac_sha256_test.json", 116, 0},
    {"hkdf_sha256_test.json", 58, 0},
    {"aes_gcm_test.json", 211, 78},  // nonces of other lengths than 96 bits
};

TEST(WycheproofSkipped, IsWhatIsKnown) {
  std::size_t seen = 0;
  for (const Skipped& known : kSkipped) {
    const auto path = vectors::shared_folder() / "wycheproof" / known.file;
    const json file = std::filesystem::exists(path) ? vectors::read_json(path) : json();
    if (!is_wycheproof(file) || kind_of(file) == nullptr || tests_in(file) != known.tests) {
      continue;  // Another edition of the file.
    }
    SCOPED_TRACE(known.file);
    EXPECT_EQ(run_file(*kind_of(file), file).skipped, known.skipped);
    ++seen;
  }
  if (seen == 0) {
    GTEST_SKIP() << "no known Wycheproof file below " << vectors::shared_folder();
  }
}

}  // namespace
}  // namespace counterfoil
