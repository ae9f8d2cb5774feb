#include "net/message_head.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

TEST(MessageHead, FindsWhereAnAnswerEnds) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 401 Unauthorized\r\nServer: x\r\ncontent-LENGTH:  12 \r\n\r\n{\"code\":-22}";

  const auto head = read_message_head(kAnswer);

  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->status, 401);
  EXPECT_EQ((*head)->body_bytes, 12U);
  EXPECT_EQ((*head)->message_bytes(), kAnswer.size());
  EXPECT_FALSE((*head)->closes);
}

TEST(MessageHead, SeesThatTheConnectionEnds) {
  const auto head = read_message_head("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n");

  ASSERT_TRUE(head && *head);
  EXPECT_TRUE((*head)->closes);
}

TEST(MessageHead, ReadsARequestWithoutStatus) {
  const auto head = read_message_head("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next");

  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->status, 0);
  EXPECT_EQ((*head)->message_bytes(), 27U);
}

TEST(MessageHead, AsksForMoreAtEveryCut) {
  constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  for (std::size_t size = 0; size < kAnswer.size(); ++size) {
    const auto head = read_message_head(kAnswer.substr(0, size));
    ASSERT_TRUE(head) << size;
    EXPECT_FALSE(head->has_value()) << size;
  }
}

TEST(MessageHead, BoundsTheHead) {
  const std::string frame = "HTTP/1.1 200 OK\r\nA: \r\n\r\n";
  const auto answer_of = [&](std::size_t size) {
    std::string text = frame;
    text.insert(text.find("\r\n\r\n"), size - frame.size(), 'x');
    return text;
  };

  const auto at_the_limit = read_message_head(answer_of(kMessageHeadBytesMax));
  const auto one_past = read_message_head(answer_of(kMessageHeadBytesMax + 1));

  ASSERT_TRUE(at_the_limit);
  EXPECT_TRUE(at_the_limit->has_value());
  ASSERT_FALSE(one_past);
  EXPECT_EQ(one_past.error(), MessageError::kHeadTooLong);
}

struct RefusedCase {
  std::string_view name;
  std::string_view bytes;
  MessageError error;
};
// clang-format off
constexpr RefusedCase kRefusedCases[] = {
    {"chunked",         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",    MessageError::kTransferEncoding},
    {"length_is_text",  "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",           MessageError::kLengthMalformed},
    {"length_is_two",   "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",          MessageError::kLengthMalformed},
    {"length_past_max", "HTTP/1.1 200 OK\r\nContent-Length: 16777217\r\n\r\n",      MessageError::kLengthMalformed},
    {"status_short",    "HTTP/1.1 2\r\n\r\n",                                       MessageError::kStatusMalformed},
    {"status_text",     "HTTP/1.1 abc OK\r\n\r\n",                                  MessageError::kStatusMalformed},
};
// clang-format on

TEST(MessageHead, RefusesWhatItCannotMeasure) {
  for (const RefusedCase& row : kRefusedCases) {
    const auto head = read_message_head(row.bytes);
    ASSERT_FALSE(head) << row.name;
    EXPECT_EQ(head.error(), row.error) << row.name;
  }
}

}  // namespace
}  // namespace counterfoil
