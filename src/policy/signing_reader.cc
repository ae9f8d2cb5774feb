#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "policy/names.h"
#include "policy/profile.h"
#include "policy/profile_reader.h"
#include "policy/profile_words.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

void check_header(TableReader& reader, std::string_view key, const std::string& name) {
  if (const auto wrong = fault_of_header_name(name)) {
    reader.fault(key, "'" + shown(name) + "' " + *wrong + ".");
  }
}

void check_parameters(TableReader& reader, const SigningRules& rules) {
  struct Row {
    std::string_view key;
    std::string_view name;
  };
  const std::array<Row, 4> rows = {{{"api_key_parameter", rules.api_key_parameter},
                                    {"signature_parameter", rules.signature_parameter},
                                    {"timestamp_parameter", rules.timestamp_parameter},
                                    {"recv_window_parameter", rules.recv_window_parameter}}};
  for (const Row& row : rows) {
    if (const auto wrong = fault_of_parameter_name(row.name)) {
      reader.fault(row.key, "'" + shown(row.name) + "' " + *wrong + ".");
    }
    // Told where the second name is written; the first may be a default, which stands nowhere.
    const bool is_written = reader.find(row.key) != nullptr;
    if (is_written && std::ranges::count(rows, row.name, &Row::name) > 1) {
      reader.fault(row.key,
                   "'" + shown(row.name) + "' names two reserved parameters in [signing].");
    }
  }
}

}  // namespace

SigningRules read_signing(const TomlValue& table, FirstFault& fault) {
  TableReader reader(table, "[signing]", fault);
  SigningRules rules;
  rules.api_key_header = reader.required_text("api_key_header");
  rules.api_key_parameter = reader.text("api_key_parameter", "apiKey");
  rules.signature_parameter = reader.text("signature_parameter", "signature");
  rules.timestamp_parameter = reader.text("timestamp_parameter", "timestamp");
  rules.recv_window_parameter = reader.text("recv_window_parameter", "recvWindow");
  rules.signature_position = static_cast<SignaturePosition>(
      reader.choice("signature_position", kSignaturePositionWords, 0));
  rules.same_name_in_query_and_body =
      static_cast<SameName>(reader.choice("same_name_in_query_and_body", kSameNameWords, 1));
  rules.replayed_orders =
      static_cast<ReplayedOrders>(reader.choice("replayed_orders", kReplayedOrdersWords, 0));
  reader.finish();
  check_header(reader, "api_key_header", rules.api_key_header);
  check_parameters(reader, rules);
  return rules;
}

}  // namespace counterfoil
