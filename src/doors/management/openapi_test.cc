// openapi.yaml, from which clients are generated, has the same calls as the route table.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "doors/management/management_api.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

// The calls below "paths:", as "GET /api/v1/keys". The file is written with two blanks a level.
std::set<std::string> described() {
  constexpr auto kMethods =
      std::to_array<std::string_view>({"get", "post", "put", "patch", "delete"});
  std::ifstream file(COUNTERFOIL_SOURCE_DIR "/openapi.yaml");
  std::set<std::string> calls;
  std::string path;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != ' ') {
      is_inside = line == "paths:";
    } else if (is_inside && line.starts_with("  /")) {
      path = line.substr(2, line.find(':') - 2);
    } else if (is_inside && line.starts_with("    ") && line.ends_with(":")) {
      for (const std::string_view method : kMethods) {
        if (line.substr(4, line.size() - 5) == method) {
          std::string call(method);
          for (char& letter : call) {
            letter = static_cast<char>(letter - 'a' + 'A');
          }
          calls.insert(fmt::format("{} /api/v1{}", call, path));
        }
      }
    }
  }
  return calls;
}

TEST(OpenApi, HasThePathsAndMethodsOfTheRouteTable) {
  std::set<std::string> served;
  for (const ManagementRoute& route : management_routes()) {
    served.insert(std::string(http::method_name(route.method)) + " " + std::string(route.path));
  }
  EXPECT_EQ(described(), served);
}

}  // namespace
}  // namespace counterfoil
