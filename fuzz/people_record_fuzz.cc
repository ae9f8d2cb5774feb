// Target: the stored forms of people, sessions, counters, invitations, enrolment links, webhooks
// and their deliveries. Property: what is read and written is read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/enrolment_link.h"
#include "accounts/people_codec.h"
#include "accounts/webhook.h"
#include "base/bytes.h"

namespace {

template <typename T>
void check(std::string_view bytes, std::optional<T> (*decode)(std::string_view),
           std::string (*encode)(const T&)) {
  const auto value = decode(bytes);
  if (value && decode(encode(*value)) != value) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = counterfoil::as_text({data, size});
  check(bytes, counterfoil::decode_person, counterfoil::encode_person);
  check(bytes, counterfoil::decode_session, counterfoil::encode_session);
  check(bytes, counterfoil::decode_counter, counterfoil::encode_counter);
  check(bytes, counterfoil::decode_invitation, counterfoil::encode_invitation);
  check(bytes, counterfoil::decode_notice, counterfoil::encode_notice);
  check(bytes, counterfoil::decode_enrolment_link, counterfoil::encode_enrolment_link);
  check(bytes, counterfoil::decode_webhook, counterfoil::encode_webhook);
  check(bytes, counterfoil::decode_webhook_delivery, counterfoil::encode_webhook_delivery);
  return 0;
}
