#include "app/remote/key_lookup.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"
#include "base/percent.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShownMax = 8;

std::string candidates(const NodeJson& items) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kShownMax); ++i) {
    const NodeJson& key = items[i];
    text += "\n  " + member(key, "api_key") + "  " + member(key, "account") + "  " +
            member(key, "state") + "  " + member(key, "label");
  }
  if (items.size() > kShownMax) {
    text += "\n  …";
  }
  return text;
}

}  // namespace

std::expected<NodeJson, Failure> find_key(const NodeApi& api, const std::string& word) {
  const auto page = api.get("/api/v1/keys?name=" + percent_encode(word));
  if (!page) {
    return std::unexpected(page.error());
  }
  const NodeJson items = page->value("items", NodeJson::array());
  if (items.empty()) {
    return std::unexpected(
        Failure{ExitCode::kNo, "no API key has the id or label \"" + word +
                                   "\" (at least eight characters of an id are needed); try "
                                   "`counterfoil keys list`"});
  }
  if (items.size() > 1) {
    return std::unexpected(
        Failure{ExitCode::kUsage, "\"" + word + "\" could mean " + std::to_string(items.size()) +
                                      " API keys; name one by its id:" + candidates(items)});
  }
  return items.front();
}

std::string key_target(const NodeJson& key, const std::string& action) {
  return "/api/v1/keys/" + member(key, "api_key") + (action.empty() ? "" : "/" + action);
}

}  // namespace counterfoil
