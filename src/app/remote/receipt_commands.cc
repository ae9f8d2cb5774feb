#include <fmt/core.h>

#include <CLI/App.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/input_file.h"
#include "app/remote/commands.h"
#include "app/remote/key_lookup.h"
#include "app/remote/keys_group.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/table.h"
#include "app/remote/wording.h"
#include "authority/audit_lines.h"
#include "authority/receipts.h"
#include "authority/revocation_wait.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

constexpr std::size_t kKeyFileBytesMax = 4096;

std::string after_text(std::chrono::microseconds time) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count());
}

std::string upstream_text(const UpstreamAnswer& upstream) {
  switch (upstream.kind) {
    case UpstreamAnswer::Kind::kWaiting:
      return "the upstream is told and has not answered yet";
    case UpstreamAnswer::Kind::kTaken:
      return upstream.canceled_orders ? fmt::format("the upstream was told and cancelled {} orders",
                                                    *upstream.canceled_orders)
                                      : "the upstream was told and has taken it";
    case UpstreamAnswer::Kind::kGivenUp:
      return "the upstream never took it: tell it by hand";
    case UpstreamAnswer::Kind::kOvertaken:
      return "a later change of the key came before the upstream took it";
  }
  return {};
}

void report_proof(CommandContext& context, const ReceiptFacts& facts) {
  if (context.flags.json) {
    context.data(NodeJson{{"proved", true},
                          {"id", facts.subject.id},
                          {"action", facts.subject.action},
                          {"object", facts.subject.object},
                          {"in_force_at", time_text(facts.in_force_at)}}
                     .dump());
    return;
  }
  context.note(Mark::kDone, "the signature is right: " + facts.subject.action + " of " +
                                facts.subject.object + " is in force since " +
                                time_text(facts.in_force_at));
  Table table({"GATEWAY", "OUTCOME", "AFTER"});
  for (const GatewayAnswer& gateway : facts.gateways) {
    table.add_row({{gateway.gateway},
                   {gateway.kind == GatewayAnswer::Kind::kApplied
                        ? fmt::format("applied revision {}", gateway.applied.number)
                        : "its right to accept had ended"},
                   {after_text(std::chrono::duration_cast<std::chrono::microseconds>(
                       gateway.since.time_since_epoch()))}});
  }
  if (table.empty()) {
    context.data(
        fmt::format("no gateway could be asked: all {} ms were waited out", facts.bound.count()));
  }
  for (const std::string& line :
       table.empty() ? std::vector<std::string>() : table.lines(context.out_painter())) {
    context.data(line);
  }
  if (facts.upstream) {
    context.data(upstream_text(*facts.upstream));
  }
}

void report_no_proof(CommandContext& context, ReceiptFault fault) {
  if (context.flags.json) {
    context.data(NodeJson{{"proved", false}, {"detail", describe(fault)}}.dump());
  } else {
    context.note(Mark::kProblem, std::string(describe(fault)));
  }
  context.end(ExitCode::kNo);
}

Done run_verify(CommandContext& context, const std::string& receipt, const std::string& key_file) {
  const auto pem = read_input(key_file, kKeyFileBytesMax);
  if (!pem) {
    return std::unexpected(pem.error());
  }
  const auto key = AuditKey::from_pem(*pem);
  if (!key) {
    return std::unexpected(Failure{
        ExitCode::kUsage, key_file + ": is not the PEM of an Ed25519 public key; `counterfoil "
                                     "receipt key` prints that of a node"});
  }
  const auto text = read_input(receipt, kReceiptBytesMax);
  if (!text) {
    return std::unexpected(text.error());
  }
  const auto facts = check_receipt(*text, *key);
  if (facts) {
    report_proof(context, *facts);
  } else {
    report_no_proof(context, facts.error());
  }
  return {};
}

Done run_list(const NodeApi& api, CommandContext& context, const std::string& name) {
  const auto key = find_key(api, name);
  if (!key) {
    return std::unexpected(key.error());
  }
  const auto page = api.get("/api/v1/receipts?limit=100&object=" + member(*key, "api_key"));
  if (!page) {
    return std::unexpected(page.error());
  }
  const NodeJson items = page->value("items", NodeJson::array());
  if (context.flags.json) {
    context.data(items.dump());
    return {};
  }
  Table table({"RECEIPT", "ACTION", "IN FORCE SINCE"});
  for (const NodeJson& item : items) {
    const NodeJson& receipt = item.at("receipt");
    table.add_row(
        {{member(receipt, "id")}, {member(receipt, "action")}, {member(receipt, "in_force_at")}});
  }
  if (table.empty()) {
    context.note(Mark::kStep, "this API key has no receipts: nothing of it was changed yet");
    return {};
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
  return {};
}

Done run_show(const NodeApi& api, CommandContext& context, const std::string& id) {
  const auto receipt = api.get("/api/v1/receipts/" + id);
  if (!receipt) {
    return std::unexpected(receipt.error());
  }
  context.data(receipt->dump());
  return {};
}

Done run_key(const NodeApi& api, CommandContext& context) {
  const auto key = api.get("/api/v1/receipt-key");
  if (!key) {
    return std::unexpected(key.error());
  }
  std::string pem = member(*key, "public_key");
  if (pem.ends_with('\n')) {
    pem.pop_back();
  }
  context.data(context.flags.json ? key->dump() : pem);
  return {};
}

}  // namespace

void add_receipt_commands(CLI::App& app, CommandContext& context) {
  CLI::App* const receipt = app.add_subcommand(
      "receipt", "Show the signed proofs that changes are in force, and check one offline");
  receipt->require_subcommand(1);
  receipt->footer(
      "  counterfoil receipt list mm-bot-3\n"
      "  counterfoil receipt show 6f0c…  -o receipt.json\n"
      "  counterfoil receipt verify receipt.json --public-key node.pem");

  const auto text = std::make_shared<std::string>();
  CLI::App* const listing = receipt->add_subcommand("list", "List the receipts of an API key");
  listing->footer("  counterfoil receipt list mm-bot-3");
  listing->add_option("key", *text, kKeyArgumentHelp)->required();
  listing->callback([&context, text] {
    on_node(context, [&](const NodeApi& api) { return run_list(api, context, *text); });
  });

  CLI::App* const showing = receipt->add_subcommand("show", "Show one receipt");
  showing->footer("  counterfoil receipt show 6f0c… -o receipt.json");
  showing->add_option("id", *text, "the receipt's id")->required();
  showing->callback([&context, text] {
    on_node(context, [&](const NodeApi& api) { return run_show(api, context, *text); });
  });

  CLI::App* const key = receipt->add_subcommand(
      "key", "Show the public key with which receipts of a running node are checked");
  key->footer("  counterfoil receipt key -o node.pem");
  key->callback(
      [&context] { on_node(context, [&](const NodeApi& api) { return run_key(api, context); }); });

  CLI::App* const verifying =
      receipt->add_subcommand("verify", "Check a receipt: needs no node, no secret and no network");
  verifying->footer("  counterfoil receipt verify receipt.json --public-key node.pem");
  const auto key_file = std::make_shared<std::string>();
  verifying
      ->add_option("receipt", *text, "the receipt, or an answer that holds it; - is standard input")
      ->required();
  verifying->add_option("--public-key", *key_file, "PEM of the node's receipt key")->required();
  verifying->callback([&context, text, key_file] {
    if (const auto done = run_verify(context, *text, *key_file); !done) {
      context.fail(done.error());
    }
  });
}

}  // namespace counterfoil
