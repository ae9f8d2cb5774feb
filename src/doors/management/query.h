#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "doors/management/api_fault.h"

namespace counterfoil {

// Query takes the parameters behind the '?' by name, the way MemberReader takes the members of a
// body: the first thing wrong is kept for finish(), and names nobody asked for are refused.
class Query {
 public:
  static constexpr std::size_t kParametersMax = 20;
  static constexpr std::size_t kValueBytesMax = 1'024;

  explicit Query(std::string_view raw);

  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name, std::uint64_t least,
                                                    std::uint64_t most);
  [[nodiscard]] std::optional<Timestamp> time(std::string_view name);

  // take_out forgets a parameter that somebody else has read.
  void take_out(std::string_view name);

  void refuse(std::string_view reason, std::string detail, std::string_view parameter);
  [[nodiscard]] std::expected<void, ApiFault> finish();

 private:
  struct Parameter {
    std::string name;
    std::string value;
  };
  void take(std::string_view pair);

  std::vector<Parameter> parameters_;
  std::vector<std::string_view> known_;
  std::optional<ApiFault> fault_;
};

}  // namespace counterfoil
