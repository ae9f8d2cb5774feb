// errors_doc write|check FILE: writes docs/errors.md, or says whether FILE is what would be
// written.
#include <cstddef>

#include "generated_document.h"
#include "policy/describe_errors.h"
#include "policy/profile.h"
#include "policy/shipped_profile.h"

int main(int argc, char** argv) {
  const auto profile = counterfoil::Profile::parse(
      counterfoil::shipped_profile("binance-spot").value(), "binance-spot.toml");
  return counterfoil::generated_document({argv, static_cast<std::size_t>(argc)}, "errors_doc",
                                         counterfoil::describe_errors(profile.value()),
                                         "generate_errors_doc");
}
