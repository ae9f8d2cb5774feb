#include "load/request_book.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/signer.h"

namespace counterfoil {
namespace {

// Seven digits, so that all payloads are equally long up to nine million requests.
constexpr std::size_t kFirstOrder = 1'000'001;

}  // namespace

RequestBook::RequestBook(const std::vector<SigningKey>& keys, RequestForm form, Milliseconds now)
    : keys_(keys), form_(std::move(form)), requests_(form_.requests) {
  for (std::size_t index = 0; index < requests_.size(); ++index) {
    sign(index, now);
  }
}

std::string_view RequestBook::take(Milliseconds now) {
  Request& request = requests_[next_];
  const bool repeats = request.used && form_.reuse == Reuse::kSignAnew;
  if (repeats || now - request.signed_at >= kFreshFor) {
    sign(next_, now);
    ++signed_while_running_;
  }
  request.used = true;
  next_ = next_ + 1 == requests_.size() ? 0 : next_ + 1;
  return request.bytes;
}

void RequestBook::sign(std::size_t index, Milliseconds now) {
  const SigningKey& key = keys_[index % keys_.size()];
  payload_ = "orderId=" + std::to_string(kFirstOrder + index) +
             "&recvWindow=60000&timestamp=" + std::to_string(now.time_since_epoch().count());
  std::string parameters = payload_ + "&signature=";
  if (!key.signer.append_signature(payload_, parameters)) {
    signing_failed_ = true;
  }
  const bool in_query = form_.method == "GET" || form_.method == "DELETE";
  std::string& bytes = requests_[index].bytes;
  bytes = form_.method + " " + form_.path;
  if (in_query) {
    bytes += "?" + parameters;
  }
  bytes += " HTTP/1.1\r\nHost: " + form_.host + "\r\nX-MBX-APIKEY: " + key.api_key + "\r\n";
  if (!in_query) {
    bytes += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
             std::to_string(parameters.size()) + "\r\n";
  }
  bytes += "\r\n";
  if (!in_query) {
    bytes += parameters;
  }
  requests_[index].signed_at = now;
}

}  // namespace counterfoil
