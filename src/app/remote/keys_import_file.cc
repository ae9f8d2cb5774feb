#include "app/remote/keys_import_file.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/progress.h"
#include "app/remote/import_report.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "app/secret_lines.h"
#include "authority/key_import.h"
#include "base/wiped_text.h"
#include "doors/management/import_rows.h"
#include "doors/management/management_api.h"

namespace counterfoil {
namespace {

constexpr std::chrono::seconds kBatchPatience{300};
constexpr std::uint64_t kRefusalsShownMax = 10;
constexpr std::size_t kWishBytesMax = 256;  // the first line of a batch

struct Totals {
  std::uint64_t rows = 0;
  std::uint64_t imported = 0;
  std::uint64_t already_there = 0;
  std::uint64_t refused = 0;
  std::uint64_t accounts_created = 0;
};

// FileImport gathers lines to batches and adds up what the node answers.
class FileImport {
 public:
  FileImport(const NodeApi& api, CommandContext& context, const ImportFileFlags& flags,
             ImportReport report)
      : api_(api), context_(context), flags_(flags), report_(std::move(report)) {
    body_.reserve(ManagementApi::kRowsBytesMax);  // a secret is not copied as it grows
  }

  std::expected<void, Failure> add(std::string_view line) {
    if (rows_ == KeyImport::kRowsMax ||
        body_.size() + line.size() + 1 > ManagementApi::kRowsBytesMax - kWishBytesMax) {
      if (auto sent = send(); !sent) {
        return sent;
      }
    }
    if (body_.empty()) {
      begin();
    }
    body_ += line;
    body_ += '\n';
    ++line_;
    rows_ += line.empty() ? 0U : 1U;
    return {};
  }

  // add_too_long stands an empty line in for one that is refused here: the node counts lines.
  std::expected<void, Failure> add_too_long() {
    if (auto added = add({}); !added) {
      return added;
    }
    ++totals_.rows;
    return refuse({{"line", line_ - 1}, {"reason", kLineTooLong}, {"detail", kLineTooLongText}});
  }

  std::expected<void, Failure> send() {
    if (rows_ > 0) {
      const auto answer = api_.post_rows("/api/v1/keys/import-batch", body_, kBatchPatience);
      if (!answer) {
        return std::unexpected(answer.error());
      }
      if (auto taken = take(*answer); !taken) {
        return taken;
      }
    }
    body_.clear();
    rows_ = 0;
    return {};
  }

  std::expected<void, Failure> close() { return report_.close(); }
  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  void begin() {
    body_ += std::string_view(NodeJson{
        {"create_accounts", flags_.create_accounts},
        {"dry_run", flags_.dry_run},
        {"first_line", line_}}.dump());
    body_ += '\n';
  }

  std::expected<void, Failure> take(const NodeJson& answer) {
    totals_.rows += answer.value("rows", std::uint64_t{0});
    totals_.imported += answer.value("imported", std::uint64_t{0});
    totals_.already_there += answer.value("already_there", std::uint64_t{0});
    totals_.accounts_created += answer.value("accounts_created", std::uint64_t{0});
    for (const NodeJson& refused : answer.value("refused", NodeJson::array())) {
      if (auto kept = refuse(refused); !kept) {
        return kept;
      }
    }
    return {};
  }

  std::expected<void, Failure> refuse(const NodeJson& row) {
    if (++totals_.refused <= kRefusalsShownMax) {
      context_.note(Mark::kProblem, "line " + std::to_string(row.value("line", std::uint64_t{0})) +
                                        ": " + member(row, "detail") + " (" +
                                        member(row, "reason") + ")");
    }
    return report_.add(row);
  }

  const NodeApi& api_;
  CommandContext& context_;
  const ImportFileFlags& flags_;
  ImportReport report_;
  WipedText body_;
  std::size_t rows_ = 0;    // in the body
  std::uint64_t line_ = 1;  // the next one
  Totals totals_;
};

std::expected<void, Failure> import_lines(SecretLines& lines, FileImport& import,
                                          Progress& progress) {
  std::string_view line;
  while (true) {
    std::expected<void, Failure> done;
    switch (lines.next(line)) {
      case SecretLines::Next::kLine:
        done = import.add(line);
        break;
      case SecretLines::Next::kTooLong:
        done = import.add_too_long();
        break;
      case SecretLines::Next::kEnd:
        return import.send();
      case SecretLines::Next::kFault:
        return std::unexpected(
            Failure{ExitCode::kCannotTell, "the file cannot be read to its end"});
    }
    if (!done) {
      return done;
    }
    progress.update(
        {.done = lines.bytes_taken(), .whole = lines.bytes(), .count = import.totals().rows});
  }
}

std::string many(std::uint64_t count, std::string_view what) {
  return grouped(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

void report_end(CommandContext& context, const ImportFileFlags& flags, const Totals& totals,
                std::chrono::milliseconds elapsed) {
  const auto ms = static_cast<std::uint64_t>(elapsed.count());
  if (context.flags.json) {
    NodeJson summary{{"dry_run", flags.dry_run},
                     {"rows", totals.rows},
                     {"imported", totals.imported},
                     {"already_there", totals.already_there},
                     {"refused", totals.refused},
                     {"accounts_created", totals.accounts_created},
                     {"elapsed_ms", ms}};
    if (!flags.report.empty()) {
      summary["report"] = flags.report;
    }
    context.data(summary.dump());
  }
  std::string sentence = many(totals.imported, "API key") +
                         (flags.dry_run ? " would be imported" : " imported") + ", " +
                         grouped(totals.already_there) + " there already";
  if (totals.accounts_created > 0) {
    sentence += ", " + many(totals.accounts_created, "account") +
                (flags.dry_run ? " would be made" : " made");
  }
  context.note(Mark::kDone, sentence + " (" + std::to_string(ms / 1'000) + " s)");
  if (totals.refused > 0) {
    context.note(Mark::kProblem,
                 many(totals.refused, "row") + " refused; " +
                     (flags.report.empty() ? "--report FILE keeps them with the reasons"
                                           : flags.report + " tells which, why and what to do") +
                     "; mend them and run the same command again");
    context.end(ExitCode::kNo);
  }
}

}  // namespace

std::expected<void, Failure> run_import_file(const NodeApi& api, CommandContext& context,
                                             const ImportFileFlags& flags) {
  auto lines = SecretLines::open(flags.file, kImportLineBytesMax);
  if (!lines) {
    return std::unexpected(lines.error());
  }
  auto report = ImportReport::open(flags.report, lines->file());
  if (!report) {
    return std::unexpected(report.error());
  }
  FileImport import(api, context, flags, std::move(*report));
  std::chrono::milliseconds elapsed{};
  std::expected<void, Failure> done;
  {
    Progress progress(context, "rows");
    done = import_lines(*lines, import, progress);
    elapsed = progress.elapsed();
  }
  if (auto closed = import.close(); done && !closed) {
    done = std::move(closed);
  }
  if (!done) {
    Failure failure = done.error();
    failure.sentence += ". The node has answered for " + many(import.totals().rows, "row") +
                        " so far; run the same command again: rows that are there already are "
                        "passed over";
    return std::unexpected(std::move(failure));
  }
  report_end(context, flags, import.totals(), elapsed);
  return {};
}

}  // namespace counterfoil
