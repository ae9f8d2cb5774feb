#include "app/remote/import_report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {
namespace {

constexpr std::string_view kFirstBytes = R"({"line":)";

// is_ours: the file is empty, or the report of an earlier run.
bool is_ours(int file) {
  std::array<char, kFirstBytes.size()> first{};
  const ssize_t size = ::pread(file, first.data(), first.size(), 0);
  return size == 0 || (size == static_cast<ssize_t>(first.size()) &&
                       std::string_view(first.data(), first.size()) == kFirstBytes);
}

bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

ImportReport::ImportReport(std::string path, Descriptor file)
    : path_(std::move(path)), file_(std::move(file)) {}

std::expected<ImportReport, Failure> ImportReport::open(const std::string& path,
                                                        const Descriptor& input) {
  if (path.empty()) {
    return ImportReport({}, Descriptor(-1));
  }
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  struct stat facts{};
  struct stat of_input{};
  if (!file.is_open() || ::fstat(file.number(), &facts) != 0 ||
      ::fstat(input.number(), &of_input) != 0) {
    return std::unexpected(Failure{
        ExitCode::kUsage, path + ": " + std::error_code(errno, std::generic_category()).message() +
                              "; name a file for the report that can be written"});
  }
  if (is_same_file(facts, of_input) || !S_ISREG(facts.st_mode) || !is_ours(file.number())) {
    return std::unexpected(
        Failure{ExitCode::kUsage,
                path + ": is there already and is no report of an import; it is left alone: name "
                       "another file"});
  }
  if (::fchmod(file.number(), 0600) != 0 || ::ftruncate(file.number(), 0) != 0) {
    return ImportReport(path, std::move(file)).not_written();
  }
  return ImportReport(path, std::move(file));
}

std::unexpected<Failure> ImportReport::not_written() const {
  return std::unexpected(
      Failure{ExitCode::kCannotTell,
              path_ + ": the report cannot be written; is the disk full? Run the same command "
                      "again: rows that are there already are passed over"});
}

std::expected<void, Failure> ImportReport::add(const NodeJson& refused) {
  if (!file_.is_open()) {
    return {};
  }
  const std::string line = refused.dump() + "\n";
  std::size_t written = 0;
  while (written < line.size()) {
    const ssize_t count = ::write(file_.number(), line.data() + written, line.size() - written);
    if (count < 0 && errno != EINTR) {
      return not_written();
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  return {};
}

std::expected<void, Failure> ImportReport::close() {
  if (file_.is_open() && ::fsync(file_.number()) != 0) {
    return not_written();
  }
  return {};
}

}  // namespace counterfoil
