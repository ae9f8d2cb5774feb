#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/config.h"

namespace counterfoil {

// wrong_setting says which setting cannot be, where its value comes from, and what to write.
[[nodiscard]] inline std::unexpected<Failure> wrong_setting(const Config& config,
                                                            std::string_view key,
                                                            const std::string& what) {
  const Config::Value& value = config.values().find(key)->second;
  return std::unexpected(Failure{ExitCode::kUsage, std::string(key) + " = \"" + value.text +
                                                       "\" (" + value.origin + "): " + what});
}

}  // namespace counterfoil
