#include "app/remote/key_view.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "app/remote/table.h"
#include "app/remote/wording.h"
#include "base/time.h"
#include "base/wiped_text.h"

namespace counterfoil {
namespace {

std::optional<Paint> paint_of_state(std::string_view state) {
  if (state == "active") {
    return Paint::kGreen;
  }
  return state == "suspended" ? Paint::kYellow : Paint::kRed;
}

std::string expiry_text(const NodeJson& key, Timestamp now) {
  const auto expires_at = time_member(key, "expires_at");
  return expires_at ? relative(*expires_at, now) : std::string("never");
}

std::string last_use_text(const NodeJson& key, Timestamp now) {
  const auto last = time_member(key, "last_used_at");
  return last ? relative(*last, now) : std::string("-");
}

std::string addresses_text(const NodeJson& key) {
  const std::string list = list_member(key, "allow_list", " ");
  const auto count = std::ranges::count(list, ' ');
  return count == 0 ? list : std::to_string(count + 1) + " networks";
}

// fact writes one line: a name of fixed width, then the value.
void fact(CommandContext& context, std::string_view name, std::string_view value) {
  constexpr std::size_t kWidth = 14;
  if (!value.empty()) {
    std::string padded(name);
    padded.resize(std::max(kWidth, padded.size() + 1), ' ');
    context.data(context.out_painter().paint(Paint::kDim, padded) + std::string(value));
  }
}

std::string pair_text(const NodeJson& pair, Timestamp now) {
  std::string text = "#" + std::to_string(pair.value("number", 0)) + " " + member(pair, "type") +
                     " " + member(pair, "state");
  if (const auto retires_at = time_member(pair, "retires_at")) {
    text += ", ends " + relative(*retires_at, now);
    if (const NodeJson quiet = pair.value("quiet_s", NodeJson()); quiet.is_number()) {
      text += " or when it was not used for " + span_words(quiet.get<std::int64_t>());
    }
  }
  if (const std::string print = member(pair, "fingerprint"); !print.empty()) {
    text += "  " + print;
  }
  return text;
}

std::string notice_text(const NodeJson& key) {
  const NodeJson notice = key.value("notice", NodeJson());
  if (!notice.is_object()) {
    return {};
  }
  const std::string restricted = member(notice, "restricted_since");
  return member(notice, "policy") + " since " + member(notice, "since") +
         (restricted.empty() ? "" : "; it only reads and cancels since " + restricted) +
         "; any edit of the key takes this away";
}

}  // namespace

std::string key_name(const NodeJson& key) {
  const std::string label = member(key, "label");
  return (label.empty() ? std::string("the API key") : label) + " (" +
         short_id(member(key, "api_key")) + " of " + member(key, "account") + ")";
}

void show_key_facts(CommandContext& context, const NodeJson& key, Timestamp now) {
  fact(context, "API key", member(key, "api_key"));
  fact(context, "Label", member(key, "label"));
  fact(context, "Account", member(key, "account"));
  const std::string cause = member(key, "state_cause");
  fact(context, "State", member(key, "state") + (cause.empty() ? "" : " (" + cause + ")"));
  fact(context, "Type", key.contains("pairs") ? std::string() : member(key, "type"));
  fact(context, "Permissions", list_member(key, "permissions", " "));
  fact(context, "Addresses", list_member(key, "allow_list", " "));
  fact(context, "Symbols", list_member(key, "symbols", " "));
  fact(context, "Created", member(key, "created_at"));
  if (key.contains("expires_at")) {
    const auto expires_at = time_member(key, "expires_at");
    fact(context, "Expires",
         expires_at ? member(key, "expires_at") + " (" + relative(*expires_at, now) + ")"
                    : std::string("never"));
  }
  fact(context, "Vendor", member(key, "vendor"));
  fact(context, "Parent", member(key, "parent"));
  fact(context, "Last used", member(key, "last_used_at"));
  fact(context, "Policy", notice_text(key));
  for (const NodeJson& pair : key.value("pairs", NodeJson::array())) {
    fact(context, "Key pair", pair_text(pair, now));
  }
}

void print_made_key(CommandContext& context, const NodeJson& key, const WipedText& secret) {
  if (context.flags.json) {
    const std::string facts = key.dump();
    WipedText line;
    line.reserve(facts.size() + secret.size() + 32);
    line += std::string_view(facts);
    if (!secret.empty()) {
      line.pop_back();
      line += ",\"secret\":\"";
      line += secret;
      line += "\"}";
    }
    context.data(line);
    return;
  }
  show_key_facts(context, key, SystemClock().now());
  if (!secret.empty()) {
    WipedText line("Secret        ");
    line += secret;
    context.data(line);
    context.note(Mark::kWarning, "the secret is shown this once and cannot be asked for again");
  }
  for (const char* const file : {"secret_file", "private_key_file"}) {
    if (const std::string path = member(key, file); !path.empty()) {
      context.note(Mark::kDone, path + " (0600)");
    }
  }
}

void show_key_table(CommandContext& context, const std::vector<NodeJson>& keys, Timestamp now) {
  Table table({"LABEL", "API KEY", "ACCOUNT", "TYPE", "PERMISSIONS", "ADDRESSES", "STATE",
               "LAST USED", "EXPIRES"});
  for (const NodeJson& key : keys) {
    const std::string state = member(key, "state");
    const std::string addresses = addresses_text(key);
    table.add_row({{member(key, "label")},
                   {short_id(member(key, "api_key"))},
                   {member(key, "account")},
                   {member(key, "type")},
                   {list_member(key, "permissions", " ")},
                   {addresses, addresses == "any" ? std::optional(Paint::kYellow) : std::nullopt},
                   {state, paint_of_state(state)},
                   {last_use_text(key, now)},
                   {expiry_text(key, now)}});
  }
  for (const std::string& line : table.lines(context.out_painter())) {
    context.data(line);
  }
}

}  // namespace counterfoil
