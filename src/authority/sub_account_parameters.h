#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "authority/call_refusal.h"
#include "verify/reason.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {

// CallParameters takes the parameters of one call by name and type. The first thing wrong is kept
// and the rest goes on with empty values, so that a call reads everything and asks once, with
// fault(). An empty value is none. Names are constants: they go into the answer.
class CallParameters {
 public:
  // `received` must outlive it.
  explicit CallParameters(const rest::SignedParameters& received) : received_(received) {}

  // text is form-decoded. Refused: more than `bytes_max` bytes.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t bytes_max);
  [[nodiscard]] std::string required_text(std::string_view name, std::size_t bytes_max);
  // number reads decimal digits.
  [[nodiscard]] std::optional<std::uint32_t> number(std::string_view name, std::uint32_t least,
                                                    std::uint32_t most);
  [[nodiscard]] std::uint32_t required_number(std::string_view name, std::uint32_t least,
                                              std::uint32_t most);
  // flag reads true or false, in any letter case.
  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  [[nodiscard]] bool stands_in_query(std::string_view name) const {
    return received_.stands_in_query(name);
  }

  // refuse adds a fault of the call's own.
  void refuse(Reason reason, std::string_view parameter = {});
  [[nodiscard]] const std::optional<CallRefusal>& fault() const { return fault_; }

 private:
  const rest::SignedParameters& received_;
  std::optional<CallRefusal> fault_;
};

}  // namespace counterfoil
