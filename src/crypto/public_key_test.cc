#include "crypto/public_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/signature_scheme.h"
#include "crypto/vector_files.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;
using enum PublicKeyError;

json own_file(std::string_view name) {
  return vectors::read_json(vectors::source_folder() / "testdata" / "vectors" / name);
}
json openssl_keys() { return own_file("openssl_test_keys.json"); }
std::string good_pem() { return openssl_keys()["ed25519_public"]; }

PublicKeyError error_of(const std::expected<PublicKey, PublicKeyError>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? PublicKeyError{} : result.error();
}

// ---- the files of bad keys (control S-28)

Bytes ed25519_spki(const Bytes& point) {
  Bytes bits{0};
  append(bits, point);
  Bytes fields = der_element(DerTag::kSequence, kEd25519Algorithm);
  append(fields, der_element(DerTag::kBitString, bits));
  return der_element(DerTag::kSequence, fields);
}

std::expected<PublicKey, PublicKeyError> import_case(const json& row) {
  if (row.contains("pem")) {
    return PublicKey::import_text(row["pem"].get<std::string>());
  }
  return PublicKey::import_text(to_base64(ed25519_spki(vectors::bytes(row["public_key_hex"]))));
}

TEST(PublicKeyFiles, EveryBadKeyIsRefusedAndEveryGoodOneTaken) {
  std::size_t files = 0;
  for (const std::filesystem::path& path : vectors::files_ending("_bad_keys.json")) {
    const json file = vectors::read_json(path);
    ASSERT_TRUE(file.is_object() && file.contains("cases")) << path << " is not a file of cases";
    std::size_t run = 0;
    for (const json& row : file["cases"]) {
      EXPECT_EQ(import_case(row).has_value(), row["expect"] == "accept")
          << path << " " << row.value("name", "") << " " << row["why"];
      ++run;
    }
    std::cout << vectors::shown(path) << ": " << run << " run\n";
    EXPECT_GT(run, 0U);
    ++files;
  }
  EXPECT_GE(files, 2U);  // The copies in testdata/.
}

// Each for the reason that it was made for, not by luck.
const std::map<std::string, PublicKeyError>& rsa_reasons() {
  static const std::map<std::string, PublicKeyError> kReasons{
      {"small-512", kRsaTooSmall},
      {"small-1024", kRsaTooSmall},
      {"small-1536", kRsaTooSmall},
      {"small-2047", kRsaTooSmall},
      {"huge-16384", kRsaTooLarge},
      {"exponent-0", kRsaExponentRefused},
      {"exponent-1", kRsaExponentRefused},
      {"exponent-2", kRsaExponentRefused},
      {"exponent-3", kRsaExponentRefused},
      {"exponent-17", kRsaExponentRefused},
      {"exponent-65536", kRsaExponentRefused},
      {"exponent-long257", kRsaExponentRefused},
      {"exponent-long2048", kRsaExponentRefused},
      {"exponent-negative", kDerBroken},
      {"modulus-even", kRsaModulusEven},
      {"modulus-small-factor", kRsaSmallFactor},
      {"modulus-prime", kRsaModulusPrime},
      {"modulus-square", kRsaModulusSquare},
      {"modulus-fermat", kRsaCloseFactors},
      {"modulus-roca", kRsaRoca},
      {"modulus-negative", kDerBroken},
      {"der-trailing", kTrailingBytes},
      {"oid-pss", kAlgorithmNotSupported},
      {"label-pkcs1", kPkcs1Given},
      {"two-blocks", kSeveralBlocks},
      {"empty", kEmpty},
      {"cut", kPemBroken},
  };
  return kReasons;
}

TEST(PublicKeyFiles, BadRsaKeysAreRefusedForTheRightReason) {
  const json file = own_file("rsa_bad_keys.json");
  std::size_t refused = 0;
  for (const json& row : file["cases"]) {
    if (row["expect"] == "accept") {
      continue;
    }
    SCOPED_TRACE(row["name"].get<std::string>());
    ASSERT_TRUE(rsa_reasons().contains(row["name"]));
    EXPECT_EQ(error_of(import_case(row)), rsa_reasons().at(row["name"]));
    ++refused;
  }
  EXPECT_EQ(refused, rsa_reasons().size());
}

TEST(PublicKeyFiles, BadEd25519KeysAreRefusedForTheRightReason) {
  const json file = own_file("ed25519_bad_keys.json");
  std::size_t refused = 0;
  for (const json& row : file["cases"]) {
    const std::string why = row["why"];
    SCOPED_TRACE(why);
    if (row["expect"] == "accept") {
      continue;
    }
    const bool other_length = why.ends_with("bytes") || why == "empty";
    const bool other_form = why.starts_with("non-canonical") || why.starts_with("x = 0");
    const PublicKeyError expected = other_length ? kEd25519LengthWrong
                                    : other_form ? kEd25519NotCanonical
                                                 : kEd25519PointRefused;
    EXPECT_EQ(error_of(import_case(row)), expected);
    ++refused;
  }
  EXPECT_EQ(refused, 25U);
}

