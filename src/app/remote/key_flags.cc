#include "app/remote/key_flags.h"

#include <CLI/App.hpp>
#include <expected>
#include <string>
#include <utility>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "base/time.h"

namespace counterfoil {

void KeyFlags::add_options(CLI::App& command) {
  command.add_option("--account", account, "whose API key it is")->required();
  command.add_option("--label", label, "a name for people, at most 64 characters");
  command.add_option("--permissions,--permit", permissions,
                     "comma list, such as USER_DATA,TRADE (default: the profile's)");
  command.add_option("--ip", allow_list,
                     "addresses and networks it may be used from, comma list, or any");
  command.add_option("--symbols", symbols, "the only symbols it may trade, comma list");
  command.add_option("--expires", expires, "90d, 2026-12-31, or never (default: the node's)");
  command.add_option("--vendor", vendor, "the application that will use it");
}

std::expected<NodeJson, Failure> KeyFlags::to_body() const {
  NodeJson body{{"account", account}};
  const auto add = [&](const char* name, const std::string& value, bool is_list) {
    if (!value.empty()) {
      body[name] = is_list ? split_list(value) : NodeJson(value);
    }
  };
  add("label", label, false);
  add("permissions", permissions, true);
  add("allow_list", allow_list, true);
  add("symbols", symbols, true);
  add("vendor", vendor, false);
  if (!expires.empty()) {
    auto time = parse_expiry(expires, SystemClock().now());
    if (!time) {
      return std::unexpected(time.error());
    }
    body["expires_at"] = std::move(*time);
  }
  return body;
}

}  // namespace counterfoil
