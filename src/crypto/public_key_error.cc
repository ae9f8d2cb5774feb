#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include "crypto/public_key.h"

namespace counterfoil {
namespace {

struct Row {
  PublicKeyError error;
  std::string_view text;
};

constexpr std::string_view kNotTwoPrimes =
    "this is not a proper RSA key: its modulus is not the product of two large primes, so "
    "others can sign with it; make a new key pair with a current version of openssl";
constexpr std::string_view kNotFromAProgram =
    "this is not an Ed25519 public key that a correct program makes, and signatures for it "
    "could be forged; make a new key pair (openssl genpkey -algorithm ed25519)";

constexpr Row kRows[] = {
    {PublicKeyError::kEmpty,
     "no public key was given; paste the text that begins with -----BEGIN PUBLIC KEY-----"},
    {PublicKeyError::kTextTooLong,
     "this is far longer than a public key; paste only the block from "
     "-----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----"},
    {PublicKeyError::kPrivateKeyGiven,
     "this is a PRIVATE key. It was not stored, but treat it as exposed: make a new key pair "
     "and give only its public half (openssl pkey -in private.pem -pubout)"},
    {PublicKeyError::kCertificateGiven,
     "this is a certificate, not a public key; take the key out of it "
     "(openssl x509 -in certificate.pem -noout -pubkey)"},
    {PublicKeyError::kPkcs1Given,
     "this is an RSA public key in the older PKCS#1 form; convert it "
     "(openssl rsa -RSAPublicKey_in -in key.pem -pubout)"},
    {PublicKeyError::kSshKeyGiven,
     "this is an SSH key; make a key pair for this purpose alone "
     "(openssl genpkey -algorithm ed25519 -out private.pem)"},
    {PublicKeyError::kOtherPemGiven,
     "this PEM block is not a public key; its first line must be -----BEGIN PUBLIC KEY-----"},
    {PublicKeyError::kSeveralBlocks,
     "there is more than one PEM block; give exactly one public key"},
    {PublicKeyError::kTextAroundBlock,
     "there is text before or after the PEM block; paste only the block itself"},
    {PublicKeyError::kPemBroken,
     "the PEM block is incomplete; copy it whole, from -----BEGIN PUBLIC KEY----- to "
     "-----END PUBLIC KEY-----"},
    {PublicKeyError::kBase64Broken,
     "the text between the dashes is not base64; copy the key again without changing it"},
    {PublicKeyError::kDerBroken,
     "this is not a public key in the usual form (SubjectPublicKeyInfo); write it out again "
     "with openssl pkey -in private.pem -pubout"},
    {PublicKeyError::kTrailingBytes,
     "there are bytes after the end of the key; write it out again with "
     "openssl pkey -in private.pem -pubout"},
    {PublicKeyError::kAlgorithmNotSupported,
     "only Ed25519 keys and plain RSA keys (rsaEncryption) are taken; Ed25519 is the better "
     "choice (openssl genpkey -algorithm ed25519)"},
    {PublicKeyError::kRsaTooSmall,
     "the RSA key has fewer than 2048 bits and can be broken; make one with 3072 bits, or an "
     "Ed25519 key"},
    {PublicKeyError::kRsaTooLarge,
     "the RSA key has more than 4096 bits; make one with 3072 bits, or an Ed25519 key"},
    {PublicKeyError::kRsaExponentRefused,
     "the RSA key has an unusual public exponent (it must be odd, from 65537 and below "
     "2^256); make a new key with the usual exponent 65537"},
    {PublicKeyError::kRsaModulusEven, kNotTwoPrimes},
    {PublicKeyError::kRsaSmallFactor, kNotTwoPrimes},
    {PublicKeyError::kRsaModulusPrime, kNotTwoPrimes},
    {PublicKeyError::kRsaModulusSquare, kNotTwoPrimes},
    {PublicKeyError::kRsaCloseFactors,
     "the two primes of this RSA key are so close together that anybody can compute the "
     "private key; make a new key pair with a current version of openssl"},
    {PublicKeyError::kRsaRoca,
     "this RSA key was made by a faulty chip (ROCA, CVE-2017-15361) and its private key can "
     "be computed; make a new key pair in software"},
    {PublicKeyError::kEd25519LengthWrong,
     "an Ed25519 public key has 32 bytes and this one has not; write it out again with "
     "openssl pkey -in private.pem -pubout"},
    {PublicKeyError::kEd25519NotCanonical, kNotFromAProgram},
    {PublicKeyError::kEd25519PointRefused, kNotFromAProgram},
    {PublicKeyError::kLibraryFailure,
     "the key could not be examined for want of memory; try again"},
};

static_assert(std::size(kRows) == std::to_underlying(PublicKeyError::kLibraryFailure) + 1U);
static_assert(std::ranges::all_of(kRows, [](const Row& row) {
  return &row - kRows == std::to_underlying(row.error);  // Row n describes enumerator n.
}));

}  // namespace

std::string_view describe(PublicKeyError error) {
  return kRows[static_cast<std::size_t>(error)].text;
}

}  // namespace counterfoil
