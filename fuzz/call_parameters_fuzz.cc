// Target: CallParameters over the parameters of a call that manages keys. The input is the query, a
// LF, the body. Properties: what is given keeps to its limits; what is not, though it stands there,
// is a fault that names the parameter; and the first fault stays.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "authority/sub_account_parameters.h"
#include "verify/reason.h"
#include "wire/rest/signed_parameters.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

constexpr std::size_t kTextMax = 16;

void check_fault(const CallParameters& parameters, std::string_view name, bool is_given) {
  if (is_given) {
    return;
  }
  require(parameters.fault().has_value() && parameters.fault()->parameter == name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  rest::SignedParameters received;
  received.read(input.substr(0, line), input.substr(std::min(line + 1, input.size())),
                rest::BodyKind::kForm, {});
  if (received.fault()) {
    return 0;  // the Gatekeeper refuses these before anybody reads on
  }
  const auto has = [&](std::string_view name) {
    const auto raw = received.find(name);
    return raw && !raw->empty();
  };

  CallParameters text(received);
  if (const auto email = text.text("email", kTextMax)) {
    require(email->size() <= kTextMax && !text.fault());
  } else if (has("email")) {
    check_fault(text, "email", false);
  }
  CallParameters number(received);
  const auto page = number.number("page", 1, 100);
  require(!page || (*page >= 1 && *page <= 100));
  check_fault(number, "page", page || !has("page"));
  CallParameters flag(received);
  const auto can_trade = flag.flag("canTrade");
  check_fault(flag, "canTrade", can_trade || !has("canTrade"));
  CallParameters required(received);
  require(required.required_text("email", kTextMax).size() <= kTextMax);
  const auto first = required.fault();
  required.refuse(Reason::kTooManyApiKeys);
  require(!first || (required.fault()->reason == first->reason &&
                     required.fault()->parameter == first->parameter));
  return 0;
}
