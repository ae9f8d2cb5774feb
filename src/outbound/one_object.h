#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/json/json_members.h"

namespace counterfoil {

// OneObject is a JSON object of somebody else, each of whose members stands there once: of two of
// one name some readers take the first and some the last. It borrows the text it was read from.
class OneObject {
 public:
  // read: nullopt for what is no object, what has a name twice, and what is past json_text's
  // limits.
  [[nodiscard]] static std::optional<OneObject> read(std::string_view text);

  [[nodiscard]] const json_text::Member* find(std::string_view name) const;
  // text is nullopt when it is not there, or no text.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  // number reads a whole number of at most 15 digits; nullopt: there is none, or another one.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
  // texts reads an array of texts, of which other elements are left out; nullopt: there is none.
  [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view name) const;

 private:
  std::vector<json_text::Member> members_;
};

}  // namespace counterfoil
