#pragma once

#include <expected>
#include <filesystem>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "authority/issuer.h"
#include "base/random.h"

namespace counterfoil {

// What the demo's keys are: of the account "demo", usable from this machine alone.
inline constexpr std::string_view kDemoAccount = "demo";
inline constexpr std::string_view kDemoPermissions = "USER_DATA,USER_STREAM,TRADE";
inline constexpr std::string_view kDemoAllowList = "127.0.0.1,::1";

// ensure_demo_keys sees to it that the account exists and has one API key of each type, kept in key
// directories below `keys`. Those of an earlier start are used again; one that was revoked, has
// expired or lost its files is made anew.
[[nodiscard]] std::expected<std::vector<KeyDirectory>, Failure> ensure_demo_keys(
    Issuer& issuer, const std::filesystem::path& keys, RandomSource& random);

}  // namespace counterfoil
