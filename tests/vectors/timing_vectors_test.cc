// Clocks at the borders of the window: the array `timing`.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time.h"
#include "expected_answer.h"
#include "keys/key_format.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/test_request.h"

namespace counterfoil {
namespace {

using nlohmann::json;

std::optional<Reason> judge(const json& row) {
  test_request::Sent sent;
  sent.timestamp = row["timestamp"].get<std::string>();
  if (!row["recvWindow"].is_null()) {
    sent.recv_window = row["recvWindow"].get<std::string>();
  }
  const Timestamp now = from_unix_us(row["server_time_us"].get<std::int64_t>());
  const auto claims = read_claims(sent.request(), KeyFormat(), now);
  return claims ? std::nullopt : std::optional(claims.error());
}

TEST(TimingVectors, AreJudgedAsStated) {
  vectors::run_array("timing", 17,
                     [](const json& row) { vectors::expect_answer(row, judge(row)); });
}

}  // namespace
}  // namespace counterfoil
