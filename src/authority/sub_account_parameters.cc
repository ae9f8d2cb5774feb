#include "authority/sub_account_parameters.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "authority/call_refusal.h"
#include "base/percent.h"
#include "verify/reason.h"
#include "wire/http/field_rules.h"

namespace counterfoil {

void CallParameters::refuse(Reason reason, std::string_view parameter) {
  if (!fault_) {
    fault_ =
        CallRefusal{.reason = reason, .parameter = parameter, .tried = CallRefusal::Tried::kYes};
  }
}

std::optional<std::string> CallParameters::text(std::string_view name, std::size_t bytes_max) {
  const auto raw = received_.find(name);
  if (!raw || raw->empty()) {
    return std::nullopt;
  }
  auto decoded = form_decode(*raw);
  if (!decoded || decoded->size() > bytes_max) {
    refuse(Reason::kParameterInvalid, name);
    return std::nullopt;
  }
  return decoded;
}

std::string CallParameters::required_text(std::string_view name, std::size_t bytes_max) {
  auto value = text(name, bytes_max);
  if (!value) {
    refuse(Reason::kParameterMissing, name);
    return {};
  }
  return *std::move(value);
}

std::optional<std::uint32_t> CallParameters::number(std::string_view name, std::uint32_t least,
                                                    std::uint32_t most) {
  constexpr std::size_t kDigitsMax = 9;
  const auto digits = text(name, kDigitsMax);
  if (!digits) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  const char* const end = digits->data() + digits->size();
  const auto [at, error] = std::from_chars(digits->data(), end, value);
  if (error != std::errc{} || at != end || value < least || value > most) {
    refuse(Reason::kParameterInvalid, name);
    return std::nullopt;
  }
  return value;
}

std::uint32_t CallParameters::required_number(std::string_view name, std::uint32_t least,
                                              std::uint32_t most) {
  const auto value = number(name, least, most);
  if (!value) {
    refuse(Reason::kParameterMissing, name);
  }
  return value.value_or(least);
}

std::optional<bool> CallParameters::flag(std::string_view name) {
  constexpr std::size_t kWordMax = 5;
  const auto word = text(name, kWordMax);
  if (!word) {
    return std::nullopt;
  }
  const bool is_true = http::equals_ignoring_case(*word, "true");
  if (!is_true && !http::equals_ignoring_case(*word, "false")) {
    refuse(Reason::kParameterInvalid, name);
    return std::nullopt;
  }
  return is_true;
}

}  // namespace counterfoil
