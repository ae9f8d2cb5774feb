#include "autopsy/signature_values.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/sort_stably.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::size_t kLayersMax = 2;
constexpr std::size_t kPrefixMin = 16;  // Shorter ones could fit by chance or say too much.
constexpr std::size_t kLostZerosMax = 16;
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr std::string_view kBase64Hex = "signature-base64-of-hex";

struct Layered {
  std::vector<std::string_view> causes;
  std::string text;
};

std::uint8_t on_of(Transport transport) {
  switch (transport) {
    case Transport::kRest:
      return kOnRest;
    case Transport::kWebSocket:
      return kOnWebSocket;
    case Transport::kFix:
      return kOnFix;
  }
  std::unreachable();
}

// layers_of unwraps a value by each row that fits, and what comes out again.
std::vector<Layered> layers_of(std::string_view signature, std::uint8_t on) {
  std::vector<Layered> found{{.causes = {}, .text = std::string(signature)}};
  for (std::size_t at = 0; at < found.size(); ++at) {
    if (found[at].causes.size() == kLayersMax) {
      continue;
    }
    for (const CauseRow& row : value_causes()) {
      const auto* const layer = std::get_if<UnwrapValue>(&row.proof);
      const auto inner =
          layer != nullptr && (row.on & on) != 0 ? layer->unwrap(found[at].text) : std::nullopt;
      if (!inner || std::ranges::find(found, *inner, &Layered::text) != found.end()) {
        continue;
      }
      Layered next{.causes = found[at].causes, .text = *inner};
      next.causes.push_back(row.id);
      found.push_back(std::move(next));
    }
  }
  return found;
}

std::string unpadded_hex(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    const std::string digits = to_hex(ByteView(&byte, 1));
    text += digits.starts_with('0') ? digits.substr(1) : digits;
  }
  return text;
}

std::vector<std::string_view> with(std::vector<std::string_view> causes, std::string_view cause) {
  if (std::ranges::find(causes, cause) == causes.end()) {
    causes.push_back(cause);
  }
  return causes;
}

}  // namespace

SignatureValues SignatureValues::read(std::string_view signature, Transport transport) {
  SignatureValues read;
  for (const Layered& layer : layers_of(signature, on_of(transport))) {
    if (auto bytes = from_hex(layer.text); bytes && !bytes->empty()) {
      read.values_.push_back(
          {.causes = layer.causes, .writing = Writing::kHex, .bytes = std::move(*bytes)});
    }
    if (auto bytes = from_base64(layer.text); bytes && !bytes->empty()) {
      read.values_.push_back(
          {.causes = layer.causes, .writing = Writing::kBase64, .bytes = std::move(*bytes)});
    }
    if (layer.text.size() >= kPrefixMin) {
      read.partials_.push_back({.causes = layer.causes, .text = layer.text});
    }
  }
  sort_stably(read.values_, [](const SignatureValue& value) { return value.causes.size(); });
  return read;
}

std::vector<std::string_view> SignatureValues::causes_of(const SignatureValue& value,
                                                         Writing expected) {
  const bool hex_within = std::ranges::find(value.causes, kBase64Hex) != value.causes.end();
  if (value.writing == expected || hex_within) {
    return value.causes;
  }
  return with(value.causes, expected == Writing::kHex ? "signature-base64-instead-of-hex"
                                                      : "signature-hex-instead-of-base64");
}

std::optional<std::vector<std::string_view>> SignatureValues::match(ByteView right,
                                                                    Writing expected) const {
  for (const SignatureValue& value : values_) {
    if (std::ranges::equal(value.bytes, right)) {
      return causes_of(value, expected);
    }
  }
  if (partials_.empty()) {
    return std::nullopt;
  }
  const std::string hex = to_hex(right);
  for (const Partial& partial : partials_) {
    const std::size_t size = partial.text.size();
    if (size >= hex.size()) {
      continue;
    }
    if (const std::string digits = lower(partial.text); hex.starts_with(digits)) {
      return with(partial.causes, "signature-truncated");
    } else if (size + kLostZerosMax >= hex.size() &&
               ((hex.ends_with(digits) &&
                 hex.find_first_not_of('0') >= hex.size() - digits.size()) ||
                unpadded_hex(right) == digits)) {
      return with(partial.causes, "signature-leading-zeros-dropped");
    }
    if (const std::string base64 = to_base64(right);
        size < base64.find('=') && base64.starts_with(partial.text)) {
      auto causes = with(partial.causes, "signature-truncated");
      return expected == Writing::kHex ? with(causes, "signature-base64-instead-of-hex") : causes;
    }
  }
  return std::nullopt;
}

std::vector<const SignatureValue*> SignatureValues::of_size(std::size_t bytes) const {
  std::vector<const SignatureValue*> found;
  for (const SignatureValue& value : values_) {
    if (value.bytes.size() == bytes) {
      found.push_back(&value);
    }
  }
  return found;
}

std::size_t SignatureValues::hex_digits() const {
  for (const SignatureValue& value : values_) {
    if (value.writing == Writing::kHex) {
      return 2 * value.bytes.size();
    }
  }
  for (const Partial& partial : partials_) {
    if (partial.text.find_first_not_of(kHexDigits) == std::string::npos) {
      return partial.text.size();
    }
  }
  return 0;
}

}  // namespace counterfoil::autopsy
