#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/evidence.h"
#include "autopsy/reading.h"
#include "autopsy/signature_values.h"

namespace counterfoil::autopsy {

// SignatureOutcome is what the search for a mistake in the signature ended with.
enum class SignatureOutcome : std::uint8_t {
  kNotJudged,  // no signature, or nobody to judge it by
  kRight,
  kExplained,
  kUnknown,
};

// Scene is all that a hypothesis may look at.
struct Scene {
  const RefusedRequest& request;
  const Estate& estate;
  const History& history;
  const Rules& rules;
  std::int64_t now_ms;
  Reading reading;
  SignatureValues values;

  // Filled in on the way.
  const AccountKey* named = nullptr;  // the key the request names, or was meant to name
  bool secret_in_header = false;      // key and secret change places
  SignatureOutcome outcome = SignatureOutcome::kNotJudged;
  std::vector<std::string_view> causes = {};  // named so far

  [[nodiscard]] bool has(std::string_view cause) const;
  // all_keys gives every key of the estate: the key, its predecessors, the others.
  [[nodiscard]] std::vector<const AccountKey*> all_keys() const;
  // verifying gives the pairs that the named API key verifies with.
  [[nodiscard]] std::vector<const AccountKey*> verifying() const;
  // stamp_ms is the timestamp in milliseconds, where it is a number.
  [[nodiscard]] std::optional<std::int64_t> stamp_ms() const;
  // window_ms is the recv window in force.
  [[nodiscard]] double window_ms() const;
  // host is the Host header, or a name that stands for it.
  [[nodiscard]] std::string host() const;
};

}  // namespace counterfoil::autopsy
