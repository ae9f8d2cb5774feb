// How the value of a signature is written. Each row takes one layer off.
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "autopsy/cause.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/percent.h"
#include "crypto/signature_scheme.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_base64_letters(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kBase64Alphabet) == std::string_view::npos;
}

std::optional<std::string> changed(std::string after, std::string_view before) {
  return after == before ? std::nullopt : std::optional(std::move(after));
}

std::optional<std::string> blanks_were_plus(std::string_view written) {
  // A label of a tool has blanks too; a value without one is all base64.
  const std::string text = replaced(written, " ", "+");
  const std::string_view letters = std::string_view(text).substr(0, text.find('='));
  return is_base64_letters(letters) ? changed(text, written) : std::nullopt;
}

std::optional<std::string> escapes(std::string_view written) {
  return written.contains('%') ? percent_decode(written) : std::nullopt;
}

std::optional<std::string> line_breaks(std::string_view written) {
  std::string text = replaced(replaced(written, "\\r", ""), "\\n", "");
  for (const std::string_view control : {"\n", "\r", "\t"}) {
    text = replaced(text, control, "");
  }
  if (text.find('=') == std::string::npos || text.contains(' ')) {
    text = replaced(text, " ", "");  // wrapped with blanks: only where no label stands before
  }
  return changed(text, written);
}

std::optional<std::string> bytes_repr(std::string_view written) {
  if (written.starts_with('b') || written.starts_with('B')) {
    written.remove_prefix(1);
  }
  if (written.size() < 2 || (written.front() != '\'' && written.front() != '"') ||
      written.back() != written.front()) {
    return std::nullopt;
  }
  return std::string(written.substr(1, written.size() - 2));
}

std::optional<std::string> tool_label(std::string_view written) {
  std::string_view text = written;
  for (const std::string_view mark : {")=", "= ", ": ", "0x"}) {
    if (const std::size_t at = text.rfind(mark); at != std::string_view::npos) {
      text.remove_prefix(at + mark.size());
    }
  }
  if (const std::size_t tail = text.find("  -"); tail != std::string_view::npos) {
    text = text.substr(0, tail);
  }
  if (const std::size_t tail = text.find(" *"); tail != std::string_view::npos) {
    text = text.substr(0, tail);
  }
  const std::size_t begin = text.find_first_not_of(" \r\n\t");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  text = text.substr(begin, text.find_last_not_of(" \r\n\t") - begin + 1);
  // Cutting white space alone is the row of line breaks.
  return text.size() + 2 < written.size() ? changed(std::string(text), written) : std::nullopt;
}

std::optional<std::string> padded(std::string text) {
  if (!is_base64_letters(std::string_view(text).substr(0, text.find('='))) ||
      text.size() % 4 == 0 || text.size() % 4 == 1) {
    return std::nullopt;
  }
  text.append(4 - (text.size() % 4), '=');
  return text;
}

std::optional<std::string> url_alphabet(std::string_view written) {
  if (written.find_first_of("-_") == std::string_view::npos) {
    return std::nullopt;
  }
  std::string text = replaced(replaced(written, "-", "+"), "_", "/");
  const auto whole = padded(text);
  return whole ? whole : std::optional(text);
}

std::optional<std::string> padding(std::string_view written) {
  return padded(std::string(written));
}

std::optional<std::string> hex_within(std::string_view written) {
  const auto bytes = from_base64(written);
  if (!bytes || bytes->size() < 32) {
    return std::nullopt;
  }
  const std::string_view text = as_text(*bytes);
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  return text.find_first_not_of(kDigits) == std::string_view::npos
             ? std::optional(std::string(text))
             : std::nullopt;
}

