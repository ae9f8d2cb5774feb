#pragma once

#include <chrono>
#include <cstddef>

#include "authority/issuer.h"
#include "doors/management/member_reader.h"

namespace counterfoil {

inline constexpr std::size_t kPublicKeyBytesMax = 16UL * 1024;
inline constexpr std::chrono::seconds kOverlapDefault = std::chrono::hours(24);
inline constexpr std::chrono::seconds kOverlapMax = kRotationOverlapMax;

// read_new_key reads what an API key may do and belongs to: everything but its key pair.
[[nodiscard]] NewKey read_new_key(MemberReader& members);
// read_type reads "type".
[[nodiscard]] Scheme read_type(MemberReader& members);
// read_material reads "type", "public_key" and "possession".
[[nodiscard]] KeyMaterial read_material(MemberReader& members);
// read_key_edit reads what is to be changed; what is absent stays.
[[nodiscard]] KeyEdit read_key_edit(MemberReader& members);

}  // namespace counterfoil
