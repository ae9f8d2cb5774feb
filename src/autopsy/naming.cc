// How the request names its API key.
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"

namespace counterfoil::autopsy {
namespace {

using Found = std::optional<const AccountKey*>;

// within gives the key whose name stands somewhere in `text`.
const AccountKey* within(const Scene& scene, std::string_view text) {
  for (const AccountKey* key : scene.all_keys()) {
    if (!key->api_key.empty() && text.contains(key->api_key)) {
      return key;
    }
  }
  return nullptr;
}

Found found(const AccountKey* key) { return key != nullptr ? Found(key) : std::nullopt; }

Found private_key(const Scene& scene) {
  constexpr std::size_t kLong = 100;  // No name is near; a key in base64 is.
  const std::string_view name = scene.reading.api_key;
  const bool is_pem = name.contains("-----BEGIN") || name.contains("PRIVATE KEY");
  const bool is_der =
      name.starts_with("MC4CAQ") || (name.size() > kLong && name.starts_with("MII"));
  return is_pem || is_der ? Found(nullptr) : std::nullopt;
}

Found swapped(const Scene& scene) {
  for (const AccountKey* key : scene.all_keys()) {
    if (!key->secret.empty() && scene.reading.api_key.contains(key->secret)) {
      return key;
    }
  }
  return std::nullopt;
}

Found extra_characters(const Scene& scene) { return found(within(scene, scene.reading.api_key)); }

Found misnamed(const Scene& scene) {
  if (!scene.reading.api_key.empty()) {
    return std::nullopt;
  }
  for (const auto& [name, value] : scene.request.headers) {
    if (const AccountKey* key = within(scene, value)) {
      return key;
    }
  }
  return std::nullopt;
}

Found in_query(const Scene& scene) {
  if (!scene.reading.api_key.empty()) {
    return std::nullopt;
  }
  for (const Field& field : scene.reading.form.fields) {
    if (const AccountKey* key = within(scene, field.value)) {
      return key;
    }
  }
  return std::nullopt;
}

Found dropped(const Scene& scene) {
  return scene.reading.api_key.empty() && scene.history.header_seen_from_elsewhere ? Found(nullptr)
                                                                                   : std::nullopt;
}

Found missing(const Scene& scene) {
  return scene.reading.api_key.empty() ? Found(nullptr) : std::nullopt;
}

Found unknown(const Scene& /*scene*/) { return nullptr; }

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"private-key-pasted-as-api-key", kProved, kOnAll, "A private key stands in the place of the API key.", "the text is a PEM, or the base64 of a private key",
     "Rotate this key now, the private key travelled; then send the API key's name.", Remedy::kRotate, FindKey{private_key}},
    {"key-and-secret-swapped", kProved, kOnAll, "The secret was sent in the place of the API key.", "the text is a secret of yours",
     "Rotate this key now, the secret travelled; then exchange the two.", Remedy::kRotate, FindKey{swapped}},
    {"api-key-has-extra-characters", kProved, kOnAll, "There are other characters around the API key: quotes, blanks, Bearer.", "without them it is a key of yours",
     "Send the exact text of the API key.", Remedy::kSendHeader, FindKey{extra_characters}},
    {"api-key-header-misnamed", kProved, kOnRest, "The API key was sent in another header.", "another header holds a key of yours",
     "Send it in the header that the API names for it: X-MBX-APIKEY on the vendor's.", Remedy::kSendHeader, FindKey{misnamed}},
    {"api-key-in-query", kProved, kOnRest, "The API key was sent as a parameter, as the WebSocket API wants it.", "a parameter holds a key of yours",
     "Send it in the header that the API names for it: X-MBX-APIKEY on the vendor's.", Remedy::kSendHeader, FindKey{in_query}},
    {"proxy-drops-header", kStrong, kOnRest, "A proxy on the way takes the API key's header out.", "the header is missing here and arrives by other ways",
     "Allow the API key's header (X-MBX-APIKEY on the vendor's API) in the proxy.", Remedy::kProxy, FindKey{dropped}},
    {"api-key-header-missing", kProved, kOnAll, "The request names no API key.", "absence",
     "Send the API key in its header (X-MBX-APIKEY on the vendor's API), and let a proxy pass it.", Remedy::kSendHeader, FindKey{missing}},
    {"api-key-unknown", kProved, kOnAll, "Nobody holds the API key that the request names.", "it is not in the store",
     "Copy the API key again, or create one.", Remedy::kSendHeader, FindKey{unknown}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> naming_causes() { return kRows; }

}  // namespace counterfoil::autopsy
