#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace counterfoil {

// Remedy is one way out of what is wrong with an API key that lies with us, as the node offers it.
struct Remedy {
  std::string id;
  std::string kind;  // "suspend", "resume", "renew", "allow_address", "tick_permission"
  std::string text;
  std::string risk;
  std::string value;       // an address or a permission
  std::string expires_at;  // as the node takes it
  bool asks = false;       // it lets in more than before: somebody is asked first
};

// remedies_of lists those of an answer of GET /api/v1/keys/{api_key}/fix, in its order, none twice.
[[nodiscard]] std::vector<Remedy> remedies_of(const NodeJson& fix);

// choose_remedy takes a number, from 1, or an id. Failure kUsage: there is none; it says which are.
[[nodiscard]] std::expected<Remedy, Failure> choose_remedy(const std::vector<Remedy>& remedies,
                                                           const std::string& word);

// carry_out does it, and gives the node's answer.
[[nodiscard]] std::expected<NodeJson, Failure> carry_out(const NodeApi& api, const NodeJson& key,
                                                         const Remedy& remedy);
// change_of is the body of the PATCH that does it: what `key` has and one thing more. Null for what
// is no PATCH.
[[nodiscard]] NodeJson change_of(const NodeJson& key, const Remedy& remedy);

}  // namespace counterfoil
