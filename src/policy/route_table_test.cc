#include "policy/route_table.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/profile.h"
#include "policy/route.h"
#include "policy/small_profile.h"

namespace counterfoil {
namespace {

// Routes owns rows and the table over them.
class Routes {
 public:
  explicit Routes(const std::vector<std::pair<Method, std::string_view>>& rows)
      : table_(rows.size()) {
    for (const auto& [method, path] : rows) {
      Route route;
      route.index = static_cast<std::uint32_t>(routes_.size());
      route.method = method;
      route.path = path;
      routes_.push_back(std::move(route));
    }
    for (const Route& route : routes_) {
      EXPECT_FALSE(table_.add(route, routes_).has_value()) << route.path;
    }
  }
  // find gives the path of the route found, or "-".
  [[nodiscard]] std::string find(Method method, std::string_view path) const {
    const Route* route = table_.find(method, path, routes_);
    return route == nullptr ? "-" : route->path;
  }
  [[nodiscard]] std::string get(std::string_view path) const { return find(Method::kGet, path); }

 private:
  std::vector<Route> routes_;
  RouteTable table_;
};

TEST(RouteTable, ALiteralPathGoesBeforeAPattern) {
  const Routes routes({{Method::kGet, "/v1/items/{item}"},
                       {Method::kGet, "/v1/items/nearest"},
                       {Method::kGet, "/v1/{kind}/nearest"}});

  EXPECT_EQ(routes.get("/v1/items/nearest"), "/v1/items/nearest");
  EXPECT_EQ(routes.get("/v1/items/7"), "/v1/items/{item}");
  EXPECT_EQ(routes.get("/v1/shops/nearest"), "/v1/{kind}/nearest");
}

TEST(RouteTable, AmongPatternsALiteralSegmentWinsFromLeftToRight) {
  const Routes routes({{Method::kGet, "/{a}/x/{b}"},
                       {Method::kGet, "/v1/{a}/{b}"},
                       {Method::kGet, "/v1/x/{b}/end"}});

  EXPECT_EQ(routes.get("/v1/x/1"), "/v1/{a}/{b}");
  EXPECT_EQ(routes.get("/v2/x/1"), "/{a}/x/{b}");
  EXPECT_EQ(routes.get("/v1/x/1/end"), "/v1/x/{b}/end");
  EXPECT_EQ(routes.get("/v2/y/1"), "-");
}

// A literal branch that leads nowhere does not hide the pattern beside it.
TEST(RouteTable, GoesBackToAPatternWhenTheLiteralBranchEnds) {
  const Routes routes(
      {{Method::kGet, "/v1/items/{item}/parts"}, {Method::kGet, "/v1/{kind}/{id}"}});

  EXPECT_EQ(routes.get("/v1/items/7"), "/v1/{kind}/{id}");
  EXPECT_EQ(routes.get("/v1/items/7/parts"), "/v1/items/{item}/parts");
}

TEST(RouteTable, AMethodFindsItsOwnRoutesOnly) {
  const Routes routes({{Method::kGet, "/v1/items/{item}"},
                       {Method::kPost, "/v1/items/{other}"},
                       {Method::kPost, "/v1/items/new"}});

  EXPECT_EQ(routes.get("/v1/items/new"), "/v1/items/{item}");
  EXPECT_EQ(routes.find(Method::kPost, "/v1/items/new"), "/v1/items/new");
  EXPECT_EQ(routes.find(Method::kPost, "/v1/items/7"), "/v1/items/{other}");
  EXPECT_EQ(routes.find(Method::kDelete, "/v1/items/7"), "-");
}

struct MissCase {
  std::string_view name;
  std::string_view path;
};
constexpr MissCase kMisses[] = {
    {"empty", ""},
    {"no_slash", "v1/items/7"},
    {"root", "/"},
    {"shorter", "/v1/items"},
    {"longer", "/v1/items/7/8"},
    {"trailing_slash", "/v1/items/7/"},
    {"empty_segment_for_a_name", "/v1/items/"},
    {"doubled_slash", "//v1/items/7"},
    {"dot_for_a_name", "/v1/items/."},
    {"dots_for_a_name", "/v1/items/.."},
    {"other_case", "/V1/items/7"},
    {"query_is_no_part_of_a_path", "/v1/fixed?x=1"},
    {"literal_prefix", "/v1/fix"},
    {"literal_and_more", "/v1/fixed2"},
};
class RouteTableMiss : public testing::TestWithParam<MissCase> {};

TEST_P(RouteTableMiss, FindsNothing) {
  const Routes routes({{Method::kGet, "/v1/items/{item}"}, {Method::kGet, "/v1/fixed"}});

  EXPECT_EQ(routes.get(GetParam().path), "-");
}

INSTANTIATE_TEST_SUITE_P(Rows, RouteTableMiss, testing::ValuesIn(kMisses),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RouteTable, TellsWhichRouteAClashIsWith) {
  std::vector<Route> routes(3);
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    routes[i].index = i;
    routes[i].path = i == 2 ? "/v1/{b}" : "/v1/{a}";
  }
  routes[1].method = Method::kPut;
  RouteTable table(routes.size());

