#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/request_signer.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// SignExplanation is how a request came to be signed, step by step, for `sign --explain`. Nothing
// secret in it.
struct SignExplanation {
  // The parameters and, last, the timestamp that was added. Empty: a text was signed as it is.
  std::vector<EncodedParameter> parameters;
  std::string payload;
  Scheme scheme = Scheme::kEd25519;
  std::string fingerprint;        // of the public key; empty: a secret has none
  std::string signature;          // as text, not yet percent-encoded
  std::string signature_encoded;  // as the request carries it
  bool in_body = false;           // else in the query
  std::string request_line;       // "POST /api/v3/order?... HTTP/1.1"
  std::string body;
  std::string api_key_header;  // its name
  std::string api_key;         // may be empty: nobody said
  std::string timestamp_parameter;
};

// explanation_json has the steps as members.
[[nodiscard]] nlohmann::ordered_json explanation_json(const SignExplanation& explanation);

// show_explanation writes the steps for people, as talk.
void show_explanation(const SignExplanation& explanation, CommandContext& context);

}  // namespace counterfoil
