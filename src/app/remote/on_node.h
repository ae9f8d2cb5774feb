#pragma once

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace counterfoil {

// on_node runs `work` against the running node and reports what went wrong.
template <typename Work>
void on_node(CommandContext& context, Work work) {
  const auto api = NodeApi::of(context);
  if (!api) {
    context.fail(api.error());
    return;
  }
  if (const auto done = work(*api); !done) {
    context.fail(done.error());
  }
}

}  // namespace counterfoil
