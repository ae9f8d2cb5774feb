#include "doors/rest/exchange.h"

#include <cstddef>
#include <string>

#include "authority/gatekeeper.h"
#include "policy/limits.h"
#include "verify/signed_request.h"
#include "wire/http/request_head.h"

namespace counterfoil {

Arrival Exchange::arrival() const {
  return {.request_id = id.text(),
          .route = route,
          .method = http::method_name(head.method()),
          .path = head.path(),
          .client = head.find("user-agent").value_or(std::string_view()),
          .source = source,
          .now = now,
          .query = head.query(),
          .body = body,
          .headers = head.fields()};
}

void Exchange::reset() {
  constexpr std::size_t kKeptBytes = std::size_t{64} * 1024;
  head.clear();
  if (body_storage.capacity() > kKeptBytes) {
    std::string().swap(body_storage);
  }
  body_storage.clear();
  body_share.release();
  body = {};
  has_id = false;
  route = nullptr;
  is_counted = false;
  usage = Usage();
  charge.reset();
  request = SignedRequest();
  has_request = false;
  admission.reset();
  answer.clear();
  rules.reset();  // what it was before may end with this request
}

}  // namespace counterfoil
