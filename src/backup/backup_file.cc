#include "backup/backup_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/manifest.h"
#include "backup/new_file.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/backup_key.h"
#include "crypto/chunk_cipher.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;
using Bytes = std::vector<std::uint8_t>;
using Done = std::expected<void, Problem>;
using Place = ChunkCipher::Place;

constexpr std::string_view kMagic = "CFBACKUP";
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kKeyIdAt = 12;
constexpr std::size_t kRandomAt = 20;
constexpr std::size_t kLengthBytes = 4;
constexpr unsigned kBitsOfByte = 8;

void put_u32(std::span<std::uint8_t> out, std::uint32_t value) {
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    out[i] = static_cast<std::uint8_t>(value >> (kBitsOfByte * i));
  }
}
std::uint32_t u32_in(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    value |= static_cast<std::uint32_t>(bytes[i]) << (kBitsOfByte * i);
  }
  return value;
}

std::unexpected<Problem> failed(CryptoError error) {
  return problem(Kind::kUnavailable, "backup_not_sealed", describe(error));
}

// ChunkWriter seals what is written to it.
class ChunkWriter {
 public:
  ChunkWriter(ChunkCipher cipher, NewFile& out) : cipher_(std::move(cipher)), out_(out) {}

  Done write(ByteView bytes) {
    while (!bytes.empty()) {
      if (chunk_.size() == kChunkBytesMax) {
        if (Done sealed = seal(Place::kInside); !sealed) {
          return sealed;
        }
      }
      const std::size_t taken = std::min(kChunkBytesMax - chunk_.size(), bytes.size());
      chunk_.insert(chunk_.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(taken));
      bytes = bytes.subspan(taken);
    }
    return {};
  }
  Done finish() { return seal(Place::kLast); }

 private:
  Done seal(Place place) {
    if (!cipher_.seal(chunk_, place, sealed_)) {
      return failed(CryptoError::kLibraryFailure);
    }
    chunk_.clear();
    return out_.write(sealed_);
  }

  ChunkCipher cipher_;
  NewFile& out_;
  Bytes chunk_;
  Bytes sealed_;
};

// write_part seals a part, which must still be what the manifest says.
Done write_part(const BackupPart& part, const std::filesystem::path& path, ChunkWriter& writer) {
  std::ifstream file(path, std::ios::binary);
  Sha256 hash;
  std::uint64_t bytes = 0;
  Bytes piece(kChunkBytesMax);
  while (file) {
    file.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    const ByteView got(piece.data(), static_cast<std::size_t>(file.gcount()));
    hash.update(got);
    bytes += got.size();
    if (Done written = writer.write(got); !written) {
      return written;
    }
  }
  if (bytes != part.bytes || hash.finish() != part.sha256) {
    return problem(Kind::kUnavailable, "backup_not_written",
                   path.string() + " cannot be read, or changed while it was read: repeat");
  }
  return {};
}

std::unexpected<Problem> damaged(const std::string& name) {
  return problem(Kind::kConflict, "backup_damaged",
                 name +
                     " is damaged: it was cut, altered or put together anew since it was "
                     "written; nothing of it can be trusted, take another copy");
}

std::unexpected<Problem> not_a_backup(const std::string& name) {
  return problem(Kind::kConflict, "not_a_backup",
                 name +
                     " is not a backup of Counterfoil: name a file that `counterfoil backup "
                     "create` wrote");
}

// Contents takes what the chunks hold: manifest, then parts.
class Contents {
 public:
  Contents(const std::string& name, const PartSink& sink) : name_(name), sink_(sink) {}

  Done take(ByteView bytes) {
    while (!bytes.empty()) {
      if (!has_manifest_) {
        bytes = bytes.subspan(take_head(bytes));
        if (head_.size() == wanted_ && !open_head()) {
          return damaged(name_);
        }
        continue;
      }
      if (part_ == manifest_.parts.size()) {
        return damaged(name_);
      }
      const auto taken = take_part(bytes);
      if (!taken) {
        return std::unexpected(taken.error());
      }
      bytes = bytes.subspan(*taken);
    }
    return {};
  }

