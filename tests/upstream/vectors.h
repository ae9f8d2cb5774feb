#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace counterfoil {

// upstream_vectors gives testdata/upstream-proof.json, read once.
[[nodiscard]] inline const nlohmann::json& upstream_vectors() {
  static const nlohmann::json vectors = nlohmann::json::parse(
      std::ifstream(COUNTERFOIL_SOURCE_DIR "/testdata/upstream-proof.json"), nullptr, false);
  return vectors;
}

// header_of gives the value of a header of one case; the first of them.
[[nodiscard]] inline std::string header_of(const nlohmann::json& row, std::string_view name) {
  for (const auto& field : row["headers"]) {
    if (field[0] == name) {
      return field[1];
    }
  }
  return {};
}

}  // namespace counterfoil
