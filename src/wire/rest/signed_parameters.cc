#include "wire/rest/signed_parameters.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "base/percent.h"
#include "verify/reason.h"
#include "wire/http/field_rules.h"

namespace counterfoil::rest {
namespace {

// Names are compared after one decoding; only unusual ones need it.
bool needs_decoding(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '%' || c == '+'; });
}

bool escapes_are_whole(std::string_view text) {
  std::array<std::uint8_t, 1> byte{};
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (!from_hex_into(text.substr(at + 1, 2), byte)) {
      return false;
    }
  }
  return true;
}

// less_pair gives what stands before and after the pair inside `text`, less the one '&' that joined
// it.
std::pair<std::string_view, std::string_view> less_pair(std::string_view text,
                                                        std::string_view pair) {
  const auto begin = static_cast<std::size_t>(pair.data() - text.data());
  std::string_view before = text.substr(0, begin);
  std::string_view after = text.substr(begin + pair.size());
  if (after.starts_with('&')) {
    after.remove_prefix(1);
  } else if (before.ends_with('&')) {
    before.remove_suffix(1);
  }
  return {before, after};
}

// is_within asks where the bytes stand, not what they are. `inner` is a view into query or body.
bool is_within(std::string_view inner, std::string_view outer) {
  constexpr std::less_equal<> kNotBehind;  // ordered for pointers into different texts, too
  return !inner.empty() && kNotBehind(outer.data(), inner.data()) &&
         kNotBehind(inner.data() + inner.size(), outer.data() + outer.size());
}

bool ends_with_place(std::string_view outer, std::string_view inner) {
  return is_within(inner, outer) && inner.data() + inner.size() == outer.data() + outer.size();
}

// decoded gives the form-decoded text, kept in `store` when it differs from what is written. Its
// escapes are whole.
std::string_view decoded(std::string_view written, std::string& store) {
  if (!needs_decoding(written)) {
    return written;
  }
  store = form_decode(written).value_or(std::string());
  return store;
}

}  // namespace

void SignedParameters::read(std::string_view query, std::string_view body, BodyKind body_kind,
                            const ParameterRules& rules) {
  forget();
  read_part(query, Part::kQuery, rules);
  if (body_kind == BodyKind::kForm) {
    read_part(body, Part::kBody, rules);
  }
  check_repeats(rules);
  if (body_kind == BodyKind::kOther && !body.empty() && (!signature_ || !timestamp_)) {
    fail(Reason::kBodyNotForm);
  }
  if (rules.signature_position == ParameterRules::SignaturePosition::kLast && signature_) {
    const bool body_has_parameters = body_kind == BodyKind::kForm && !body.empty();
    if (!ends_with_place(body_has_parameters ? body : query, signature_pair_)) {
      fail(Reason::kSignatureNotLast);
    }
  }
  rebuild_payload(query, body);
}

void SignedParameters::forget() {
  pairs_read_ = 0;
  parameters_.clear();
  decoded_names_.clear();
  signature_pair_ = {};
  fault_.reset();
  signature_.reset();
  timestamp_.reset();
  recv_window_.reset();
  api_key_.reset();
  symbol_ = {};
}

void SignedParameters::read_part(std::string_view text, Part part, const ParameterRules& rules) {
  for (bool more = !text.empty(); more;) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    more = end != std::string_view::npos;
    text.remove_prefix(more ? end + 1 : text.size());
    if (pairs_read_ == kParametersMax) {
      fail(Reason::kTooManyParameters);
      return;
    }
    ++pairs_read_;
    take_pair(pair, part, rules);
  }
}

