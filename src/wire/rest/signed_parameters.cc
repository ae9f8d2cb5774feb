#include "wire/rest/signed_parameters.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "base/percent.h"
#include "verify/reason.h"

namespace counterfoil::rest {
namespace {

// Names are compared after one decoding; only unusual ones need it.
bool needs_decoding(std::string_view text) {
  return text.find_first_of("%+") != std::string_view::npos;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
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

bool is_within(std::string_view inner, std::string_view outer) {
  return !inner.empty() && inner.data() >= outer.data() &&
         inner.data() + inner.size() <= outer.data() + outer.size();
}

}  // namespace

void SignedParameters::read(std::string_view query, std::string_view body, BodyKind body_kind,
                            const ParameterRules& rules) {
  parameters_.clear();
  decoded_names_.clear();
  signature_pair_ = {};
  fault_.reset();
  signature_.reset();
  timestamp_.reset();
  recv_window_.reset();
  api_key_.reset();
  symbol_ = {};
  read_part(query, true, rules);
  if (body_kind == BodyKind::kForm) {
    read_part(body, false, rules);
  }
  check_repeats(rules);
  if (body_kind == BodyKind::kOther && !body.empty() && (!signature_ || !timestamp_)) {
    fail(Reason::kBodyNotForm);
  }
  if (rules.signature_position == ParameterRules::SignaturePosition::kLast && signature_) {
    const std::string_view last_part = body.empty() ? query : body;
    if (!is_within(signature_pair_, last_part) || !last_part.ends_with(signature_pair_)) {
      fail(Reason::kSignatureNotLast);
    }
  }
  rebuild_payload(query, body);
}

void SignedParameters::read_part(std::string_view part, bool in_query,
                                 const ParameterRules& rules) {
  for (bool more = !part.empty(); more;) {
    const std::size_t end = part.find('&');
    const std::string_view pair = part.substr(0, end);
    more = end != std::string_view::npos;
    part.remove_prefix(more ? end + 1 : part.size());
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      fail(Reason::kParameterMalformed);
      continue;
    }
    Parameter parameter{pair.substr(0, equals), pair.substr(equals + 1), in_query};
    if (parameter.name == rules.signature && signature_pair_.empty()) {
      signature_pair_ = pair;
    }
    if (parameters_.size() == kParametersMax) {
      fail(Reason::kTooManyParameters);
      return;
    }
    take(parameter, rules);
  }
}

void SignedParameters::take(const Parameter& raw, const ParameterRules& rules) {
  Parameter parameter = raw;
  if (parameter.name.size() > kParameterNameBytesMax ||
      parameter.value.size() > kParameterValueBytesMax) {
    fail(Reason::kParameterTooLong);
    return;
  }
  const bool encoded_name = needs_decoding(parameter.name);
  if (encoded_name) {
    auto decoded = form_decode(parameter.name);
    if (!decoded) {
      fail(Reason::kParameterMalformed);
      return;
    }
    // One reservation for all, so that views of earlier names stay good.
    decoded_names_.reserve(2 * kParametersMax);
    parameter.name = decoded_names_.emplace_back(std::move(*decoded));
  }
  if (!escapes_are_whole(parameter.value)) {
    fail(Reason::kParameterMalformed);
    return;
  }
  const std::array<std::pair<std::string_view, std::optional<std::string_view>*>, 4> reserved = {{
      {rules.signature, &signature_},
      {rules.timestamp, &timestamp_},
      {rules.recv_window, &recv_window_},
      {rules.api_key, &api_key_},
  }};
  for (const auto& [name, slot] : reserved) {
    if (!equal_ignoring_case(parameter.name, name)) {
      continue;
    }
    if (encoded_name || parameter.name != name) {
      fail(Reason::kReservedParameterDisguised);
    } else {
      take_reserved(*slot, parameter.value);
    }
  }
  parameters_.push_back(parameter);
  if (signature_ && parameter.name == rules.signature && needs_decoding(*signature_)) {
    decoded_signature_ = form_decode(*signature_).value_or(std::string());
    signature_ = decoded_signature_;
  }
  if (!rules.symbol.empty() && parameter.name == rules.symbol && symbol_.empty()) {
    decoded_symbol_ = form_decode(parameter.value).value_or(std::string());
    symbol_ = decoded_symbol_;
  }
}

void SignedParameters::take_reserved(std::optional<std::string_view>& slot,
                                     std::string_view value) {
  if (slot) {
    fail(Reason::kReservedParameterRepeated);
    return;
  }
  slot = value;
}

void SignedParameters::check_repeats(const ParameterRules& rules) {
  for (std::size_t i = 1; i < parameters_.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (parameters_[i].name != parameters_[k].name) {
        continue;
      }
      const bool same_part = parameters_[i].in_query == parameters_[k].in_query;
      const bool allowed =
          std::ranges::find(rules.repeats, parameters_[i].name) != rules.repeats.end();
      if (!allowed &&
          (same_part || rules.same_name_in_both == ParameterRules::SameNameInBoth::kRefuse)) {
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

}  // namespace counterfoil::rest
