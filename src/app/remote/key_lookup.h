#pragma once

#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace counterfoil {

// find_key gives the API key that a person means by a word: its whole id, at least eight characters
// of the beginning of its id, or its label. Failure kNo: there is none; kUsage: several could be
// meant (they are listed).
[[nodiscard]] std::expected<NodeJson, Failure> find_key(const NodeApi& api,
                                                        const std::string& word);

// key_target is the path of an API key, with what follows it: "/api/v1/keys/<id>/revoke".
[[nodiscard]] std::string key_target(const NodeJson& key, const std::string& action = {});

}  // namespace counterfoil
