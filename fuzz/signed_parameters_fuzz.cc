// Target: SignedParameters::read(). The input is the query, a LF, the body; a second LF makes it a
// body that is no form. Properties: payload and signature pair recompose to the input; the answer
// depends on nothing but the bytes, wherever they stand in memory and whatever the object read
// before; and what is accepted holds each reserved name once, spelled as it must be.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/percent.h"
#include "verify/reason.h"
#include "wire/http/field_rules.h"
#include "wire/rest/signed_parameters.h"

namespace {

using namespace counterfoil;        // NOLINT(google-build-using-namespace)
using namespace counterfoil::rest;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

const std::vector<std::string> kRepeats = {"asset"};
const ParameterRules kRules{.symbol = "symbol", .repeats = kRepeats};
const ParameterRules kStrictRules{.symbol = "symbol",
                                  .repeats = kRepeats,
                                  .signature_position = ParameterRules::SignaturePosition::kLast,
                                  .same_name_in_both = ParameterRules::SameNameInBoth::kRefuse};

struct Request {
  std::string query;
  std::string body;
  BodyKind kind = BodyKind::kForm;
};

Request request_of(std::string_view input) {
  const std::size_t first = std::min(input.find('\n'), input.size());
  const std::string_view body = input.substr(std::min(first + 1, input.size()));
  const BodyKind kind = body.contains('\n') ? BodyKind::kOther : BodyKind::kForm;
  return {.query = std::string(input.substr(0, first)), .body = std::string(body), .kind = kind};
}

// Answer is what the reading says, in copies.
struct Answer {
  std::optional<Reason> fault;
  std::string payload;
  std::array<std::optional<std::string>, 4> reserved;
  std::string symbol;

  bool operator==(const Answer&) const = default;
};

std::optional<std::string> copy_of(std::optional<std::string_view> text) {
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

Answer read(SignedParameters& parameters, const Request& request, const ParameterRules& rules) {
  // Blocks of exactly the size, so that a byte read too far is found.
  const std::vector<char> query(request.query.begin(), request.query.end());
  const std::vector<char> body(request.body.begin(), request.body.end());
  parameters.read({query.data(), query.size()}, {body.data(), body.size()}, request.kind, rules);
  return {.fault = parameters.fault(),
          .payload = std::string(parameters.payload()),
          .reserved = {copy_of(parameters.signature()), copy_of(parameters.timestamp()),
                       copy_of(parameters.recv_window()), copy_of(parameters.api_key())},
          .symbol = std::string(parameters.symbol())};
}

std::vector<std::string> pairs_of(std::string_view text) {
  std::vector<std::string> pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    pairs.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pairs;
}

std::string joined(const std::vector<std::string>& pairs) {
  std::string text;
  for (const std::string& pair : pairs) {
    text.append(text.empty() ? "" : "&").append(pair);
  }
  return text;
}

// An accepted text has no empty pairs, so it is its pairs, joined. The slow way to the payload:
// take the pair out of the list, and join again.
std::string payload_the_slow_way(const Request& request) {
  const auto less_signature = [](const std::string& text) {
    std::vector<std::string> pairs = pairs_of(text);
    std::erase_if(pairs, [](const std::string& pair) { return pair.starts_with("signature="); });
    return joined(pairs);
  };
  return less_signature(request.query) +
         (request.kind == BodyKind::kForm ? less_signature(request.body) : request.body);
}

void check_accepted(const Request& request, const Answer& answer) {
  require(answer.payload == payload_the_slow_way(request));
  std::vector<std::string> pairs = pairs_of(request.query);
  if (request.kind == BodyKind::kForm) {
    const std::vector<std::string> more = pairs_of(request.body);
    pairs.insert(pairs.end(), more.begin(), more.end());
  }
  require(pairs.size() <= kParametersMax);
  constexpr std::array<std::string_view, 4> kNames = {"signature", "timestamp", "recvWindow",
                                                      "apiKey"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::size_t count = 0;
    for (const std::string& pair : pairs) {
      const std::string name = pair.substr(0, pair.find('='));
      const auto decoded = form_decode(name);
      require(decoded.has_value());
      if (http::equals_ignoring_case(*decoded, kNames[i])) {
        require(name == kNames[i]);
        ++count;
      }
    }
    require(count == (answer.reserved[i] ? 1U : 0U));
  }
}

// Faults or not, nothing but one pair and one '&' is ever left out.
void check_size(const Request& request, const Answer& answer) {
  const std::size_t all = request.query.size() + request.body.size();
  require(answer.payload.size() <= all);
  if (!answer.fault && !answer.reserved[0]) {
    require(answer.payload == request.query + request.body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static SignedParameters used;
  const Request request = request_of({reinterpret_cast<const char*>(data), size});
  for (const ParameterRules* rules : {&kRules, &kStrictRules}) {
    SignedParameters fresh;
    const Answer answer = read(fresh, request, *rules);
    require(read(used, request, *rules) == answer);
    check_size(request, answer);
    if (!answer.fault) {
      check_accepted(request, answer);
    }
  }
  return 0;
}
