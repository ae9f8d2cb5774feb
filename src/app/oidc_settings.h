#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/config.h"
#include "base/ip_address.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// OidcSettings say with which identity provider people may sign in to the console.
struct OidcSettings {
  std::string issuer;
  std::string client_id;
  std::string client_secret_file;
  std::string name;            // on the button
  std::string authorities;     // PEM file; empty: the system's
  std::vector<Cidr> networks;  // private ones in which the provider may be
  std::optional<std::chrono::seconds> max_age;
  std::vector<std::string> trusted_means;   // `amr`
  std::vector<std::string> trusted_levels;  // `acr`
};

// read_oidc: nullopt when there is none. The failure names the setting and what to write instead.
[[nodiscard]] std::expected<std::optional<OidcSettings>, Failure> read_oidc(const Config& config);

// read_provider_secret reads the client secret, and sees that the authorities can be read, too.
[[nodiscard]] std::expected<SecretBytes, Failure> read_provider_secret(
    const OidcSettings& settings);

// oidc_return_uris are what must be registered with the provider: where it may send browsers, one
// for each origin of the console.
[[nodiscard]] std::vector<std::string> oidc_return_uris(const std::vector<std::string>& origins);

}  // namespace counterfoil
