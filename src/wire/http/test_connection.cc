#include "wire/http/test_connection.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {
namespace {

ReceivedRequest copy_of(const RequestHead& head) {
  ReceivedRequest copy{.method = head.method(),
                       .target_form = head.target_form(),
                       .target = std::string(head.target()),
                       .path = std::string(head.path()),
                       .query = std::string(head.query()),
                       .host = std::string(head.host()),
                       .minor_version = head.minor_version(),
                       .keep_alive = head.keep_alive(),
                       .expect_continue = head.expect_continue(),
                       .query_has_high_bytes = head.query_has_high_bytes(),
                       .query_has_broken_escapes = head.query_has_broken_escapes(),
                       .fields = {},
                       .body = {}};
  for (const Field& field : head.fields()) {
    copy.fields.emplace_back(field.name, field.value);
  }
  return copy;
}

}  // namespace

TestConnection::TestConnection(const Limits& limits, FieldRules rules)
    : limits_(limits), head_(rules), body_(rules) {}

void TestConnection::feed(std::string_view piece) {
  if (reception_.refusal) {
    return;
  }
  std::vector<char> moved;
  moved.reserve(unread_.size() + piece.size());
  moved.assign(unread_.begin(), unread_.end());
  moved.insert(moved.end(), piece.begin(), piece.end());
  unread_ = std::move(moved);
  while (in_body_ ? read_body() : read_head()) {
  }
}

bool TestConnection::read_head() {
  const auto parsed =
      parse_request_head(std::string_view(unread_.data(), unread_.size()), limits_, head_);
  if (!parsed) {
    reception_.refusal = parsed.error();
    return false;
  }
  const std::optional<std::size_t> size = *parsed;
  if (!size) {
    return false;
  }
  request_ = copy_of(head_);
  take(*size);
  if (const auto begun = body_.begin(head_.body_framing(), limits_); !begun) {
    reception_.refusal = begun.error();
    return false;
  }
  in_body_ = true;
  return true;
}

bool TestConnection::read_body() {
  const auto progress = body_.read({unread_.data(), unread_.size()}, request_.body);
  if (!progress) {
    reception_.refusal = progress.error();
    return false;
  }
  take(progress->consumed);
  if (!progress->complete) {
    return false;
  }
  in_body_ = false;
  reception_.requests.push_back(std::exchange(request_, {}));
  reception_.consumed = taken_;
  return true;
}

void TestConnection::take(std::size_t size) {
  unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(size));
  taken_ += size;
}

Reception receive(std::string_view stream, const Limits& limits) {
  return receive_cut(stream, stream.size(), limits);
}

Reception receive_cut(std::string_view stream, std::size_t size, const Limits& limits) {
  TestConnection connection(limits);
  connection.feed(stream.substr(0, size));
  if (size < stream.size()) {
    connection.feed(stream.substr(size));
  }
  return connection.reception();
}

Reception receive_bytewise(std::string_view stream, const Limits& limits) {
  TestConnection connection(limits);
  for (std::size_t i = 0; i < stream.size(); ++i) {
    connection.feed(stream.substr(i, 1));
  }
  return connection.reception();
}

void expect_same_however_cut(std::string_view stream, const Limits& limits) {
  const Reception whole = receive(stream, limits);
  EXPECT_EQ(receive_bytewise(stream, limits), whole) << "byte by byte";
  for (std::size_t size = 0; size <= stream.size(); ++size) {
    EXPECT_EQ(receive_cut(stream, size, limits), whole) << "cut after " << size << " bytes";
  }
}

}  // namespace counterfoil::http
