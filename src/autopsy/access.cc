// What the key may do, from where, and whether it is alive.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/reading.h"
#include "autopsy/scene.h"
#include "base/ip_address.h"
#include "base/trim.h"

namespace counterfoil::autopsy {
namespace {

std::optional<std::string> seen(std::string text) { return text; }

bool is(const Scene& scene, PairState state) {
  return scene.named != nullptr && scene.named->state == state;
}

std::optional<std::string> revoked(const Scene& scene) {
  return is(scene, PairState::kRevoked) && !scene.has("ws-session-revoked") ? seen("")
                                                                            : std::nullopt;
}
std::optional<std::string> disabled(const Scene& scene) {
  return is(scene, PairState::kSuspended) && !scene.has("ws-session-revoked") ? seen("")
                                                                              : std::nullopt;
}

// A pair that was replaced. Where the API key stayed the same, its new pair verifies.
std::optional<std::string> replaced_pair(const Scene& scene) {
  const bool over = is(scene, PairState::kRetired) ||
                    (is(scene, PairState::kRetiring) && scene.named->retires_at_ms &&
                     scene.now_ms >= *scene.named->retires_at_ms);
  return over && scene.verifying().size() <= 1 && !scene.has("ws-session-revoked")
             ? seen(scene.request.source_ip.empty() ? "" : "from " + scene.request.source_ip)
             : std::nullopt;
}

std::optional<std::string> expired(const Scene& scene) {
  return scene.named != nullptr && scene.named->expires_at_ms &&
                 scene.now_ms >= *scene.named->expires_at_ms && !scene.has("ws-session-revoked")
             ? seen("")
             : std::nullopt;
}

std::optional<std::string> other_environment(const Scene& scene) {
  return scene.named != nullptr && !scene.rules.environment.empty() &&
                 !scene.named->environment.empty() &&
                 scene.named->environment != scene.rules.environment
             ? seen("this is " + scene.rules.environment + ", the key is of " +
                    scene.named->environment)
             : std::nullopt;
}

// ---- addresses

// What stands around an entry that was pasted.
constexpr std::string_view kAround = " \t\r\n\"',;";

bool contains(std::string_view entry, const IpAddress& address) {
  const auto network = Cidr::parse(entry);
  return network && network->contains(address);
}

struct Place {
  bool allowed = true;
  bool typo = false;     // an entry that does not parse would allow it
  bool family = false;   // all entries are of the other family
  bool proxied = false;  // a forwarding header names an address that is allowed
  std::string list;
};

bool mends(std::string_view entry, const IpAddress& address) {
  if (Cidr::parse(entry)) {
    return false;
  }
  const std::string_view text = trim(entry, kAround);
  if (contains(text, address)) {
    return true;
  }
  // Several in one entry, or a network with host bits.
  for (std::string_view rest = entry; !rest.empty();) {
    const std::size_t end = rest.find_first_of(" ,;");
    if (contains(trim(rest.substr(0, end), kAround), address)) {
      return true;
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  const auto network = Cidr::parse(text);
  return !network && network.error().kind == CidrErrorKind::kHostBitsSet &&
         contains(network.error().corrected, address);
}

Place place_of(const Scene& scene) {
  Place place;
  const auto address = IpAddress::parse(scene.request.source_ip);
  if (scene.named == nullptr || scene.named->allow_list.empty() || !address) {
    return place;
  }
  const auto& list = scene.named->allow_list;
  const auto allows = [&](const IpAddress& who) {
    return std::ranges::any_of(list,
                               [&](const std::string& entry) { return contains(entry, who); });
  };
  for (const std::string& entry : list) {
    place.list += (place.list.empty() ? "" : ", ") + entry;
  }
  place.allowed = allows(*address);
  place.typo =
      std::ranges::any_of(list, [&](const std::string& entry) { return mends(entry, *address); });
  place.family = std::ranges::all_of(list, [&](const std::string& entry) {
    const auto network = Cidr::parse(entry);
    return network && network->network().is_v4() != address->is_v4();
  });
  for (const std::string_view name : {"x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip",
                                      "cf-connecting-ip", "x-client-ip"}) {
    std::string_view rest = header_of(scene.request, name).value_or("");
    while (!rest.empty()) {
      const std::size_t end = rest.find_first_of(", ;=");
      const auto hop = IpAddress::parse(trim(rest.substr(0, end), kAround));
      place.proxied = place.proxied || (hop && allows(*hop));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return place;
}

std::optional<std::string> list_typo(const Scene& scene) {
  const Place place = place_of(scene);
  return !place.allowed && place.typo ? seen("the list: " + place.list) : std::nullopt;
}
std::optional<std::string> behind_proxy(const Scene& scene) {
  const Place place = place_of(scene);
  return !place.allowed && !place.typo && place.proxied ? seen("from " + scene.request.source_ip)
                                                        : std::nullopt;
}
std::optional<std::string> family(const Scene& scene) {
  const Place place = place_of(scene);
  return !place.allowed && !place.typo && !place.proxied && place.family
             ? seen("from " + scene.request.source_ip + "; the list: " + place.list)
             : std::nullopt;
}
std::optional<std::string> address(const Scene& scene) {
  const Place place = place_of(scene);
  return !place.allowed && !place.typo && !place.proxied && !place.family
             ? seen("from " + scene.request.source_ip + "; the list: " + place.list)
             : std::nullopt;
}

// ---- rights

std::optional<std::string> permission(const Scene& scene) {
  const std::string& needed = scene.request.required_permission;
  if (scene.named == nullptr || needed.empty() || needed == "NONE" ||
      std::ranges::find(scene.named->permissions, needed) != scene.named->permissions.end()) {
    return std::nullopt;
  }
  // No key of this type can have the permission: what to do is told there.
  return scene.has("key-type-not-allowed-here") ? std::nullopt : seen(needed + " is not granted");
}

std::optional<std::string> symbol(const Scene& scene) {
  const std::string& wanted = scene.reading.symbol;
  return scene.named != nullptr && !scene.named->symbols.empty() && !wanted.empty() &&
                 std::ranges::find(scene.named->symbols, wanted) == scene.named->symbols.end()
             ? seen(wanted)
             : std::nullopt;
}

std::optional<std::string> product(const Scene& scene) {
  constexpr auto kProducts =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"/api/", "spot"},
                                                                    {"/fapi/", "futures"},
                                                                    {"/dapi/", "coin-futures"},
                                                                    {"/eapi/", "options"},
                                                                    {"/papi/", "portfolio"}});
  for (const auto& [path, name] : kProducts) {
    if (scene.named != nullptr && !scene.named->products.empty() &&
        scene.request.path.starts_with(path) &&
        std::ranges::find(scene.named->products, name) == scene.named->products.end()) {
      return std::string(name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> account(const Scene& scene) {
  return scene.history.account_forbidden ? seen("") : std::nullopt;
}
std::optional<std::string> limited(const Scene& scene) {
  return scene.history.address_limited ? seen("") : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"key-of-other-environment", kProved, kOnAll, "The API key belongs to another environment.", "the key's record",
     "Use the other host, or make a key here.", Remedy::kLoadPair, SeeFact{other_environment}},
    {"key-revoked", kProved, kOnAll, "The API key was revoked.", "the key's record",
     "Create a new pair.", Remedy::kLoadPair, SeeFact{revoked}},
    {"key-disabled", kProved, kOnAll, "The API key is suspended.", "the key's record",
     "Ask whoever suspended it, or resume it.", Remedy::kNone, SeeFact{disabled}},
    {"predecessor-key-used-after-rotation", kProved, kOnAll, "The request was made with a pair that was replaced.", "the name of the replaced pair",
     "Deploy the successor on this machine.", Remedy::kLoadPair, SeeFact{replaced_pair}},
    {"key-expired", kProved, kOnAll, "The API key has expired.", "the key's record",
     "Renew it; a warning comes two weeks ahead.", Remedy::kNone, SeeFact{expired}},
    {"ip-list-has-typo", kProved, kOnAll, "An entry of the IP allow-list is mistyped; it would allow this address.", "the entry",
     "Correct the entry.", Remedy::kNone, SeeFact{list_typo}},
    {"client-behind-untrusted-proxy", kStrong, kOnAll, "The request came through a proxy whose address is not on the list.", "a forwarding header names an allowed address, and the peer is not trusted",
     "Add the proxy's address, or make it a trusted one.", Remedy::kProxy, SeeFact{behind_proxy}},
    {"ip-family-mismatch", kStrong, kOnAll, "The request came over the other version of IP than the list is for.", "the address and the list",
     "List both addresses, or force the version.", Remedy::kNone, SeeFact{family}},
    {"ip-not-allowed", kProved, kOnAll, "The address is not on the IP allow-list.", "the address and the list",
     "Add it, or send from a fixed address.", Remedy::kNone, SeeFact{address}},
    {"permission-missing", kProved, kOnAll, "The API key lacks the permission for this call.", "required and granted permissions",
     "Grant it; some permissions need a new key.", Remedy::kNone, SeeFact{permission}},
    {"symbol-not-allowed", kProved, kOnAll, "The symbol is not on the key's list.", "the list",
     "Add the symbol.", Remedy::kNone, SeeFact{symbol}},
    {"wrong-product-endpoint", kProved, kOnRest, "The path belongs to a product that this account or key does not have.", "the path and the key's products",
     "Use the path of the product you have.", Remedy::kNone, SeeFact{product}},
    {"account-not-permitted", kProved, kOnAll, "The account itself, not the key, may not do this.", "a rule of the account",
     "Have the account changed.", Remedy::kNone, SeeFact{account}},
    {"rate-limited-reported-as-auth", kProved, kOnAll, "The address sent too much and is shut out for a while.", "our limiter's record",
     "Wait for Retry-After, and send less.", Remedy::kNone, SeeFact{limited}},
    {"key-older-than-product", kPossible, kOnAll, "The key may be older than the product that it is used for.", "created before the product was opened",
     "Make a new key.", Remedy::kLoadPair, {}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> access_causes() { return kRows; }

}  // namespace counterfoil::autopsy
