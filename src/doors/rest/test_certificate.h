#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

// For tests alone: a folder with a certificate for localhost and its key, made anew each time.
namespace counterfoil::rest_test {

class TestCertificate {
 public:
  TestCertificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cf-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
    X509* const x509 = made.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key.get());
    const auto* const name = reinterpret_cast<const unsigned char*>("TEST localhost");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, name, -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_EXTENSION* const names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key.get(), EVP_sha256());
    write(certificate(), [&](FILE* file) { PEM_write_X509(file, x509); });
    write(this->key(), [&](FILE* file) {
      PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    ::chmod(this->key().c_str(), S_IRUSR | S_IWUSR);
  }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;
  TestCertificate(TestCertificate&&) = delete;
  TestCertificate& operator=(TestCertificate&&) = delete;
  ~TestCertificate() { std::filesystem::remove_all(folder_); }

  // der_of reads a PEM certificate.
  [[nodiscard]] static std::string der_of(const std::string& path) {
    FILE* const file = std::fopen(path.c_str(), "r");
    const std::unique_ptr<X509, decltype(&X509_free)> read(
        PEM_read_X509(file, nullptr, nullptr, nullptr), &X509_free);
    std::fclose(file);
    unsigned char* der = nullptr;
    const int size = i2d_X509(read.get(), &der);
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
  }
  [[nodiscard]] std::string certificate() const { return folder_ + "/tls.crt"; }
  [[nodiscard]] std::string key() const { return folder_ + "/tls.key"; }

 private:
  template <typename Writer>
  static void write(const std::string& path, Writer writer) {
    FILE* const file = std::fopen(path.c_str(), "w");
    writer(file);
    std::fclose(file);
  }
  std::string folder_;
};

}  // namespace counterfoil::rest_test
