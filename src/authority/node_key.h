#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "base/random.h"
#include "crypto/private_key.h"

namespace counterfoil {

// The settings that hold nodes' keys: this, then the node's name.
inline constexpr std::string_view kNodeKeyPrefix = "node_key.";
inline constexpr std::string_view kNodeKeyMade = "node_key.make";  // an AuditFact's action

// ensure_node_key gives the Ed25519 key with which this node signs receipts and nothing else, made
// and sealed into the registry when it is asked for the first time. The audit log then names its
// public key, so whoever has checked the log need not be told it by the node.
// Problem: node_key_unusable (the registry is damaged or was tampered with), or that of the store.
[[nodiscard]] std::expected<PrivateKey, Problem> ensure_node_key(AuditedRegistry& registry,
                                                                 Sealer& sealer,
                                                                 RandomSource& random,
                                                                 const std::string& node);

}  // namespace counterfoil
