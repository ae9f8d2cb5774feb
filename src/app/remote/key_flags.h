#pragma once

#include <expected>
#include <string>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace CLI {
class App;
}

namespace counterfoil {

// KeyFlags are what a new API key may do and belongs to, as commands take it.
struct KeyFlags {
  std::string account;
  std::string label;
  std::string permissions;
  std::string allow_list;
  std::string symbols;
  std::string expires;
  std::string vendor;

  void add_options(CLI::App& command);
  // to_body writes them as the management API takes them; what is empty is left out. Failure: the
  // expiry is not understood.
  [[nodiscard]] std::expected<NodeJson, Failure> to_body() const;
};

}  // namespace counterfoil
