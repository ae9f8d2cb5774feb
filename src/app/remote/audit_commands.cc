#include <CLI/App.hpp>
#include <array>
#include <cstddef>
#include <expected>
#include <fstream>
#include <iostream>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/input_file.h"
#include "app/remote/commands.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "authority/audit_log_check.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

// run_export writes the log line by line; -o puts it into a new file.
Done run_export(const NodeApi& api, CommandContext& context) {
  std::string line;
  return api.stream("/api/v1/audit/export", [&](std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      line += piece.substr(0, end);
      if (end == std::string_view::npos) {
        return true;
      }
      piece.remove_prefix(end + 1);
      context.data(line);
      line.clear();
    }
    return context.exit_code() == ExitCode::kDone;
  });
}

struct VerifyFlags {
  std::string log;
  std::string public_key_file;
  std::string checkpoint_file;
};

constexpr std::size_t kExpectationBytesMax = 64UL * 1024 * 1024;

std::expected<AuditExpectations, Failure> read_expectations(const VerifyFlags& flags) {
  AuditExpectations expected;
  if (!flags.public_key_file.empty()) {
    auto key = read_input(flags.public_key_file, kExpectationBytesMax);
    if (!key) {
      return std::unexpected(key.error());
    }
    expected.public_key = std::move(*key);
  }
  if (!flags.checkpoint_file.empty()) {
    const auto text = read_input(flags.checkpoint_file, kExpectationBytesMax);
    if (!text) {
      return std::unexpected(text.error());
    }
    std::string_view left = *text;
    while (!left.empty()) {
      const std::size_t end = left.find('\n');
      if (const auto line = left.substr(0, end); !line.empty()) {
        expected.checkpoints.emplace_back(line);
      }
      left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
    }
  }
  return expected;
}

// Judged: the log is whole, or what is wrong with it first. Outside of it: it could not be read.
using Judged = std::expected<AuditSummary, AuditFinding>;

std::expected<Judged, Failure> judge(std::istream& log, const std::string& name,
                                     AuditExpectations expected) {
  AuditLogChecker checker(std::move(expected));
  std::array<char, 65536> piece{};
  while (log.read(piece.data(), piece.size()) || log.gcount() > 0) {
    const auto fed = checker.feed({piece.data(), static_cast<std::size_t>(log.gcount())});
    if (!fed) {
      return Judged(std::unexpected(fed.error()));
    }
  }
  if (log.bad()) {
    return std::unexpected(Failure{ExitCode::kCannotTell, name + ": reading it broke off"});
  }
  return checker.finish();
}

void report_whole(CommandContext& context, const AuditSummary& summary) {
  if (context.flags.json) {
    context.data(NodeJson{
        {"whole", true},
        {"log_id", summary.log_id},
        {"records", summary.records},
        {"checkpoints", summary.checkpoints},
        {"born_key_id", summary.born_key_id},
        {"key_id", summary.key_id},
        {"born_at", time_text(summary.born_at)},
        {"last_at", time_text(summary.last_at)},
        {"proven_seq", summary.proven_seq},
        {"uncut_seq", summary.uncut_seq ? NodeJson(*summary.uncut_seq) : NodeJson(nullptr)}}
                     .dump());
    return;
  }
  context.note(Mark::kDone, std::to_string(summary.records) + " records and " +
                                std::to_string(summary.checkpoints) +
                                " checkpoints: the chain is whole");
  context.note(summary.uncut_seq ? Mark::kDone : Mark::kWarning, describe(summary));
}

void report_broken(CommandContext& context, const AuditFinding& finding) {
  if (context.flags.json) {
    context.data(NodeJson{{"whole", false},
                          {"damage", name_of(finding.damage)},
                          {"line", finding.line},
                          {"seq", finding.seq},
                          {"detail", finding.sentence}}
                     .dump());
  } else {
    context.note(Mark::kProblem, finding.sentence);
  }
  context.end(ExitCode::kNo);
}

void run_verify(CommandContext& context, const VerifyFlags& flags) {
  auto expected = read_expectations(flags);
  if (!expected) {
    context.fail(expected.error());
    return;
  }
  std::ifstream file;
  if (flags.log != "-") {
    file.open(flags.log, std::ios::binary);
    if (!file) {
      context.fail({ExitCode::kCannotTell, flags.log + ": cannot be opened; `counterfoil audit "
                                                       "export -o FILE` writes a log"});
      return;
    }
  }
  const auto judged = judge(flags.log == "-" ? std::cin : file, flags.log, std::move(*expected));
  if (!judged) {
    context.fail(judged.error());
  } else if (*judged) {
    report_whole(context, **judged);
  } else {
    report_broken(context, judged->error());
  }
}

}  // namespace

void add_audit_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const audit =
      app.add_subcommand("audit", "Export the audit log, and check one offline");
  audit->require_subcommand(1);
  audit->footer(
      "  counterfoil audit export -o audit.ndjson\n"
      "  counterfoil audit verify audit.ndjson --public-key audit.pem --checkpoints "
      "checkpoints.ndjson");

  CLI::App* const exporting =
      audit->add_subcommand("export", "Write the whole audit log of a running node");
  exporting->footer("  counterfoil audit export -o audit.ndjson");
  exporting->callback([&context] {
    on_node(context, [&](const NodeApi& api) { return run_export(api, context); });
  });

  CLI::App* const verifying = audit->add_subcommand(
      "verify", "Check an exported log: needs no node, no secret and no network");
  verifying->footer(
      "  counterfoil audit verify audit.ndjson\n"
      "  counterfoil audit export | counterfoil audit verify -");
  const auto flags = std::make_shared<VerifyFlags>();
  verifying->add_option("log", flags->log, "the exported log, or - for standard input")->required();
  verifying->add_option("--public-key", flags->public_key_file,
                        "PEM of the key the log must have been born with");
  verifying->add_option("--checkpoints", flags->checkpoint_file,
                        "checkpoints that were kept outside, one a line");
  verifying->callback([&context, flags] { run_verify(context, *flags); });
}

}  // namespace counterfoil