void SignedParameters::take_pair(std::string_view pair, Part part, const ParameterRules& rules) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    fail(Reason::kParameterMalformed);
    return;
  }
  const std::string_view written = pair.substr(0, equals);
  Parameter parameter{.name = written, .value = pair.substr(equals + 1), .part = part};
  if (written == rules.signature && signature_pair_.empty()) {
    signature_pair_ = pair;
  }
  if (written.size() > kParameterNameBytesMax || parameter.value.size() > kParameterValueBytesMax) {
    fail(Reason::kParameterTooLong);
    return;
  }
  if (!escapes_are_whole(written) || !escapes_are_whole(parameter.value)) {
    fail(Reason::kParameterMalformed);
    return;
  }
  if (needs_decoding(written)) {
    parameter.name = keep_decoded_name(written);
  }
  take_if_reserved(parameter, written, rules);
  if (parameter.name == rules.symbol && symbol_.empty()) {
    symbol_ = decoded(parameter.value, decoded_symbol_);
  }
  parameters_.push_back(parameter);
}

std::string_view SignedParameters::keep_decoded_name(std::string_view written) {
  // One reservation for all that can come, so that views of earlier names stay good.
  decoded_names_.reserve(kParametersMax);
  return decoded_names_.emplace_back(form_decode(written).value_or(std::string()));
}

void SignedParameters::take_if_reserved(const Parameter& parameter, std::string_view written,
                                        const ParameterRules& rules) {
  const std::array<std::pair<std::string_view, std::optional<std::string_view>*>, 4> reserved = {{
      {rules.signature, &signature_},
      {rules.timestamp, &timestamp_},
      {rules.recv_window, &recv_window_},
      {rules.api_key, &api_key_},
  }};
  for (const auto& [name, slot] : reserved) {
    if (parameter.name.size() != name.size() || !http::equals_ignoring_case(parameter.name, name)) {
      continue;
    }
    if (written != name) {
      fail(Reason::kReservedParameterDisguised);
    } else if (*slot) {
      fail(Reason::kReservedParameterRepeated);
    } else {
      *slot = slot == &signature_ ? decoded(parameter.value, decoded_signature_) : parameter.value;
    }
  }
}

bool SignedParameters::may_stand_together(const Parameter& a, const Parameter& b,
                                          const ParameterRules& rules) {
  if (a.part != b.part) {
    return rules.same_name_in_both == ParameterRules::SameNameInBoth::kPass;
  }
  return std::ranges::find(rules.repeats, a.name) != rules.repeats.end();
}

void SignedParameters::check_repeats(const ParameterRules& rules) {
  for (std::size_t i = 1; i < parameters_.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (parameters_[i].name == parameters_[k].name &&
          !may_stand_together(parameters_[i], parameters_[k], rules)) {
        fail(Reason::kParameterRepeated);
        return;
      }
    }
  }
}

void SignedParameters::rebuild_payload(std::string_view query, std::string_view body) {
  std::pair<std::string_view, std::string_view> query_parts{query, {}};
  std::pair<std::string_view, std::string_view> body_parts{body, {}};
  if (is_within(signature_pair_, query)) {
    query_parts = less_pair(query, signature_pair_);
  } else if (is_within(signature_pair_, body)) {
    body_parts = less_pair(body, signature_pair_);
  }
  const std::array<std::string_view, 4> parts{query_parts.first, query_parts.second,
                                              body_parts.first, body_parts.second};
  const auto filled = [](std::string_view part) { return !part.empty(); };
  if (std::ranges::count_if(parts, filled) <= 1) {
    const auto* const only = std::ranges::find_if(parts, filled);
    payload_ = only == parts.end() ? std::string_view() : *only;
    return;
  }
  joined_payload_.clear();
  for (const std::string_view part : parts) {
    joined_payload_.append(part);
  }
  payload_ = joined_payload_;
}

std::optional<std::string_view> SignedParameters::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  return found == parameters_.end() ? std::nullopt : std::optional(found->value);
}

bool SignedParameters::stands_in_query(std::string_view name) const {
  return std::ranges::any_of(parameters_, [&](const Parameter& parameter) {
    return parameter.name == name && parameter.part == Part::kQuery;
  });
}

}  // namespace counterfoil::rest
