#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verify/reason.h"

namespace counterfoil::rest {

inline constexpr std::size_t kParametersMax = 100;  // query and body together
inline constexpr std::size_t kParameterNameBytesMax = 64;
inline constexpr std::size_t kParameterValueBytesMax = 4096;

// ParameterRules is what the profile says of parameters. Borrowed texts must outlive the reading.
struct ParameterRules {
  std::string_view signature = "signature";
  std::string_view timestamp = "timestamp";
  std::string_view recv_window = "recvWindow";
  std::string_view api_key = "apiKey";
  std::string_view symbol;               // the route's symbol parameter; empty: none
  std::span<const std::string> repeats;  // names that may stand several times in one part
  enum class SignaturePosition : std::uint8_t {
    kAnywhere,
    kLast
  } signature_position = SignaturePosition::kAnywhere;
  enum class SameNameInBoth : std::uint8_t {
    kPass,
    kRefuse
  } same_name_in_both = SameNameInBoth::kPass;
};

// BodyKind says whether the body's bytes are parameters. Either way they are signed.
enum class BodyKind : std::uint8_t { kForm, kOther };

// SignedParameters reads the parameters of one signed request out of its raw query and body, and
// rebuilds the signed payload: query, then body, nothing in between, less the one signature pair
// and one '&' beside it. Nothing is decoded or encoded on the way (control S-23). The views it
// gives live as long as the texts it read and until the next read().
//
// Reserved names occur at most once in query and body together, written exactly so; any other name
// once in each part (control S-24). Reuse one object for many requests: it then allocates only when
// a request is unusual.
class SignedParameters {
 public:
  SignedParameters() = default;
  // Some views are into the object itself.
  SignedParameters(const SignedParameters&) = delete;
  SignedParameters(SignedParameters&&) = delete;
  SignedParameters& operator=(const SignedParameters&) = delete;
  SignedParameters& operator=(SignedParameters&&) = delete;
  ~SignedParameters() = default;

  void read(std::string_view query, std::string_view body, BodyKind body_kind,
            const ParameterRules& rules);

  // fault is the first thing wrong with the parameters' form. The other values are then not to be
  // used, but for the payload, which is rebuilt as far as it can be.
  [[nodiscard]] std::optional<Reason> fault() const { return fault_; }
  [[nodiscard]] std::string_view payload() const { return payload_; }
  // signature is decoded as form text, once.
  [[nodiscard]] std::optional<std::string_view> signature() const { return signature_; }
  [[nodiscard]] std::optional<std::string_view> timestamp() const { return timestamp_; }
  [[nodiscard]] std::optional<std::string_view> recv_window() const { return recv_window_; }
  [[nodiscard]] std::optional<std::string_view> api_key() const { return api_key_; }
  // symbol is the value of the route's symbol parameter, decoded; of two, the query's unless that
  // is empty. Empty when absent.
  [[nodiscard]] std::string_view symbol() const { return symbol_; }
  // find gives the raw value of a parameter; of two, the query's.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // stands_in_query tells whether the query, too, has the parameter.
  [[nodiscard]] bool stands_in_query(std::string_view name) const;

 private:
  enum class Part : std::uint8_t { kQuery, kBody };
  struct Parameter {
    std::string_view name;   // decoded
    std::string_view value;  // raw
    Part part;
  };
  void forget();
  void read_part(std::string_view text, Part part, const ParameterRules& rules);
  void take_pair(std::string_view pair, Part part, const ParameterRules& rules);
  std::string_view keep_decoded_name(std::string_view written);
  void take_if_reserved(const Parameter& parameter, std::string_view written,
                        const ParameterRules& rules);
  [[nodiscard]] static bool may_stand_together(const Parameter& a, const Parameter& b,
                                               const ParameterRules& rules);
  void check_repeats(const ParameterRules& rules);
  void rebuild_payload(std::string_view query, std::string_view body);
  void fail(Reason reason) { fault_ = fault_.value_or(reason); }

  std::size_t pairs_read_ = 0;
  std::vector<Parameter> parameters_;
  std::vector<std::string> decoded_names_;
  std::string joined_payload_;
  std::string decoded_signature_;
  std::string decoded_symbol_;
  std::string_view signature_pair_;  // as it stands in query or body
  std::optional<Reason> fault_;
  std::string_view payload_;
  std::optional<std::string_view> signature_;
  std::optional<std::string_view> timestamp_;
  std::optional<std::string_view> recv_window_;
  std::optional<std::string_view> api_key_;
  std::string_view symbol_;
};

}  // namespace counterfoil::rest
