#include "authority/replay_horizon.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/time.h"
#include "keys/api_key_id.h"
#include "verify/claims.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;

constexpr Timestamp kStamp = from_unix_ms(1'700'000'000'000);

struct HorizonCase {
  const char* name;
  const char* payload;
  milliseconds read;   // the window that was read
  milliseconds least;  // what has to be covered after the timestamp
};
constexpr HorizonCase kCases[] = {
    {"default_window", "a=1&timestamp=1", milliseconds(5000), milliseconds(5000)},
    {"short_window_may_be_hidden", "recvWindow=10&timestamp=1", milliseconds(10),
     milliseconds(5000)},
    {"long_window", "recvWindow=60000&timestamp=1", milliseconds(60000), milliseconds(60000)},
    {"long_window_hidden", "recvWindow=60000&timestamp=1", milliseconds(5000), milliseconds(60000)},
    {"long_window_cut", "recvWindow=60000&timestamp=1", milliseconds(600), milliseconds(60000)},
    {"decimals", "recvWindow=6000.346&timestamp=1", milliseconds(5000), milliseconds(6001)},
    {"window_inside_another_name", "myrecvWindow=20000&timestamp=1", milliseconds(5000),
     milliseconds(20000)},
    {"the_longest_of_several", "arecvWindow=7000&recvWindow=10&brecvWindow=9000", milliseconds(10),
     milliseconds(9000)},
    {"beyond_the_maximum", "recvWindow=999999&timestamp=1", milliseconds(5000),
     milliseconds(60000)},
    {"beyond_all_numbers", "recvWindow=99999999999999999999999", milliseconds(5000),
     milliseconds(60000)},
    {"no_number", "recvWindow=&recvWindow=x&recvWindow", milliseconds(5000), milliseconds(5000)},
};

class ReplayHorizon : public testing::TestWithParam<HorizonCase> {};

TEST_P(ReplayHorizon, CoversEveryReadingOfThePayloadAndLittleMore) {
  const Claims claims{.api_key = *ApiKeyId::parse(std::string(64, 'k')),
                      .timestamp = kStamp,
                      .recv_window = GetParam().read};

  const auto covered = replay_horizon(claims, GetParam().payload, "recvWindow") - kStamp;

  EXPECT_GE(covered, GetParam().least);
  EXPECT_LE(covered, GetParam().least + milliseconds(1));
}
INSTANTIATE_TEST_SUITE_P(Cases, ReplayHorizon, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace counterfoil
