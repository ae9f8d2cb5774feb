#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "app/command_context.h"
#include "app/node_reload.h"
#include "app/node_settings.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/wiped_text.h"
#include "doors/management/node_status.h"
#include "doors/management/reload_facts.h"
#include "journal/journal.h"

namespace counterfoil {

// Node is one running node: it builds every object in order, owns them, and lets them go in the
// opposite order. Requests are served from the moment start() returns; until the first heartbeat
// has given it the right, signed ones are answered 503.
class Node {
 public:
  // start gives one sentence for everything that can be wrong: data directory, root key, stores,
  // clock, ports. Nothing keeps running after a failure. configure_secret_memory() is called here,
  // so no secret may have been made before. `load` reads the configuration again for a reload.
  [[nodiscard]] static std::expected<std::unique_ptr<Node>, Failure> start(NodeSettings settings,
                                                                           ConfigLoader load = {});

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  Node(Node&&) = delete;
  Node& operator=(Node&&) = delete;
  ~Node();

  // url is the gateway's origin, "http://127.0.0.1:8080", with the real port.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] const std::string& admin_socket() const;
  // console_url is the console's origin; nullopt: it has none.
  [[nodiscard]] std::optional<std::string> console_url() const;
  // setup_url is the link by which the first owner comes in, made at the start while there was
  // none; it is a secret, good once and for 30 minutes. nullopt: there is nothing to set up.
  [[nodiscard]] const std::optional<WipedText>& setup_url() const;
  [[nodiscard]] Issuer& issuer();
  [[nodiscard]] const Journal& journal() const;
  [[nodiscard]] NodeStatus status() const;

  // reload takes over what can be of the configuration as it is now (app/node_reload.h). What
  // became of it is in the log and in the status, too. Not from a loop's thread.
  std::expected<ReloadFacts, Problem> reload(const Actor& actor);

  // wait_until_in_force returns once the gateway may accept requests; false: not within `at_most`.
  [[nodiscard]] bool wait_until_in_force(std::chrono::milliseconds at_most) const;
  // drain stops accepting connections and waits until what is under way was answered, but no longer
  // than `at_most`; false: something was cut off.
  bool drain(std::chrono::milliseconds at_most);

 private:
  struct Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace counterfoil
