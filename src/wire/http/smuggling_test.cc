// Replays testdata/smuggling, or the directory of the same layout that COUNTERFOIL_SMUGGLING names,
// as far as a parser can judge: a case that must be refused or whose requests must pass whole. What
// needs routes, keys or an upstream is judged where those are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/test_connection.h"

namespace counterfoil::http {
namespace {

using nlohmann::json;

// CaseSet is where the cases come from. Of our own we know that whatever has to end the connection
// is the parser's to refuse; in somebody else's set some of it may be for the doors.
struct CaseSet {
  std::filesystem::path directory;
  bool is_ours;
};

CaseSet case_set() {
  const char* const given = std::getenv("COUNTERFOIL_SMUGGLING");  // NOLINT(concurrency-mt-unsafe)
  if (given != nullptr) {
    return {.directory = given, .is_ours = false};
  }
  return {.directory = std::filesystem::path(COUNTERFOIL_SOURCE_DIR) / "testdata/smuggling",
          .is_ours = true};
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

bool starts_with_one_of(std::string_view target, const json& starts) {
  return std::ranges::any_of(starts, [target](const json& start) {
    return target.starts_with(start.get<std::string_view>());
  });
}

bool lists_status(const json& accept, int status) {
  const json& statuses = accept.at("status");
  return std::ranges::find(statuses, json(status)) != statuses.end();
}

// fits_reject: the parser refuses with a listed status. A case without "close" is refused further
// in, by keys and signatures, and a request that never ends by its time.
bool fits_reject(const json& accept, const Reception& reception, const CaseSet& set) {
  constexpr int kRequestTimeout = 408;
  if (reception.refusal) {
    return lists_status(accept, reception.refusal->status);
  }
  return !set.is_ours || !accept.value("close", true) || lists_status(accept, kRequestTimeout);
}

// fits_forward: all requests the case lists were read, in their order, and nothing was refused.
bool fits_forward(const json& accept, const Reception& reception) {
  const json& targets = accept.at("targets");
  return !reception.refusal &&
         std::ranges::equal(
             targets, reception.requests, {},
             [](const json& target) { return target.get<std::string>(); }, &ReceivedRequest::path);
}

bool fits(const json& accept, const Reception& reception, const CaseSet& set) {
  const std::string outcome = accept.at("outcome");
  if (outcome == "forward") {
    return fits_forward(accept, reception);
  }
  return outcome == "close" ? reception.refusal || !set.is_ours
                            : fits_reject(accept, reception, set);
}

std::string described(const Reception& reception) {
  std::string text;
  for (const ReceivedRequest& request : reception.requests) {
    text += std::string(method_name(request.method)) + " " + request.path + ", ";
  }
  return text + (reception.refusal ? std::string(describe(reception.refusal->kind).name)
                                   : std::string("no refusal"));
}

bool is_forwarded(std::string_view path, const json& accepts) {
  return std::ranges::any_of(accepts, [path](const json& accept) {
    const json targets = accept.value("targets", json::array());
    return std::ranges::find(targets, json(path)) != targets.end();
  });
}

// A request that the case never lets through may be read only where something behind the parser
// refuses it: then it is the only one.
void expect_nothing_smuggled(const json& entry, const Reception& reception) {
  for (const ReceivedRequest& request : reception.requests) {
    if (!is_forwarded(request.path, entry.at("accept")) &&
        starts_with_one_of(request.target, entry.at("never_upstream"))) {
      EXPECT_EQ(reception.requests.size(), 1U) << request.target;
      EXPECT_FALSE(request.target.starts_with("/smuggled")) << request.target;
    }
  }
}

void replay(const json& entry, const std::string& stream, const CaseSet& set) {
  const Reception reception = receive(stream);
  const json& accepts = entry.at("accept");
  EXPECT_TRUE(std::ranges::any_of(accepts, [&](const json& accept) {
    return fits(accept, reception, set);
  })) << described(reception);
  expect_nothing_smuggled(entry, reception);

  // The modes of the index: one write, two halves, byte by byte up to 4 KiB.
  constexpr std::size_t kBytewiseMax = 4096;
  EXPECT_EQ(receive_cut(stream, stream.size() / 2), reception);
  if (stream.size() <= kBytewiseMax) {
    EXPECT_EQ(receive_bytewise(stream), reception);
  }
}

TEST(Smuggling, EveryCaseOfTheIndexEndsAsItAllows) {
  const CaseSet set = case_set();
  const json index = json::parse(contents(set.directory / "index.json"), nullptr, false);
  ASSERT_TRUE(index.is_object()) << set.directory << " has no readable index.json";
  std::size_t replayed = 0;
  for (const json& entry : index.at("cases")) {
    const std::string file = entry.at("file");
    SCOPED_TRACE(file);
    const std::string stream = contents(set.directory / file);
    ASSERT_EQ(stream.size(), entry.at("bytes").get<std::size_t>());
    replay(entry, stream, set);
    ++replayed;
    std::cout << file << ": 1 case, " << described(receive(stream)) << '\n';
  }
  std::cout << "index.json: " << replayed << " cases\n";
  EXPECT_GE(replayed, 1U);
}

}  // namespace
}  // namespace counterfoil::http
