#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"

// Replays raw request streams that make careless servers disagree, and looks at what reached the
// upstream. COUNTERFOIL_SMUGGLING names another folder of the same layout.
namespace counterfoil::rest_test {
namespace {

using nlohmann::json;

std::filesystem::path folder() {
  const char* const other = std::getenv("COUNTERFOIL_SMUGGLING");  // NOLINT(concurrency-mt-unsafe)
  return other != nullptr && *other != '\0'
             ? std::filesystem::path(other)
             : std::filesystem::path(COUNTERFOIL_SOURCE_DIR "/testdata/smuggling");
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Outcome is what a client saw.
struct Outcome {
  std::vector<int> statuses;
  bool is_closed = false;  // by the gateway
  std::string bodies;
};

enum class Delivery : std::uint8_t { kWhole, kHalves, kBytes };
constexpr std::size_t kByteByByteMax = 4096;

// replay sends the stream and reads what comes, until the gateway closes or has no more to say.
// That it has none is known without waiting: our side is ended then, and the gateway closes.
Outcome replay(const Gate& gate, const std::string& stream, Delivery delivery,
               std::size_t answers_expected) {
  TestClient client(gate.port());
  const std::size_t step = delivery == Delivery::kWhole    ? stream.size()
                           : delivery == Delivery::kHalves ? stream.size() / 2 + 1
                                                           : 1;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    if (!client.send(std::string_view(stream).substr(at, step))) {
      break;
    }
  }
  Outcome outcome;
  for (std::size_t i = 0; i <= answers_expected; ++i) {
    if (i == answers_expected) {
      client.end_sending();
    }
    const ClientAnswer answer = client.read();
    if (answer.status == 0) {
      outcome.is_closed = true;
      break;
    }
    outcome.statuses.push_back(answer.status);
    outcome.bodies += answer.body;
    if (answer.field("connection") == "close") {
      outcome.is_closed = client.is_closed();
      break;
    }
  }
  return outcome;
}

template <typename T>
bool contains(const std::vector<T>& list, const T& value) {
  return std::ranges::find(list, value) != list.end();
}

bool matches(const json& accept, const Outcome& outcome, const std::vector<SeenRequest>& seen) {
  const std::string kind = accept["outcome"];
  if (kind == "close") {
    return outcome.statuses.empty() && seen.empty();
  }
  if (kind == "reject") {
    return outcome.statuses.size() == 1 && seen.empty() &&
           contains(accept["status"].get<std::vector<int>>(), outcome.statuses.front()) &&
           (!accept.value("close", false) || outcome.is_closed);
  }
  std::vector<std::string> targets;
  for (const SeenRequest& request : seen) {
    const std::string target = request.target();
    targets.push_back(target.substr(0, target.find('?')));
  }
  return targets == accept["targets"].get<std::vector<std::string>>() &&
         outcome.statuses == accept["status"].get<std::vector<int>>();
}

bool is_listed(const json& test, const std::string& target) {
  for (const json& accept : test["accept"]) {
    if (accept["outcome"] == "forward" &&
        contains(accept["targets"].get<std::vector<std::string>>(),
                 target.substr(0, target.find('?')))) {
      return true;
    }
  }
  return false;
}

void check(const json& test, const Outcome& outcome, const std::vector<SeenRequest>& seen) {
  EXPECT_TRUE(std::ranges::any_of(
      test["accept"], [&](const json& accept) { return matches(accept, outcome, seen); }))
      << "answers: " << json(outcome.statuses) << ", upstream saw " << seen.size();
  EXPECT_LE(outcome.statuses.size(), test["max_responses"].get<std::size_t>());
  for (const SeenRequest& request : seen) {
    for (const std::string begin : test["never_upstream"]) {
      EXPECT_TRUE(!request.target().starts_with(begin) || is_listed(test, request.target()))
          << request.line();
    }
    for (const json& rule : test.value("upstream_checks", json::array())) {
      const json& absent = rule["header_absent_or_not"];
      EXPECT_NE(request.field(absent[0].get<std::string>()), absent[1].get<std::string>());
    }
  }
}

std::string smuggling_profile() {
  std::string text = test_profile();
  text += "\"GET /ws-api/v3\" = { security = \"public\", weight = 1 }\n";
  return text;
}

void run(const json& setup, const json& test, const std::string& stream, Delivery delivery) {
  Gate gate(smuggling_profile());
  for (const json& key : setup["keys"]) {
    // No secret belongs to two API keys; only the first key of the set signs anything.
    const std::string id = key["id"];
    (void)gate.import_hmac(id, key["secret"].get<std::string>().substr(0, 63) + id.back(),
                           "USER_DATA,TRADE", key.contains("allow") ? "192.0.2.0/24" : "any");
  }
  gate.start();
  std::size_t answers = 0;
  for (const json& accept : test["accept"]) {
    const std::size_t count =
        accept.contains("status") && accept["outcome"] == "forward" ? accept["status"].size() : 1;
    answers = std::max(answers, count);
  }

  const Outcome outcome = replay(gate, stream, delivery, answers);

  check(test, outcome, gate.upstream.seen());
  wait_until([&] { return gate.door->stats().connections_open == 0; });
  gate.clock.advance(std::chrono::seconds(3));
  TestClient alive(gate.port());
  EXPECT_EQ(alive.call("GET /api/v3/ping HTTP/1.1\r\nHost: gw.test\r\n\r\n").status, 200);
}

TEST(Smuggling, EveryStreamIsTakenInOneOfTheAllowedWays) {
  const json index = json::parse(read_file(folder() / "index.json"));
  std::size_t replayed = 0;
  for (const json& test : index["cases"]) {
    const std::string stream = read_file(folder() / test["file"].get<std::string>());
    ASSERT_EQ(stream.size(), test["bytes"].get<std::size_t>()) << test["file"];
    for (const Delivery delivery : {Delivery::kWhole, Delivery::kHalves, Delivery::kBytes}) {
      if (delivery == Delivery::kBytes && stream.size() > kByteByByteMax) {
        continue;
      }
      SCOPED_TRACE(test["file"].get<std::string>() + ", delivery " +
                   std::to_string(static_cast<int>(delivery)));
      run(index["gateway_setup"], test, stream, delivery);
      ++replayed;
    }
  }
  std::cout << index["cases"].size() << " streams replayed in " << replayed << " deliveries\n";
  EXPECT_GT(replayed, 0U);
}

}  // namespace
}  // namespace counterfoil::rest_test
