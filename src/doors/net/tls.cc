#include "doors/net/tls.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace counterfoil::net {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_http11(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* offered, unsigned offered_size, void* /*argument*/) {
  unsigned char* chosen = nullptr;
  const int answer = SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(),
                                           offered, offered_size);
  *out = chosen;
  return answer == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// set_rules is what both sides have in common.
bool set_rules(SSL_CTX* context) {
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

std::string why(const boost::system::error_code& fault) { return fault.message(); }

// check_file: OpenSSL's own words for a missing file are hard to read.
std::expected<void, std::string> check_file(const std::string& path, std::string_view what) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return std::unexpected("The " + std::string(what) + " " + path +
                           " cannot be read: " + std::generic_category().message(errno) + ".");
  }
  return {};
}

std::expected<void, std::string> check_key_file(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) == 0 && (found.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return std::unexpected("The TLS key " + path +
                           " may be read or written by everybody; run: chmod 600 " + path);
  }
  return check_file(path, "TLS key");
}

std::expected<void, std::string> use_files(ssl::context& context, const TlsFiles& files) {
  if (const auto found = check_file(files.certificate, "TLS certificate"); !found) {
    return found;
  }
  if (const auto found = check_key_file(files.key); !found) {
    return found;
  }
  boost::system::error_code fault;
  (void)context.use_certificate_chain_file(files.certificate, fault);
  if (fault) {
    return std::unexpected("The TLS certificate " + files.certificate +
                           " is not a PEM certificate chain: " + why(fault) + ".");
  }
  (void)context.use_private_key_file(files.key, ssl::context::pem, fault);
  if (fault) {
    return std::unexpected("The TLS key " + files.key + " is not the PEM private key of " +
                           files.certificate + ": " + why(fault) + ".");
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return std::unexpected("The TLS key " + files.key + " does not belong to the certificate " +
                           files.certificate + ".");
  }
  return {};
}

}  // namespace

std::expected<TlsContext, std::string> load_server_tls(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  if (!set_rules(context->native_handle())) {
    return std::unexpected("This OpenSSL does not offer TLS 1.2 with ECDHE and AES-GCM.");
  }
  SSL_CTX_set_alpn_select_cb(context->native_handle(), &choose_http11, nullptr);
  if (auto used = use_files(*context, files); !used) {
    return std::unexpected(std::move(used.error()));
  }
  return context;
}

std::expected<TlsContext, std::string> make_client_tls(const std::string& authorities) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (!set_rules(context->native_handle())) {
    return std::unexpected("This OpenSSL does not offer TLS 1.2 with ECDHE and AES-GCM.");
  }
  boost::system::error_code fault;
  if (authorities.empty()) {
    (void)context->set_default_verify_paths(fault);
  } else {
    (void)context->load_verify_file(authorities, fault);
  }
  if (fault) {
    return std::unexpected("The certificate authorities " + authorities +
                           " cannot be read: " + why(fault) + ".");
  }
  (void)context->set_verify_mode(ssl::verify_peer, fault);
  if (fault ||
      SSL_CTX_set_alpn_protos(context->native_handle(), kHttp11.data(), kHttp11.size()) != 0) {
    return std::unexpected("TLS towards the upstream cannot be set up.");
  }
  return context;
}

}  // namespace counterfoil::net
