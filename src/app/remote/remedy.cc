#include "app/remote/remedy.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <expected>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/remote/key_lookup.h"
#include "app/remote/node_api.h"
#include "app/remote/wording.h"

namespace counterfoil {
namespace {

// with_one_more adds to a list of the key.
NodeJson with_one_more(const NodeJson& key, const char* name, const std::string& value) {
  NodeJson list = key.value(name, NodeJson::array());
  list.push_back(value);
  return {{name, std::move(list)}};
}

}  // namespace

std::vector<Remedy> remedies_of(const NodeJson& fix) {
  std::vector<Remedy> list;
  for (const NodeJson& trouble : fix.value("troubles", NodeJson::array())) {
    for (const NodeJson& json : trouble.value("remedies", NodeJson::array())) {
      const std::string id = member(json, "id");
      if (!json.value("ours", false) || std::ranges::find(list, id, &Remedy::id) != list.end()) {
        continue;
      }
      list.push_back({.id = id,
                      .kind = member(json, "kind"),
                      .text = member(json, "text"),
                      .risk = member(json, "risk"),
                      .value = member(json, "value"),
                      .expires_at = member(json, "expires_at"),
                      .asks = json.value("step_up", true)});
    }
  }
  return list;
}

std::expected<Remedy, Failure> choose_remedy(const std::vector<Remedy>& remedies,
                                             const std::string& word) {
  std::size_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc() && stop == end && number >= 1 && number <= remedies.size()) {
    return remedies[number - 1];
  }
  const auto named = std::ranges::find(remedies, word, &Remedy::id);
  if (named != remedies.end()) {
    return *named;
  }
  std::string ids;
  for (const Remedy& remedy : remedies) {
    ids += (ids.empty() ? "" : ", ") + remedy.id;
  }
  return std::unexpected(Failure{
      ExitCode::kUsage, remedies.empty()
                            ? "nothing of what is wrong with this API key can be mended by one "
                              "call; see the list without --apply"
                            : "there is no way out '" + word + "'; there are: " + ids});
}

NodeJson change_of(const NodeJson& key, const Remedy& remedy) {
  if (remedy.kind == "renew") {
    return {{"expires_at", remedy.expires_at}};
  }
  if (remedy.kind == "allow_address") {
    return with_one_more(key, "allow_list", remedy.value);
  }
  return remedy.kind == "tick_permission" ? with_one_more(key, "permissions", remedy.value)
                                          : NodeJson();
}

std::expected<NodeJson, Failure> carry_out(const NodeApi& api, const NodeJson& key,
                                           const Remedy& remedy) {
  if (remedy.kind == "suspend" || remedy.kind == "resume") {
    return api.post(key_target(key, remedy.kind), NodeJson::object());
  }
  const NodeJson change = change_of(key, remedy);
  if (change.is_null()) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "this version does not know how to do '" + remedy.kind + "'; it is older than the node"});
  }
  return api.patch(key_target(key), change);
}

}  // namespace counterfoil