std::optional<std::string> cut_asymmetric(const Scene& scene) {
  if (scene.outcome != SignatureOutcome::kUnknown || scene.named == nullptr ||
      scene.named->scheme == Scheme::kHmacSha256 || !scene.named->public_key ||
      scene.values.hex_digits() == 64) {
    return std::nullopt;
  }
  const std::size_t wanted =
      scene.named->scheme == Scheme::kEd25519 ? 64 : scene.named->public_key->rsa_modulus().size();
  const std::string& text = *scene.reading.signature;
  const bool fits =
      text.size() >= 16 &&
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ ") ==
          std::string::npos;
  return fits && (text.size() * 3) / 4 < wanted
             ? std::optional(std::to_string(text.size()) +
                             " characters, too few for a signature of this key")
             : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"signature-missing", kProved, kOnAll, "The request carries no signature.", "no parameter signature, or an empty one",
     "Sign the query and the body, and add the result as the parameter signature.", Remedy::kSignWhatIsSent, {}},
    {"signature-not-percent-encoded", kProved, kOnRest, "The base64 signature stands in the URL as it is, so each + arrived as a blank.", "with blanks read as + the signature is right",
     "Percent-encode the signature before it goes into the URL.", Remedy::kEncodeSignature, UnwrapValue{blanks_were_plus}},
    {"signature-double-encoded", kProved, kOnRest | kOnFix, "The signature was percent-encoded twice.", "decoded a second time the signature is right",
     "Percent-encode the signature once; do not hand an encoded value to a client that encodes.", Remedy::kEncodeSignature, UnwrapValue{escapes}},
    {"ws-signature-percent-encoded", kProved, kOnWebSocket, "The signature was percent-encoded inside the JSON text, as a URL needs it.", "decoded the signature is right",
     "Put the plain base64 or hex text into the JSON.", Remedy::kWebSocket, UnwrapValue{escapes}},
    {"signature-python-bytes-repr", kProved, kOnAll, "The signature is the printed form of a bytes object: b'…'.", "what stands between the quotes is right",
     "Decode the bytes to text first: .decode().", Remedy::kBase64Signature, UnwrapValue{bytes_repr}},
    {"signature-with-tool-output-prefix", kProved, kOnAll, "The label that a tool prints before or behind the value was sent with it.", "without the label the signature is right",
     "Cut the label: openssl dgst -r, or awk '{print $NF}'.", Remedy::kHexSignature, UnwrapValue{tool_label}},
    {"signature-base64-line-breaks", kProved, kOnAll, "The signature holds line breaks: the encoder wrapped it.", "without white space the signature is right",
     "Encode without wrapping: openssl base64 -A, or base64 -w0.", Remedy::kBase64Signature, UnwrapValue{line_breaks}},
    {"signature-base64url", kProved, kOnAll, "The signature is written in the URL-safe base64 alphabet (- and _).", "read in that alphabet the signature is right",
     "Use standard base64 with + / and =, then percent-encode it.", Remedy::kBase64Signature, UnwrapValue{url_alphabet}},
    {"signature-base64-padding-missing", kProved, kOnAll, "The = at the end of the base64 signature was cut.", "with the padding the signature is right",
     "Keep the = at the end.", Remedy::kBase64Signature, UnwrapValue{padding}},
    {"signature-base64-of-hex", kProved, kOnAll, "The hex text of the signature was encoded in base64 again.", "the base64 decodes to the hex text of the right signature",
     "Encode the bytes of the signature once: hex for HMAC, base64 for RSA and Ed25519.", Remedy::kHexSignature, UnwrapValue{hex_within}},
    {"signature-base64-instead-of-hex", kProved, kOnAll, "The HMAC was sent as base64.", "decoded as base64 it is the right HMAC",
     "Send the HMAC as 64 hex digits.", Remedy::kHexSignature, {}},
    {"signature-hex-instead-of-base64", kProved, kOnAll, "The RSA or Ed25519 signature was sent as hex.", "decoded as hex the signature is right",
     "Send RSA and Ed25519 signatures as base64.", Remedy::kBase64Signature, {}},
    {"signature-leading-zeros-dropped", kProved, kOnAll, "Zeros at the front of the hex signature, or of its bytes, were lost.", "with the zeros it is the right HMAC",
     "Write each byte with two hex digits; never go through a big number.", Remedy::kHexSignature, {}},
    {"signature-truncated", kProved, kOnAll, "The end of the signature was cut off.", "the value is the beginning of the right signature, or shorter than any",
     "Keep the whole value: 64 hex digits for HMAC, 88 characters for Ed25519, 344 and more for RSA.", Remedy::kHexSignature, SeeFact{cut_asymmetric}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> value_causes() { return kRows; }

}  // namespace counterfoil::autopsy
