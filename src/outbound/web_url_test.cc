#include "outbound/web_url.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace counterfoil {
namespace {

TEST(WebUrl, IsReadInItsParts) {
  const auto plain = WebUrl::parse("https://id.example.com");
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->tls);
  EXPECT_EQ(plain->host, "id.example.com");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->authority, "id.example.com");
  EXPECT_EQ(plain->target, "/");

  const auto full = WebUrl::parse("http://[::1]:8080/a/b?c=d");
  ASSERT_TRUE(full);
  EXPECT_FALSE(full->tls);
  EXPECT_EQ(full->host, "::1");
  EXPECT_EQ(full->port, 8080);
  EXPECT_EQ(full->authority, "[::1]:8080");
  EXPECT_EQ(full->target, "/a/b?c=d");

  EXPECT_EQ(WebUrl::parse("http://127.0.0.1:1?q")->target, "/?q");
  EXPECT_EQ(WebUrl::parse("http://127.0.0.1")->port, 80);
}

TEST(WebUrl, TakesNothingThatReadersUnderstandDifferently) {
  for (const std::string_view text : {"",
                                      "id.example.com",
                                      "ftp://id.example.com",
                                      "https:/id.example.com",
                                      "https://",
                                      "https:///path",
                                      "https://user@id.example.com",
                                      "https://user:pass@id.example.com",
                                      "https://id.example.com:",
                                      "https://id.example.com:0",
                                      "https://id.example.com:65536",
                                      "https://id.example.com:44x",
                                      "https://id.example.com:443:1",
                                      "https://ID.example.com",
                                      "https://id..example.com",
                                      "https://id.example.com.",
                                      "https://localhost.",
                                      "https://2130706433/",
                                      "https://127.1/",
                                      "https://0x7f.0.0.1/",
                                      "https://0177.0.0.1/",
                                      "https://127.0.0.1.5/",
                                      "https://::1/",
                                      "https://[::1/",
                                      "https://[127.0.0.1]/",
                                      "https://[::1]x/",
                                      "https://id.example.com/#f",
                                      "https://id.example.com/a b",
                                      "https://id.example.com\\@evil.example",
                                      "https://id.example.com/\xc3\xa9"}) {
    EXPECT_FALSE(WebUrl::parse(text)) << text;
  }
}

TEST(WebUrl, IsTakenUpToItsLimitAndNotPast) {
  const std::string head = "https://id.example.com/";
  EXPECT_TRUE(WebUrl::parse(head + std::string(WebUrl::kBytesMax - head.size(), 'a')));
  EXPECT_FALSE(WebUrl::parse(head + std::string(WebUrl::kBytesMax - head.size() + 1, 'a')));
}

}  // namespace
}  // namespace counterfoil
