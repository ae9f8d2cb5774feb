// Target: read_backup. The input is read as a file as it stands, and then as what a holder of the
// key has sealed, so that manifest and parts are reached as well.
// Property: nothing but a whole backup is read, with parts as long as its manifest says; what
// decode_manifest reads is what encode_manifest writes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "backup/backup_file.h"
#include "backup/manifest.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/backup_key.h"
#include "crypto/chunk_cipher.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

const BackupKey& key() {
  static SystemRandom random;
  static const BackupKey& the_key = *new BackupKey(BackupKey::generate(random).value());
  return the_key;
}

std::string sealed(ByteView contents) {
  std::string file("CFBACKUP\1\0\0\0", 12);
  const auto id = key().id();
  file.append(as_text(*id)).append(32, 'r');
  auto cipher = ChunkCipher::derive(key(), as_bytes(file));
  std::vector<std::uint8_t> chunk;
  while (contents.size() > kChunkBytesMax) {
    require(cipher->seal(contents.first(kChunkBytesMax), ChunkCipher::Place::kInside, chunk));
    file.append(as_text(chunk));
    contents = contents.subspan(kChunkBytesMax);
  }
  require(cipher->seal(contents, ChunkCipher::Place::kLast, chunk));
  return file.append(as_text(chunk));
}

void read(const std::string& bytes) {
  std::istringstream file(bytes);
  std::map<std::string, std::uint64_t> sizes;
  const auto manifest =
      read_backup(file, "input", key(), [&](const BackupPart& part, ByteView got) {
        sizes[part.name] += got.size();
        return true;
      });
  if (manifest) {
    for (const BackupPart& part : manifest->parts) {
      require(sizes[part.name] == part.bytes);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  read(std::string(as_text(input)));
  read(sealed(input));
  if (const auto manifest = decode_manifest(as_text(input))) {
    require(encode_manifest(*manifest) == as_text(input));
    // The manifest as the head of a backup, its length before it.
    std::string contents;
    for (unsigned shift = 0; shift < 32; shift += 8) {
      contents += static_cast<char>(size >> shift);
    }
    read(sealed(as_bytes(contents.append(as_text(input)).append("rest"))));
  }
  return 0;
}