  std::expected<Manifest, Problem> finish() {
    if (!has_manifest_ || part_ != manifest_.parts.size()) {
      return damaged(name_);
    }
    return std::move(manifest_);
  }

 private:
  std::size_t take_head(ByteView bytes) {
    const std::size_t taken = std::min(wanted_ - head_.size(), bytes.size());
    head_.insert(head_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    return taken;
  }

  // open_head reads the length first, then the manifest.
  bool open_head() {
    if (wanted_ == kLengthBytes) {
      const std::uint32_t length = u32_in(head_);
      wanted_ += length;
      return length > 0 && length <= kManifestBytesMax;
    }
    auto decoded = decode_manifest(as_text(ByteView(head_).subspan(kLengthBytes)));
    if (!decoded) {
      return false;
    }
    manifest_ = std::move(*decoded);
    has_manifest_ = true;
    return skip_whole_parts();
  }

  std::expected<std::size_t, Problem> take_part(ByteView bytes) {
    const BackupPart& part = manifest_.parts[part_];
    const auto taken =
        static_cast<std::size_t>(std::min<std::uint64_t>(part.bytes - done_, bytes.size()));
    const ByteView piece = bytes.first(taken);
    hash_.update(piece);
    done_ += taken;
    if (!sink_(part, piece)) {
      return problem(Kind::kUnavailable, "disk_full",
                     "what is in " + name_ +
                         " cannot be unpacked, for the disk is full or read-only: free some space, "
                         "or name another place");
    }
    if (!skip_whole_parts()) {
      return damaged(name_);
    }
    return taken;
  }

  // skip_whole_parts goes to the next part that has bytes left. false: a whole one has another
  // hash.
  bool skip_whole_parts() {
    while (part_ < manifest_.parts.size() && done_ == manifest_.parts[part_].bytes) {
      if (hash_.finish() != manifest_.parts[part_].sha256) {
        return false;
      }
      done_ = 0;
      ++part_;
    }
    return true;
  }

  const std::string& name_;
  const PartSink& sink_;
  Bytes head_;
  std::size_t wanted_ = kLengthBytes;
  Manifest manifest_;
  bool has_manifest_ = false;
  std::size_t part_ = 0;
  std::uint64_t done_ = 0;  // of the part
  Sha256 hash_;
};

// read_header gives the header of a backup that this key may open.
std::expected<Bytes, Problem> read_header(std::istream& file, const std::string& name,
                                          const BackupKey& key) {
  Bytes header(kBackupHeaderBytes);
  file.read(reinterpret_cast<char*>(header.data()), static_cast<std::streamsize>(header.size()));
  const auto got = static_cast<std::size_t>(file.gcount());
  if (got < kMagic.size() || !as_text(header).starts_with(kMagic)) {
    return not_a_backup(name);
  }
  if (got < header.size()) {
    return damaged(name);
  }
  const std::uint32_t version = u32_in(ByteView(header).subspan(kVersionAt));
  if (version != kBackupFormat) {
    return problem(Kind::kInvalid, "backup_of_a_newer_release",
                   name + " has format " + std::to_string(version) +
                       ", and this release knows format 1 alone: take the release that wrote it; "
                       "if that is this one, the file is damaged");
  }
  const auto id = key.id();
  if (!id) {
    return failed(id.error());
  }
  if (const ByteView theirs = ByteView(header).subspan(kKeyIdAt, id->size());
      !std::ranges::equal(theirs, *id)) {
    return problem(Kind::kInvalid, "backup_key_wrong",
                   name + " was sealed with the backup key " + to_hex(theirs) +
                       ", and this one is " + to_hex(*id) + ": name the right file with --key");
  }
  return header;
}

}  // namespace

