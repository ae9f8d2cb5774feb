#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "doors/rest/upstream_state.h"
#include "outbound/http_client.h"

namespace counterfoil {

// UpstreamCaller makes the calls to the upstream that are on no request's way (events), at
// whichever of its targets answers. Safe to call from any thread.
class UpstreamCaller {
 public:
  // make reads the list of targets, as upstream.url has it, and the authorities. The error is a
  // sentence.
  [[nodiscard]] static std::expected<UpstreamCaller, std::string> make(
      const std::string& urls, const std::string& authorities);

  // call asks one target after the other, those that are out last, until one answers with less than
  // 500; each for at most `at_most`, and no further one after that time has passed twice. Without
  // such an answer the last one is given, or the sentence why there is none. A target that did not
  // answer may have done what was asked, so the call must be one that can be made twice.
  // `targets` are their states, in the order of the list.
  [[nodiscard]] std::expected<HttpReply, std::string> call(
      const HttpCall& call, std::chrono::milliseconds at_most,
      const std::vector<UpstreamTargetState>& targets) const;

 private:
  std::vector<HttpClient> clients_;
};

}  // namespace counterfoil
