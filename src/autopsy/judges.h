#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/scene.h"
#include "crypto/hash.h"

namespace counterfoil::autopsy {

using Causes = std::vector<std::string_view>;

inline constexpr unsigned kEd25519Cost = 50;  // of one verification, in HMACs
inline constexpr unsigned kSlowHashCost = 3;

// The judges borrow the scene; it must outlive them.

// mac_judge tries HMAC under any bytes.
[[nodiscard]] Judge mac_judge(const Scene& scene, HashName hash, std::string_view key,
                              Causes causes);

// native_judge tries a key pair as its scheme says. nullopt: no reading of the value can be a
// signature of this pair, or the pair's material is gone. An RSA signature tells of itself when its
// hash or padding was wrong; the judge then has that cause as well.
[[nodiscard]] std::optional<Judge> native_judge(const Scene& scene, const AccountKey& key,
                                                Causes causes);

}  // namespace counterfoil::autopsy
