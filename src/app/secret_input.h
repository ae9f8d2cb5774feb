#pragma once

#include <cstddef>
#include <expected>
#include <string>

#include "app/command_context.h"
#include "base/wiped_text.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {

// A secret reaches a command by a file, standard input or an open file descriptor, never by an
// argument or the text of an environment variable (control S-14).
inline constexpr std::size_t kSecretInputBytesMax = 16UL * 1024;

// read_secret_file reads a file that is closed to group and others, or standard input for "-". One
// line end (LF or CR LF) at the end is not part of the secret.
[[nodiscard]] std::expected<SecretBytes, Failure> read_secret_file(const std::string& path);

// read_private_key_file reads an unencrypted PKCS#8 PEM under the same rules.
[[nodiscard]] std::expected<PrivateKey, Failure> read_private_key_file(const std::string& path);

// open_secret_file opens such a file for who reads it piece by piece.
[[nodiscard]] std::expected<Descriptor, Failure> open_secret_file(const std::string& path);

// read_secret_text reads a file of several secrets under the same rules, up to `bytes_max`.
[[nodiscard]] std::expected<WipedText, Failure> read_secret_text(const std::string& path,
                                                                 std::size_t bytes_max);

// read_secret reads from `path` if it is given, else from $COUNTERFOIL_SECRET_FILE, else from the
// descriptor $COUNTERFOIL_SECRET_FD. Failure (kUsage) that names `flag` when there is none of
// these.
[[nodiscard]] std::expected<SecretBytes, Failure> read_secret(const std::string& path,
                                                              const std::string& flag);

}  // namespace counterfoil
