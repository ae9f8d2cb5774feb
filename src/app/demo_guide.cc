#include "app/demo_guide.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/demo_keys.h"
#include "app/key_directory.h"
#include "app/shell_text.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

std::vector<std::string> permission_names() {
  std::vector<std::string> names;
  std::string_view rest = kDemoPermissions;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find(','));
    names.emplace_back(name);
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return names;
}

// js_text writes a JavaScript string that may stand between single quotes of a shell. JSON's form
// is one, but for the quote itself.
std::string js_text(const std::string& text) {
  std::string written = nlohmann::json(text).dump();
  for (std::size_t at = written.find('\''); at != std::string::npos; at = written.find('\'', at)) {
    written.replace(at, 1, "\\u0027");
  }
  return written;
}

std::vector<std::string> ccxt_lines(const DemoFacts& facts, const KeyDirectory& key) {
  return {
      "node -e '",
      "const ccxt = require(\"ccxt\"), fs = require(\"fs\");",
      "const exchange = new ccxt.binance({",
      "  apiKey: " + js_text(key.api_key) + ",",
      "  secret: fs.readFileSync(" + js_text(key.material_file().string()) + ", \"utf8\").trim(),",
      "  options: { fetchMarkets: { types: [\"spot\"] },",
      "             fetchCurrencies: false, fetchMargins: false },",
      "});",
      "const api = " + js_text(facts.gateway + "/api/v3") + ";",
      "Object.assign(exchange.urls.api, { public: api, private: api });",
      "exchange.createOrder(\"BTC/USDT\", \"market\", \"buy\", 0.001).then(console.log);",
      "'"};
}

}  // namespace

std::string demo_json(const DemoFacts& facts) {
  nlohmann::ordered_json keys = nlohmann::ordered_json::array();
  for (const KeyDirectory& key : facts.keys) {
    const bool is_secret = describe(key.scheme).material == KeyMaterialKind::kSharedSecret;
    keys.push_back({{"label", key.label},
                    {"type", describe(key.scheme).name},
                    {"api_key", key.api_key},
                    {is_secret ? "secret_file" : "private_key_file", key.material_file().string()},
                    {"permissions", permission_names()}});
  }
  return nlohmann::ordered_json{{"gateway", facts.gateway},
                                {"console", facts.console},
                                {"ws", nullptr},
                                {"fix", nullptr},
                                {"admin_socket", facts.admin_socket},
                                {"data", facts.data.string()},
                                {"keys", keys}}
      .dump();
}

std::vector<std::string> demo_guide(const DemoFacts& facts, const std::filesystem::path& program) {
  const KeyDirectory& key = facts.keys.front();
  const std::string self = shell_quoted(program.string());
  const std::string data = " --data " + shell_quoted(facts.data.string());
  std::vector<std::string> lines{
      "Go on by hand, in another terminal",
      "",
      "  with curl:",
      fmt::format("    curl -sS -H {} \"{}/api/v3/account?$({} sign --key {} --query-only GET "
                  "/api/v3/account)\"",
                  shell_quoted(facts.api_key_header + ": " + key.api_key), facts.gateway, self,
                  shell_quoted(key.path.string())),
      "",
      "  with CCXT (`npm install ccxt`):"};
  for (const std::string& line : ccxt_lines(facts, key)) {
    lines.push_back("    " + line);
  }
  lines.insert(lines.end(), {"", "  with the command line:", "    " + self + " status" + data,
                             "    " + self + " keys list" + data,
                             "    " + self + " keys revoke hmac" + data, ""});
  return lines;
}

}  // namespace counterfoil
