#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/clock_probe.h"
#include "app/command_context.h"
#include "app/key_verdict.h"
#include "app/live_finding.h"
#include "app/remote/node_api.h"
#include "app/server_answer.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key_form.h"

namespace counterfoil {

// NodeRecord is what the node of this machine knows of an API key beside what it tells its caller.
struct NodeRecord {
  std::vector<std::string> allow_list;  // "any" alone: it has none
  std::optional<Timestamp> expires;
};

// LiveKeyReport is what was found out of one API key. Nothing secret in it.
struct LiveKeyReport {
  std::string api_key;
  Scheme scheme = Scheme::kEd25519;
  std::string fingerprint;  // of the public key; empty for HMAC
  ApiKeyForm form = ApiKeyForm::kForeign;
  bool is_accepted = false;         // the server took a request signed with it, from here
  std::optional<KeyRights> rights;  // nullopt: not told
  std::vector<std::string> permissions;
  bool is_from_gateway = false;      // a gateway answered
  std::optional<NodeRecord> record;  // of an accepted key, where this machine's node has one
  std::string request_id;            // of a gateway's refusal
  std::optional<NodeJson> refusal;   // what this machine's node says of it
};

// LiveReport is the whole answer of `doctor --live`.
struct LiveReport {
  std::string url;
  Timestamp time{};  // by our clock, when the last answer was in
  ClockEstimate clock{};
  std::size_t failed_probes = 0;
  std::optional<std::expected<Drift, NoDrift>> drift = std::nullopt;  // nobody watched
  std::chrono::seconds watched{};
  std::optional<LiveKeyReport> key = std::nullopt;
  std::vector<LiveFinding> findings = {};
};

// show_live_report writes it for people, or with --json as one object, and ends the command: a
// problem is a no, what could not be told is kCannotTell, warnings alone are done.
void show_live_report(const LiveReport& report, CommandContext& context);

}  // namespace counterfoil
