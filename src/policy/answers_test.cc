#include "policy/answers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/time.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using nlohmann::json;

const AnswerContext kContext{.retry_after = std::chrono::seconds(7),
                             .limit = 20,
                             .interval = "1 MINUTE",
                             .banned_until = from_unix_ms(1'700'000'000'001)};

Answers binance() { return Answers::with_defaults(AnswerFormat::kBinance); }
Answers problem() { return Answers::with_defaults(AnswerFormat::kProblem); }

TEST(Answers, EveryReasonHasOneByItsCategory) {
  for (const Answers& answers : {binance(), problem()}) {
    for (const ReasonRow& row : kReasons) {
      const Answer& answer = answers.answer(row.reason);
      EXPECT_EQ(answer.reason, row.reason);
      EXPECT_EQ(answer.status, http_status(row.category)) << row.name;
      EXPECT_EQ(answer.text, public_text(row.category)) << row.name;
      EXPECT_TRUE(json::accept(answer.body)) << row.name;
    }
  }
}

// S-21: reasons of one category must not be told apart.
TEST(Answers, DefaultsOfOneCategoryAreTheSameBytes) {
  const Answers answers = problem();

  for (const ReasonRow& a : kReasons) {
    for (const ReasonRow& b : kReasons) {
      EXPECT_EQ(answers.answer(a.reason).body == answers.answer(b.reason).body,
                a.category == b.category)
          << a.name << " " << b.name;
    }
  }
}

TEST(Answers, TheBinanceFormHasCodeAndMsg) {
  Answers answers = binance();
  ASSERT_TRUE(answers.set(Reason::kSignatureWrong, 400, -1022, R"(Say "no" to C:\)", ""));

  Rendered out;
  answers.render(Reason::kSignatureWrong, {}, out);

  EXPECT_EQ(out.status, 400);
  EXPECT_EQ(out.content_type, "application/json;charset=UTF-8");
  EXPECT_EQ(out.body, R"({"code":-1022,"msg":"Say \"no\" to C:\\"})");
}

TEST(Answers, TheProblemFormIsThatOfRfc9457) {
  Answers answers = problem();
  ASSERT_TRUE(answers.set(Reason::kSignatureWrong, 401, 0, "Sign again.", ""));

  Rendered out;
  answers.render(Reason::kSignatureWrong, {}, out);

  EXPECT_EQ(out.content_type, "application/problem+json");
  EXPECT_EQ(json::parse(out.body), json({{"type", "about:blank"},
                                         {"title", "Unauthorized"},
                                         {"status", 401},
                                         {"detail", "Sign again."}}));
}

TEST(Answers, PlaceholdersOfLimitsAreFilledIn) {
  Answers answers = binance();
  ASSERT_TRUE(answers.set(Reason::kAddressBanned, 418, -1003,
                          "wait {retry_after} s; {limit} per {interval}; until {banned_until}",
                          ""));

  Rendered out;
  answers.render(Reason::kAddressBanned, kContext, out);

  EXPECT_EQ(out.body, R"({"code":-1003,"msg":"wait 7 s; 20 per 1 MINUTE; until 1700000000001"})");
  EXPECT_EQ(answers.render_text(Reason::kAddressBanned, kContext),
            "wait 7 s; 20 per 1 MINUTE; until 1700000000001");
}

TEST(Answers, NameTheParameterOfACall) {
  Answers answers = binance();
  ASSERT_TRUE(answers.set(Reason::kParameterMissing, 400, -1102, "'{parameter}' is missing.", ""));

  EXPECT_EQ(answers.render_text(Reason::kParameterMissing, {.parameter = "email"}),
            "'email' is missing.");
}

TEST(Answers, ARenderedCanBeUsedAgain) {
  Answers answers = binance();
  ASSERT_TRUE(answers.set(Reason::kAddressBanned, 418, -1003, "wait {retry_after}", ""));
  Rendered out;

  answers.render(Reason::kAddressBanned, kContext, out);
  answers.render(Reason::kInternal, kContext, out);
  EXPECT_EQ(out.body, answers.answer(Reason::kInternal).body);
  EXPECT_EQ(out.body.data(), answers.answer(Reason::kInternal).body.data());  // not copied
  answers.render(Reason::kAddressBanned, kContext, out);
  EXPECT_EQ(out.body, R"({"code":-1003,"msg":"wait 7"})");
}

TEST(Answers, BracesAroundAnythingButAWordArePlainText) {
  Answers answers = binance();
  constexpr std::string_view kText = "legal range is '^[0-9]{1,20}$'; {} {Name} {a b} {a";

  ASSERT_TRUE(answers.set(Reason::kTimestampMalformed, 400, -1100, kText, ""));

  EXPECT_EQ(answers.render_text(Reason::kTimestampMalformed, kContext), kText);
  EXPECT_FALSE(answers.answer(Reason::kTimestampMalformed).has_placeholders);
}

TEST(Answers, RetryAfterBelongsToLimitsAndToUnavailability) {
  for (const ReasonRow& row : kReasons) {
    Rendered out;
    binance().render(row.reason, kContext, out);
    const bool expected =
        row.category == Category::kLimited || row.category == Category::kUnavailable;
    EXPECT_EQ(out.retry_after.count(), expected ? 7 : 0) << row.name;
  }
}

struct RefusedCase {
  std::string_view name;
  Reason reason;
  std::uint16_t status;
  std::string_view text;
  std::string_view html;
};
constexpr RefusedCase kRefused[] = {
    {"status_399", Reason::kInternal, 399, "x", ""},
    {"status_600", Reason::kInternal, 600, "x", ""},
    {"text_empty", Reason::kInternal, 500, "", ""},
    {"text_with_a_line_end", Reason::kInternal, 500, "a\r\nb", ""},
    {"text_not_ascii", Reason::kInternal, 500, "caf\xc3\xa9", ""},
    {"html_with_a_line_end", Reason::kInternal, 500, "x", "a\nb"},
    {"word_unknown", Reason::kAddressBanned, 418, "{when}", ""},
    {"word_where_no_limit_is", Reason::kInternal, 500, "{limit}", ""},
    {"parameter_where_none_is_named", Reason::kInternal, 500, "{parameter}", ""},
    {"limit_where_a_parameter_is_named", Reason::kParameterMissing, 400, "{limit}", ""},
    {"word_where_no_limit_is_but_a_retry", Reason::kOverloaded, 503, "{retry_after}", ""},
};
class AnswersRefuse : public testing::TestWithParam<RefusedCase> {};

TEST_P(AnswersRefuse, AndChangeNothing) {
  const RefusedCase& row = GetParam();
  Answers answers = binance();

  EXPECT_FALSE(answers.set(row.reason, row.status, -1000, row.text, row.html));
  EXPECT_EQ(answers, binance());
}

INSTANTIATE_TEST_SUITE_P(Rows, AnswersRefuse, testing::ValuesIn(kRefused),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Answers, KeepTheHtmlAsItIs) {
  Answers answers = binance();

  ASSERT_TRUE(answers.set(Reason::kRouteUnknown, 404, -5000, "No.", "<h2>404 {limit}</h2>"));

  EXPECT_EQ(answers.answer(Reason::kRouteUnknown).html, "<h2>404 {limit}</h2>");
  EXPECT_TRUE(answers.answer(Reason::kInternal).html.empty());
}

}  // namespace
}  // namespace counterfoil
