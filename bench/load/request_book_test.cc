#include "load/request_book.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "load/signer.h"
#include "net/message_head.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr RequestBook::Milliseconds kNow{1'499'827'319'559ms};

std::vector<SigningKey> two_keys() {
  std::vector<SigningKey> keys;
  keys.push_back({.api_key = "first", .signer = *Signer::from_secret("test-secret-1")});
  keys.push_back({.api_key = "second", .signer = *Signer::from_secret("test-secret-2")});
  return keys;
}

std::string signature_of(const SigningKey& key, std::string_view payload) {
  std::string text;
  EXPECT_TRUE(key.signer.append_signature(payload, text));
  return text;
}

TEST(RequestBook, WritesASignedGet) {
  const auto keys = two_keys();
  RequestBook book(keys, {.requests = 2}, kNow);

  const std::string payload = "orderId=1000001&recvWindow=60000&timestamp=1499827319559";
  EXPECT_EQ(book.take(kNow), "GET /api/v3/order?" + payload +
                                 "&signature=" + signature_of(keys[0], payload) +
                                 " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: first\r\n\r\n");
  EXPECT_TRUE(book.take(kNow).contains("X-MBX-APIKEY: second\r\n"));
}

TEST(RequestBook, PutsTheParametersOfAPostIntoTheBody) {
  const auto keys = two_keys();
  RequestBook book(keys, {.method = "POST", .requests = 1}, kNow);

  const std::string_view bytes = book.take(kNow);

  EXPECT_TRUE(bytes.starts_with("POST /api/v3/order HTTP/1.1\r\n"));
  const auto head = read_message_head(bytes);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->message_bytes(), bytes.size());
  EXPECT_TRUE(bytes.substr((*head)->head_bytes).starts_with("orderId=1000001&"));
}

TEST(RequestBook, NeverSendsTheSameBytesTwice) {
  const auto keys = two_keys();
  RequestBook book(keys, {.requests = 3}, kNow);
  std::set<std::string, std::less<>> seen;

  for (int i = 0; i < 9; ++i) {
    seen.emplace(book.take(kNow + (i * 1ms)));
  }

  EXPECT_EQ(seen.size(), 9U);
  EXPECT_EQ(book.signed_while_running(), 6U);
}

TEST(RequestBook, RepeatsWhileFreshIfAsked) {
  const auto keys = two_keys();
  RequestBook book(keys, {.requests = 1, .reuse = Reuse::kRepeatFresh}, kNow);
  const std::string first(book.take(kNow));

  const std::string just_fresh(book.take(kNow + RequestBook::kFreshFor - 1ms));
  const std::string too_old(book.take(kNow + RequestBook::kFreshFor));

  EXPECT_EQ(just_fresh, first);
  EXPECT_TRUE(too_old.contains("timestamp=1499827339559")) << too_old;
}

TEST(RequestBook, SignsAnewWhatLayTooLongUnused) {
  const auto keys = two_keys();
  RequestBook book(keys, {.requests = 1}, kNow);

  EXPECT_TRUE(book.take(kNow + RequestBook::kFreshFor).contains("timestamp=1499827339559"));
}

}  // namespace
}  // namespace counterfoil
