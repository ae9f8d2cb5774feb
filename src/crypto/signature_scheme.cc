#include "crypto/signature_scheme.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace counterfoil {
namespace {

constexpr std::size_t row_of(Scheme scheme) { return static_cast<std::size_t>(scheme) - 1; }

}  // namespace

static_assert(std::ranges::all_of(kSchemes, [](const SchemeRow& row) {
  return &kSchemes[row_of(row.scheme)] == &row;
}));

const SchemeRow& describe(Scheme scheme) { return kSchemes[row_of(scheme)]; }

std::optional<Scheme> parse_scheme(std::string_view name) {
  if (name == "hmac") {
    return Scheme::kHmacSha256;
  }
  if (name == "rsa") {
    return Scheme::kRsaPkcs1Sha256;
  }
  const auto* const row = std::ranges::find(kSchemes, name, &SchemeRow::name);
  return row == kSchemes.end() ? std::nullopt : std::optional(row->scheme);
}

}  // namespace counterfoil
