#include "policy/describe_errors.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/profile.h"
#include "policy/shipped_profile.h"
#include "policy/small_profile.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

std::string section(const std::string& text, std::string_view name) {
  const std::size_t begin = text.find("\n## " + std::string(name) + "\n");
  EXPECT_NE(begin, std::string::npos) << name;
  const std::size_t end = text.find("\n## ", begin + 1);
  return text.substr(begin, end - begin);
}

TEST(DescribeErrors, HasASectionForEveryReasonWithBothTexts) {
  for (const ShippedProfile& shipped : shipped_profiles()) {
    const Profile profile = small_profile::parse(shipped.text);
    const std::string text = describe_errors(profile);

    for (const ReasonRow& row : kReasons) {
      const std::string own = section(text, row.name);
      EXPECT_NE(own.find(row.owner_text), std::string::npos) << row.name;
      EXPECT_NE(own.find(row.fix), std::string::npos) << row.name;
      EXPECT_NE(own.find("`" + profile.answer(row.reason).text + "`"), std::string::npos)
          << row.name;
      EXPECT_NE(text.find("[" + std::string(row.name) + "](#" + std::string(row.name) + ")"),
                std::string::npos)
          << row.name;
    }
  }
}

TEST(DescribeErrors, TellsStatusAndCode) {
  const std::string text =
      describe_errors(small_profile::parse(shipped_profile("binance-spot").value()));

  EXPECT_NE(section(text, "signature_wrong")
                .find("HTTP 400, code -1022, `Signature for this request is not valid.`"),
            std::string::npos);
  EXPECT_NE(section(text, "address_over_budget").find("`Retry-After`"), std::string::npos);
  EXPECT_NE(section(text, "route_unknown").find("HTML page"), std::string::npos);
  EXPECT_NE(text.find("| -1022 | "), std::string::npos);
}

// A back quote would end the code span that keeps texts from being read as markup.
TEST(DescribeErrors, NoShippedTextHoldsABackQuote) {
  for (const ShippedProfile& shipped : shipped_profiles()) {
    const Profile profile = small_profile::parse(shipped.text);
    for (const ReasonRow& row : kReasons) {
      EXPECT_EQ(profile.answer(row.reason).text.find('`'), std::string::npos) << row.name;
    }
  }
}

}  // namespace
}  // namespace counterfoil