std::expected<void, Problem> write_backup(const Manifest& manifest,
                                          const std::filesystem::path& directory,
                                          const BackupKey& key, RandomSource& random,
                                          const std::filesystem::path& out) {
  const auto id = key.id();
  if (!id) {
    return failed(id.error());
  }
  std::array<std::uint8_t, kBackupHeaderBytes> header{};
  std::ranges::copy(as_bytes(kMagic), header.begin());
  put_u32(std::span(header).subspan(kVersionAt), kBackupFormat);
  std::ranges::copy(*id, header.begin() + kKeyIdAt);
  if (!random.fill(std::span(header).subspan(kRandomAt))) {
    return no_randomness();
  }
  auto cipher = ChunkCipher::derive(key, header);
  if (!cipher) {
    return failed(cipher.error());
  }
  auto file = NewFile::make(out);
  if (!file) {
    return std::unexpected(file.error());
  }
  const std::string text = encode_manifest(manifest);
  std::array<std::uint8_t, kLengthBytes> length{};
  put_u32(length, static_cast<std::uint32_t>(text.size()));
  ChunkWriter writer(std::move(*cipher), *file);
  Done done = file->write(header);
  done = done ? writer.write(length) : std::move(done);
  done = done ? writer.write(as_bytes(text)) : std::move(done);
  for (const BackupPart& part : manifest.parts) {
    done = done ? write_part(part, directory / part.name, writer) : std::move(done);
  }
  done = done ? writer.finish() : std::move(done);
  return done ? file->sync() : std::move(done);
}

std::expected<Manifest, Problem> read_backup(std::istream& file, const std::string& name,
                                             const BackupKey& key, const PartSink& sink) {
  const auto header = read_header(file, name, key);
  if (!header) {
    return std::unexpected(header.error());
  }
  auto cipher = ChunkCipher::derive(key, *header);
  if (!cipher) {
    return failed(cipher.error());
  }
  Contents contents(name, sink);
  Bytes sealed(kChunkBytesMax + kChunkTagBytes);
  Bytes chunk;
  for (bool is_last = false; !is_last;) {
    file.read(reinterpret_cast<char*>(sealed.data()), static_cast<std::streamsize>(sealed.size()));
    const ByteView got(sealed.data(), static_cast<std::size_t>(file.gcount()));
    is_last = file.peek() == std::istream::traits_type::eof();
    if (file.bad()) {
      return problem(Kind::kUnavailable, "backup_unreadable",
                     name + ": reading it broke off; look at its disk");
    }
    if (!cipher->open(got, is_last ? Place::kLast : Place::kInside, chunk)) {
      return damaged(name);
    }
    if (Done taken = contents.take(chunk); !taken) {
      return std::unexpected(taken.error());
    }
  }
  return contents.finish();
}

std::expected<Manifest, Problem> unpack_backup(const std::filesystem::path& file,
                                               const BackupKey& key,
                                               const std::filesystem::path& directory) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return problem(Kind::kInvalid, "backup_unreadable",
                   file.string() + " cannot be opened: check the name and its mode");
  }
  std::optional<NewFile> out;
  std::string current;
  Done written;
  auto manifest =
      read_backup(stream, file.string(), key, [&](const BackupPart& part, ByteView bytes) {
        if (part.name != current) {
          written = out ? out->sync() : Done();
          out.reset();
          auto made = NewFile::make(directory / part.name);
          written = made ? std::move(written) : std::unexpected(made.error());
          if (!written) {
            return false;
          }
          out.emplace(std::move(*made));
          current = part.name;
        }
        written = out->write(bytes);
        return written.has_value();
      });
  if (written && out) {
    written = out->sync();
  }
  return written ? std::move(manifest)
                 : std::expected<Manifest, Problem>(std::unexpected(written.error()));
}

}  // namespace counterfoil
