#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace counterfoil {

// ApiKeyId is the public id of an API key: 64 characters of [A-Za-z0-9], case-sensitive. A value
// that exists has that form; whether its checksum is right is for KeyFormat (foreign keys have
// none).
class ApiKeyId {
 public:
  static constexpr std::size_t kSize = 64;

  // parse gives nullopt for any other length or character. Does not allocate.
  [[nodiscard]] static std::optional<ApiKeyId> parse(std::string_view text);
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }
  // prefix is what logs may show (control S-80).
  [[nodiscard]] std::string_view prefix() const { return text().substr(0, 8); }
  auto operator<=>(const ApiKeyId&) const = default;

 private:
  ApiKeyId() = default;
  std::array<char, kSize> text_{};
};

// ApiKeyIdHash mixes all 64 characters. Ids are chosen at random or by an operator's import, never
// by whoever sends a request that is accepted, so a fixed seed is enough.
struct ApiKeyIdHash {
  using is_avalanching = void;
  [[nodiscard]] std::size_t operator()(const ApiKeyId& id) const noexcept;
};

}  // namespace counterfoil
