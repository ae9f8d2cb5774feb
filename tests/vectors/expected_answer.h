#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "crypto/vector_files.h"
#include "policy/profile.h"
#include "policy/shipped_profile.h"
#include "verify/reason.h"

// What a row of binance-vectors.json says that a server answers, and how ours is compared with it.
namespace counterfoil::vectors {

inline const Profile& binance_profile() {
  static const Profile kProfile =
      Profile::parse(shipped_profile("binance-spot").value(), "binance-spot.toml").value();
  return kProfile;
}

inline bool is_acceptance(std::string_view expect) {
  return expect == "accept" || expect == "signature accepted";
}

// codes_in lists the error codes that a text allows: "-1111 or -1130 (not documented)".
inline std::set<std::int32_t> codes_in(std::string_view text) {
  std::set<std::int32_t> codes;
  for (std::size_t at = text.find('-'); at != std::string_view::npos; at = text.find('-', at + 1)) {
    const std::string_view digits = text.substr(at + 1, 4);
    const bool is_code = digits.size() == 4 &&
                         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (is_code) {
      codes.insert(-std::stoi(std::string(digits)));
    }
  }
  return codes;
}

// expect_answer compares the answer to `refused` with the words of a row: "HTTP 401 -2014",
// "-1021 Timestamp for this request ...", "rejected (code not documented)". A text is compared to
// the letter where the row has one.
inline void expect_answer(const nlohmann::json& row, std::optional<Reason> refused) {
  const std::string expect = row["expect"];
  SCOPED_TRACE(row["id"].get<std::string>() + ", expected: " + expect);
  if (is_acceptance(expect)) {
    EXPECT_FALSE(refused.has_value()) << describe(*refused).name;
    return;
  }
  ASSERT_TRUE(refused.has_value()) << "accepted";
  const Answer& answer = binance_profile().answer(*refused);
  const std::set<std::int32_t> codes = codes_in(expect);
  if (!codes.empty()) {
    EXPECT_TRUE(codes.contains(answer.code)) << answer.code;
  }
  if (expect.starts_with("HTTP ")) {
    EXPECT_EQ(std::to_string(answer.status), expect.substr(5, 3));
  }
  const std::size_t text = expect.find('-') + std::string_view("-1021 ").size();
  if (codes.size() == 1 && text < expect.size() && !expect.contains("not documented")) {
    EXPECT_EQ(answer.text, expect.substr(text, expect.find(" (") - text));
  }
}

// run_array checks one array of our own copy and of every file of that name below
// $COUNTERFOIL_VECTORS, and prints a count for each file.
inline void run_array(std::string_view name, std::size_t known,
                      const std::function<void(const nlohmann::json&)>& check) {
  const std::filesystem::path own =
      source_folder() / "testdata" / "vectors" / "binance-vectors.json";
  bool seen_own = false;
  for (const std::filesystem::path& path : files_ending("binance-vectors.json")) {
    const nlohmann::json file = read_json(path);
    ASSERT_TRUE(file.is_object()) << path << " is not JSON";
    const nlohmann::json rows = file.value(name, nlohmann::json::array());
    for (const nlohmann::json& row : rows) {
      check(row);
    }
    std::cout << shown(path) << " " << name << ": " << rows.size() << " run\n";
    if (path == own) {
      seen_own = true;
      EXPECT_EQ(rows.size(), known);
    }
  }
  EXPECT_TRUE(seen_own);
}

}  // namespace counterfoil::vectors
