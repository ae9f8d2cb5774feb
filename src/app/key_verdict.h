#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/live_finding.h"
#include "app/server_answer.h"
#include "base/time.h"
#include "keys/api_key_form.h"
#include "policy/profile.h"

namespace counterfoil {

// What `doctor --live` concludes of an API key. Pure.

// VendorHost says whether a host is the vendor's own, and which of its worlds: keys of one are
// unknown in the other.
enum class VendorHost : std::uint8_t { kNone, kLive, kTest };
[[nodiscard]] VendorHost vendor_host(std::string_view host);

// ApiKeyFormRow describes one form: `name` for scripts, `words` for people.
struct ApiKeyFormRow {
  ApiKeyForm form;
  std::string_view name;
  std::string_view words;
};
[[nodiscard]] const ApiKeyFormRow& describe(ApiKeyForm form);
// judge_form says what is wrong with an API key of this form at such a host. With a problem the
// server need not be asked, and a secret must not be sent.
[[nodiscard]] std::optional<LiveFinding> judge_form(ApiKeyForm form, VendorHost host);

// FromGateway: the answer carries a gateway's request id, so the order of its checks is known.
enum class FromGateway : std::uint8_t { kNo, kYes };

// judge_refusal says in plain words what a server's refusal of a signed request means, that was
// stamped with the server's own time. A code that is not known is never taken for a no.
[[nodiscard]] LiveFinding judge_refusal(int status, const std::optional<ServerRefusal>& refusal,
                                        FromGateway from, VendorHost host);

// What judge_refusal calls a key that a server does not take, and one that it does not know.
inline constexpr std::string_view kKeyRefused = "key_refused";
inline constexpr std::string_view kKeyUnknown = "api_key_unknown";

// judge_elsewhere says what it means for a key that one server refused what another one said of it:
// taken there, it is proved to be of that environment (key_of_other_environment); a wrong signature
// there, and it is known there at least. `told` are the other's findings.
[[nodiscard]] LiveFinding judge_elsewhere(LiveFinding refused, const std::string& other_url,
                                          bool is_accepted_there,
                                          const std::vector<LiveFinding>& told);

// permissions_told names the profile's permissions whose field of the answer is true, and then the
// true fields that belong to none.
[[nodiscard]] std::vector<std::string> permissions_told(const KeyRights& rights,
                                                        const Profile& profile);

// kEndsSoon: an end that is nearer is worth a warning.
inline constexpr std::chrono::hours kEndsSoon{24 * 7};

// judge_rights finds what will end or is dangerous, of a key that was accepted.
[[nodiscard]] std::vector<LiveFinding> judge_rights(const KeyRights& rights, const Profile& profile,
                                                    Timestamp now);

// judge_expiry warns of an API key that ends within kEndsSoon.
[[nodiscard]] std::optional<LiveFinding> judge_expiry(Timestamp expires, Timestamp now);

}  // namespace counterfoil
