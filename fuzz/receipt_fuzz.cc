// Target: check_receipt. Properties: what it accepts is the one receipt of the corpus that the key
// has signed, whatever order and blanks it stands in; everything else gets a sentence.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "authority/audit_lines.h"
#include "authority/receipts.h"

namespace {

using counterfoil::AuditKey;

// Public, of a key that nobody has any more: it signed corpus/receipt/whole.json.
constexpr std::string_view kKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAcMb1k4vpgWR+n1Tyz80SAUk6UFho3o1j5szNZbvZY+I=\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view kId = "1f4205a45eec45cc0000000000000001";

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = AuditKey::from_pem(kKey);
  require(key.has_value());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto facts = counterfoil::check_receipt(text, *key);
  if (!facts) {
    require(!counterfoil::describe(facts.error()).empty());
    return 0;
  }
  require(facts->subject.id == kId && facts->subject.action == "key.revoke");
  require(facts->gateways.size() == 1 && facts->upstream.has_value());
  const auto json = nlohmann::json::parse(text, nullptr, false);
  require(json.is_object() && json.contains("receipt"));
  return 0;
}