// ---- texts

TEST(PublicKeyText, TakesPemInBothLineEndsAndBareBase64) {
  const auto key = PublicKey::import_text(good_pem());
  ASSERT_TRUE(key.has_value());
  std::string crlf;
  for (const char c : good_pem()) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
  }

  EXPECT_EQ(PublicKey::import_text(crlf), key);
  EXPECT_EQ(PublicKey::import_text("\n \t" + good_pem() + "\n\n"), key);
  EXPECT_EQ(PublicKey::import_text(to_base64(key->spki_der())), key);
  EXPECT_EQ(PublicKey::import_text(to_base64(key->spki_der()) + "\n"), key);
  EXPECT_EQ(PublicKey::import_text(key->pem()), key);
  EXPECT_EQ(key->pem(), good_pem());
}

struct TextCase {
  std::string_view name;
  std::string text;
  PublicKeyError error;
};

std::vector<TextCase> text_cases() {
  const json keys = openssl_keys();
  const std::string good = good_pem();
  const std::string body = good.substr(27, 60);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  return {
      {"nothing", "", kEmpty},
      {"white_space", " \r\n\t", kEmpty},
      {"one_byte_too_long", std::string(PublicKey::kTextBytesMax + 1, 'A'), kTextTooLong},
      {"as_long_as_may_be", std::string(PublicKey::kTextBytesMax, 'A'), kDerBroken},
      {"private_ed25519", keys["private_keys"]["ed25519"], kPrivateKeyGiven},
      {"private_rsa", keys["private_keys"]["rsa-2048"], kPrivateKeyGiven},
      {"private_pkcs1", keys["private_keys"]["rsa-pkcs1"], kPrivateKeyGiven},
      {"private_encrypted", keys["private_keys"]["ed25519-encrypted"], kPrivateKeyGiven},
      {"private_sec1", keys["private_keys"]["ec-sec1"], kPrivateKeyGiven},
      {"private_openssh",
       "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----",
       kPrivateKeyGiven},
      {"private_behind_public", good + keys["private_keys"]["ed25519"].get<std::string>(),
       kPrivateKeyGiven},
      {"private_cut", keys["private_keys"]["ed25519"].get<std::string>().substr(0, 60),
       kPrivateKeyGiven},
      {"certificate", keys["certificate"], kCertificateGiven},
      {"certificate_request", keys["request"], kCertificateGiven},
      {"ssh", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me@host", kSshKeyGiven},
      {"ssh_rsa", "ssh-rsa AAAAB3NzaC1yc2E me@host", kSshKeyGiven},
      {"other_label", "-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----",
       kOtherPemGiven},
      {"label_with_blank", "-----BEGIN PUBLIC KEY -----\nMAA=\n-----END PUBLIC KEY -----",
       kOtherPemGiven},
      {"two_blocks", good + good, kSeveralBlocks},
      {"text_before", "my key:\n" + good, kTextAroundBlock},
      {"text_after", good + "thanks", kTextAroundBlock},
      {"no_end", good.substr(0, 80), kPemBroken},
      {"end_of_another_label", changed("END PUBLIC", "END RSA PUBLIC"), kPemBroken},
      {"end_in_the_line", changed("\n-----END", "-----END"), kPemBroken},
      {"only_an_end", "-----END PUBLIC KEY-----", kPemBroken},
      {"begin_without_dashes", changed("KEY-----\nMCo", "KEY\nMCo"), kPemBroken},
      {"blank_inside", changed("MCo", "MC o"), kBase64Broken},
      {"url_alphabet", changed("MCo", "M_o"), kBase64Broken},
      {"padding_missing", changed("=\n", "\n"), kBase64Broken},
      {"header_line", changed("\nMCo", "\nComment: x\n\nMCo"), kBase64Broken},
      {"carriage_return_alone", changed("MCo", "MC\ro"), kBase64Broken},
      {"bare_on_two_lines", body.substr(0, 8) + "\n" + body.substr(8), kBase64Broken},
      {"words", "hello world", kBase64Broken},
      {"hex", "302a300506032b6570032100", kDerBroken},
  };
}

class PublicKeyTextCase : public testing::TestWithParam<TextCase> {};
TEST_P(PublicKeyTextCase, IsRefusedWithItsOwnError) {
  EXPECT_EQ(error_of(PublicKey::import_text(GetParam().text)), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(Texts, PublicKeyTextCase, testing::ValuesIn(text_cases()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PublicKeyText, APrivateKeyIsNamedInBareBase64Too) {
  for (const std::string name :
       {"ed25519", "rsa-2048", "rsa-pkcs1", "ed25519-encrypted", "ec-p256"}) {
    SCOPED_TRACE(name);
    std::string text = openssl_keys()["private_keys"][name];
    text.erase(0, text.find('\n') + 1);
    text.erase(text.find("-----"));
    std::erase(text, '\n');
    EXPECT_EQ(error_of(PublicKey::import_text(text)), kPrivateKeyGiven);
  }
}

TEST(PublicKeyText, NoRefusalRepeatsWhatWasOffered) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= std::to_underlying(kLibraryFailure); ++i) {
    const std::string_view text = describe(static_cast<PublicKeyError>(i));
    EXPECT_GT(text.size(), 20U);
    texts.insert(text);
  }
  EXPECT_GE(texts.size(), 20U);
}

// ---- structure

TEST(PublicKeyDer, EveryCutAndEveryAddedByteIsRefused) {
  const Bytes der =
      PublicKey::import_text(openssl_keys()["rsa_public"].get<std::string>())->spki_der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(PublicKey::from_stored(ByteView(der).first(size)).has_value()) << size;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(error_of(PublicKey::from_stored(longer)), kTrailingBytes);
  EXPECT_EQ(error_of(PublicKey::import_der(longer)), kTrailingBytes);
}

// The same key in BER that is not DER: one key, one form.
TEST(PublicKeyDer, OtherEncodingsOfTheSameKeyAreRefused) {
  const auto key = PublicKey::import_text(good_pem());
  const Bytes& der = key->spki_der();
  Bytes long_length{0x30, 0x81};
  long_length.insert(long_length.end(), der.begin() + 1, der.end());
  Bytes indefinite{0x30, 0x80};
  indefinite.insert(indefinite.end(), der.begin() + 2, der.end());
  indefinite.insert(indefinite.end(), {0, 0});
  Bytes unused_bits = der;
  unused_bits[11] = 1;
  ASSERT_EQ(der[11], 0);

  EXPECT_EQ(error_of(PublicKey::import_der(long_length)), kDerBroken);
  EXPECT_EQ(error_of(PublicKey::import_der(indefinite)), kDerBroken);
  EXPECT_EQ(error_of(PublicKey::import_der(unused_bits)), kDerBroken);
}

TEST(PublicKeyDer, NumbersWithNeedlessZerosAreRefused) {
  const auto key = PublicKey::import_text(openssl_keys()["rsa_public"].get<std::string>());
  Bytes padded{0};
  append(padded, key->rsa_exponent());
  Bytes numbers = der_unsigned(key->rsa_modulus());
  append(numbers, der_element(DerTag::kInteger, padded));
  Bytes bits{0};
  append(bits, der_element(DerTag::kSequence, numbers));
  Bytes fields = der_element(DerTag::kSequence, kRsaAlgorithm);
  append(fields, der_element(DerTag::kBitString, bits));

  EXPECT_EQ(error_of(PublicKey::import_der(der_element(DerTag::kSequence, fields))), kDerBroken);
}

// ---- values

TEST(PublicKey, TellsWhatItHolds) {
  const auto ed25519 = PublicKey::import_text(good_pem());
  const auto rsa = PublicKey::import_text(openssl_keys()["rsa_public"].get<std::string>());
  ASSERT_TRUE(ed25519.has_value());
  ASSERT_TRUE(rsa.has_value());

  EXPECT_EQ(ed25519->scheme(), Scheme::kEd25519);
  EXPECT_EQ(ed25519->rsa_bits(), 0U);
  EXPECT_EQ(ed25519->ed25519_point().size(), 32U);
  EXPECT_TRUE(ed25519->rsa_modulus().empty());
  EXPECT_TRUE(ed25519->rsa_exponent().empty());
  EXPECT_EQ(rsa->scheme(), Scheme::kRsaPkcs1Sha256);
  EXPECT_EQ(rsa->rsa_bits(), 2048U);
  EXPECT_EQ(rsa->rsa_modulus().size(), 256U);
  EXPECT_TRUE(std::ranges::equal(rsa->rsa_exponent(), std::array<std::uint8_t, 3>{1, 0, 1}));
  EXPECT_TRUE(rsa->ed25519_point().empty());
  EXPECT_EQ(rsa->fingerprint(), sha256(rsa->spki_der()));
  EXPECT_EQ(rsa->fingerprint_text().size(), std::string("SHA256:").size() + 43);
  EXPECT_NE(*rsa, *ed25519);
}

TEST(PublicKey, ACopyOutlivesItsOriginal) {
  auto key = PublicKey::import_text(good_pem());
  const PublicKey copy = *key;
  const Bytes point(key->ed25519_point().begin(), key->ed25519_point().end());
  key = std::unexpected(kEmpty);

  EXPECT_TRUE(std::ranges::equal(copy.ed25519_point(), point));
}

TEST(PublicKey, StoredFormComesBack) {
  for (const char* name : {"ed25519_public", "rsa_public"}) {
    const auto key = PublicKey::import_text(openssl_keys()[name].get<std::string>());
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(PublicKey::from_stored(key->spki_der()), key);
  }
}

}  // namespace
}  // namespace counterfoil
