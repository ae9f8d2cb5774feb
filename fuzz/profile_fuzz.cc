// Target: Profile::parse. Property: a profile that is accepted writes itself as a text that is
// accepted again, as an equal profile and in the same words; an error is one printable sentence and
// names a line that the text has. Routes found by their own literal paths are themselves.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/profile.h"
#include "policy/route.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_error(const ProfileError& error, std::string_view text) {
  const auto lines = 1 + std::ranges::count(text, '\n');
  require(!error.sentence.empty() && error.sentence.size() < 4096);
  require(std::ranges::none_of(error.sentence, [](char c) { return c >= 0 && c < 0x20; }));
  require(error.line <= static_cast<std::uint64_t>(lines));
}

void check_profile(const Profile& profile) {
  const std::string written = profile.to_toml();
  const auto again = Profile::parse(written, "written.toml");
  require(again.has_value());
  require(*again == profile);
  require(again->to_toml() == written);
  for (const Route& route : profile.routes()) {
    if (!route.path.contains('{')) {
      require(profile.find(route.method, route.path) == &route);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profile = Profile::parse(text, "fuzz.toml");
  if (profile) {
    check_profile(*profile);
  } else {
    check_error(profile.error(), text);
  }
  return 0;
}
