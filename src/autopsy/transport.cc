// Where the parameters stand, and who touched them on the way.
#include <array>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "autopsy/cause.h"
#include "autopsy/form.h"
#include "autopsy/reading.h"
#include "autopsy/scene.h"

namespace counterfoil::autopsy {
namespace {

std::optional<std::string> truncated(const Scene& scene) {
  const auto length = header_of(scene.request, "content-length");
  return length && is_digits(*length) && length->size() < 10 &&
                 std::strtoull(std::string(*length).c_str(), nullptr, 10) >
                     scene.request.body.size()
             ? std::optional("Content-Length: " + std::string(*length) + ", " +
                             std::to_string(scene.request.body.size()) + " bytes came")
             : std::nullopt;
}

bool is_encoding_cause(const Scene& scene) {
  return scene.has("reserved-char-encoding-mismatch") || scene.has("space-plus-vs-percent20") ||
         scene.has("percent-hex-case");
}

std::optional<std::string> reencoded(const Scene& scene) {
  return is_encoding_cause(scene) && scene.history.direct_requests_verify &&
                 header_of(scene.request, "via")
             ? std::optional("Via: " + std::string(*header_of(scene.request, "via")))
             : std::nullopt;
}

std::optional<std::string> not_last(const Scene& scene) {
  const bool cut = scene.has("params-added-after-signing") || scene.has("only-some-params-signed");
  const bool known =
      scene.outcome == SignatureOutcome::kRight || scene.outcome == SignatureOutcome::kExplained;
  return scene.rules.signature_must_be_last && known && !cut && !scene.reading.signature_last
             ? std::optional<std::string>("")
             : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"json-body-instead-of-form", kProved, kOnRest, "The parameters were sent as JSON; the server reads a form.", "the body is JSON and holds the parameters",
     "Send them in the query, or as application/x-www-form-urlencoded.", Remedy::kSendForm, {}},
    {"multipart-body-instead-of-form", kProved, kOnRest, "The parameters were sent as multipart/form-data.", "the boundary in the body",
     "Send a URL-encoded form.", Remedy::kSendForm, {}},
    {"params-in-get-body", kProved, kOnRest, "The parameters stand in the body of a GET, which is not read.", "the body holds them",
     "Put them into the query.", Remedy::kSendForm, {}},
    {"delete-params-in-body", kProved, kOnRest, "The parameters stand in the body of a DELETE, which is not read.", "the body holds them",
     "Put them into the query.", Remedy::kSendForm, {}},
    {"content-type-wrong", kProved, kOnRest, "The body is a form and its Content-Type says something else, so it is not read.", "the body reads as a form",
     "Send Content-Type: application/x-www-form-urlencoded.", Remedy::kSendForm, {}},
    {"body-truncated", kPossible, kOnRest, "Fewer bytes came than Content-Length says.", "the length",
     "Send the whole body; look at time-outs of proxies.", Remedy::kNone, SeeFact{truncated}},
    {"signature-not-last", kProved, kOnRest, "The signature is not the last parameter, and this server demands that.", "its place",
     "Append the signature after all other parameters.", Remedy::kSignWhatIsSent, SeeFact{not_last}},
    {"proxy-reencoded-request", kStrong, kOnRest, "A proxy decoded the request and encoded it anew.", "an encoding differs, Via names a proxy, and direct requests are right",
     "Let the proxy pass the raw URI: in nginx, proxy_pass without a path.", Remedy::kProxy, SeeFact{reencoded}},
    {"library-reencodes-url", kPossible, kOnRest, "The HTTP client may normalise the finished URL.", "an encoding differs; the client's name",
     "Hand the client a URL object that is marked as encoded.", Remedy::kEncodeThenSign, {}},
    {"known-bad-client-version", kPossible, kOnAll, "This release of the client is known for a signing bug.", "its name and version, and a proved cause",
     "Update the client.", Remedy::kNone, {}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> transport_causes() { return kRows; }

}  // namespace counterfoil::autopsy
