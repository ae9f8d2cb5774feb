#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/profile.h"

// For tests alone: a profile in which every kind of row occurs once, and ways to change it.
namespace counterfoil::small_profile {

inline constexpr std::string_view kText = R"(name = "small"
title = "A small API"

[signing]
api_key_header = "X-Key"

[permissions.READ]
label = "Read"
risk = "A thief reads."
needs_allow_list = false
default = true

[permissions.WRITE]
label = "Write"
risk = "A thief writes."
api_restrictions = ["canWrite"]
needs_allow_list = true

[limits]
table_max = 1000

[limits.ban]
after_refused = 3

[[limits.rules]]
type = "request_weight"
interval = "minute"
limit = 10
headers = [{ path_prefix = "/v1/", name = "X-Used" }]

[answers]
format = "binance"

[answers.reasons]
internal = { status = 500, code = -1001, text = "Broken." }

[routes]
"GET /v1/status" = { security = "public" }

[routes."GET /v1/items/{item}"]
security = "signed"
permissions = ["READ"]
weight = 2
weight_when = [{ parameter = "limit", above = 100, weight = 5 }]

[routes."POST /v1/items"]
security = "signed"
permissions = ["WRITE"]
orders = 1
symbol_parameter = "item"
repeats = ["tag"]
max_body_bytes = 4096
)";

// replaced changes the one place where `from` stands; a test that names no such place ends.
inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string_view::npos) {
    std::abort();
  }
  std::string changed(text);
  return changed.replace(at, from.size(), to);
}

inline std::string changed(std::string_view from, std::string_view to) {
  return replaced(kText, from, to);
}

// parse reads a text that must be right.
inline Profile parse(std::string_view text) { return Profile::parse(text, "small.toml").value(); }

// error_of gives what is wrong with a text, as people see it; empty when nothing is.
inline std::string error_of(std::string_view text) {
  const auto profile = Profile::parse(text, "small.toml");
  return profile ? std::string() : profile.error().to_string();
}

}  // namespace counterfoil::small_profile
