#pragma once

#include <cstddef>
#include <string>

#include "app/command_context.h"
#include "app/key_source.h"

namespace CLI {
class App;
}

namespace counterfoil {

// LiveFlags are the options of `doctor --live`.
struct LiveFlags {
  static constexpr std::size_t kProbesUsual = 8;
  static constexpr std::size_t kProbesMin = 3;
  static constexpr std::size_t kProbesMax = 100;

  bool is_on = false;   // --live
  std::string url;      // --url; empty: the configured node's gateway
  std::string ca_file;  // --ca-file; empty: the system's authorities
  std::string watch;    // --watch: "10m"; empty: no drift
  // --elsewhere: origin of another environment, which is asked about a key that the server does not
  // take; empty: no other is asked.
  std::string elsewhere;
  std::size_t probes = kProbesUsual;
};

void add_live_options(CLI::App& command, LiveFlags& flags);

// examine_live asks the server for its time, and, where `source` names a key, what that key may do;
// then it reports. kCannotTell when the server does not tell its time.
void examine_live(const LiveFlags& flags, const KeySource& source, CommandContext& context);

}  // namespace counterfoil
