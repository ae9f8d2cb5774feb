// Target: decode_account on bytes out of a store, and parse_email. Properties: a record that is
// accepted is written again as one that is accepted as the same account; a sub-account has both a
// master and an e-mail in its one spelling; and no record of this version that is cut short is
// accepted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "accounts/account_codec.h"

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace counterfoil;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto email = parse_email(bytes)) {
    require(email->size() <= kEmailSizeMax && parse_email(*email) == *email);
  }
  const auto account = decode_account(bytes);
  if (!account) {
    return 0;
  }
  require(account->master.has_value() != account->email.empty());
  const std::string written = encode_account(*account);
  require(decode_account(written) == account);
  for (std::size_t cut = 0; cut < written.size(); ++cut) {
    require(!decode_account(std::string_view(written).substr(0, cut)).has_value());
  }
  return 0;
}