  EXPECT_FALSE(table.add(routes[0], routes).has_value());
  EXPECT_FALSE(table.add(routes[1], routes).has_value());
  EXPECT_EQ(table.add(routes[2], routes), 0U);
}

TEST(RouteTable, FindsEachOfManyRoutes) {
  std::vector<std::string> paths;
  paths.reserve(4096);
  for (int i = 0; i < 4096; ++i) {
    paths.push_back((i % 2 == 0 ? "/literal/" : "/pattern/{id}/") + std::to_string(i));
  }
  std::vector<std::pair<Method, std::string_view>> rows;
  rows.reserve(paths.size());
  for (const std::string& path : paths) {
    rows.emplace_back(Method::kGet, path);
  }
  const Routes routes(rows);

  for (const std::string& path : paths) {
    const std::string sent =
        path.starts_with("/p") ? small_profile::replaced(path, "{id}", "any") : path;
    EXPECT_EQ(routes.get(sent), path);
  }
  EXPECT_EQ(routes.get("/literal/4096"), "-");
}

TEST(Profile, ListsTheMethodsOfAPath) {
  const Profile profile = small_profile::parse(
      std::string(small_profile::kText) +
      "[routes.\"DELETE /v1/items/{item}\"]\nsecurity = \"signed\"\npermissions = \"any\"\n");

  EXPECT_EQ(profile.methods_for("/v1/items/7").to_text(), "GET, DELETE");
  EXPECT_EQ(profile.methods_for("/v1/items").to_text(), "POST");
  EXPECT_TRUE(profile.methods_for("/v1/nothing").empty());
}

TEST(Profile, FindsRoutesByTheMethodsOwnText) {
  const Profile profile = small_profile::parse(small_profile::kText);

  ASSERT_NE(profile.find("GET", "/v1/items/7"), nullptr);
  EXPECT_EQ(profile.find("GET", "/v1/items/7")->name, "GET /v1/items/{item}");
  EXPECT_EQ(profile.find("get", "/v1/items/7"), nullptr);
  EXPECT_EQ(profile.find("TRACE", "/v1/items/7"), nullptr);
  EXPECT_EQ(profile.find("", "/v1/items/7"), nullptr);
}

TEST(Method, HasOneSpelling) {
  for (std::size_t i = 0; i < kMethodCount; ++i) {
    const auto method = static_cast<Method>(i);
    EXPECT_EQ(parse_method(to_string(method)), method);
  }
  for (const std::string_view text : {"Get", "GET ", "CONNECT", "TRACE", ""}) {
    EXPECT_FALSE(parse_method(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace counterfoil
