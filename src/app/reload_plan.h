#pragma once

#include <expected>

#include "app/command_context.h"
#include "app/node_settings.h"
#include "crypto/digest.h"
#include "doors/management/reload_facts.h"

namespace counterfoil {

// WatchedFiles tells whether the files that settings name have other contents than before: all zero
// for a file that is not named or cannot be read.
struct WatchedFiles {
  [[nodiscard]] static WatchedFiles of(const NodeSettings& settings);

  Digest certificate{};
  Digest authorities{};
};

// ReloadPlan is what becomes of another configuration in a node that runs.
struct ReloadPlan {
  NodeSettings next;  // what it goes by then
  WatchedFiles files;
  ReloadFacts facts;
};

// plan_reload decides setting by setting (Setting::change): `next` is `running` with what can be
// taken over of `wanted`. A profile is taken over whole or not at all: not with other permissions,
// which stand in every API key, nor with another header of the API key. Whether the REST door
// speaks TLS does not change either. Failure: the two together are no configuration.
[[nodiscard]] std::expected<ReloadPlan, Failure> plan_reload(const NodeSettings& running,
                                                             const WatchedFiles& running_files,
                                                             const NodeSettings& wanted);

}  // namespace counterfoil
