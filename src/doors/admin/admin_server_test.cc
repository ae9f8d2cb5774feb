#include "doors/admin/admin_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "doors/admin/admin_socket.h"
#include "doors/admin/peer.h"
#include "doors/admin/socket_address.h"
#include "doors/calls/descriptor.h"
#include "doors/management/test_management.h"

namespace counterfoil {
namespace {

using management_test::ManagementTest;
namespace fs = std::filesystem;

constexpr uid_t kNobody = 65'534;

class AdminServerTest : public ManagementTest {
 protected:
  AdminServerTest() {
    std::string name = testing::TempDir() + "admin-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    socket_ = (folder_ / "admin.sock").string();
  }
  ~AdminServerTest() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  void start(AdminServer::Options options = {}) {
    auto started = AdminServer::start(socket_, *api_, random_, options);
    ASSERT_TRUE(started.has_value()) << started.error().sentence;
    server_ = std::move(*started);
  }
  [[nodiscard]] AdminSocketError refused() {
    auto started = AdminServer::start(socket_, *api_, random_);
    EXPECT_FALSE(started.has_value());
    return started ? AdminSocketError{} : started.error();
  }

  [[nodiscard]] Descriptor connected() const {
    Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = SocketAddress::of(socket_);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(made.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(made.number(), address->get(), address->size()), 0);
    return made;
  }
  static void send(const Descriptor& to, std::string_view text) {
    ASSERT_EQ(::send(to.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // rest_of reads until the server closes.
  static std::string rest_of(const Descriptor& from) {
    std::string all;
    std::array<char, 4096> piece{};
    ssize_t got = 0;
    while ((got = ::recv(from.number(), piece.data(), piece.size(), 0)) > 0) {
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  // until reads until `end` has come.
  static std::string until(const Descriptor& from, std::string_view end) {
    std::string all;
    char byte = 0;
    while (!all.ends_with(end) && ::recv(from.number(), &byte, 1, 0) == 1) {
      all += byte;
    }
    return all;
  }
  [[nodiscard]] std::string exchange(std::string_view request) const {
    const Descriptor peer = connected();
    send(peer, request);
    return rest_of(peer);
  }
  static std::string request(std::string_view line, std::string_view body = {},
                             std::string_view more = "Connection: close\r\n") {
    std::string text = std::string(line) + " HTTP/1.1\r\nHost: counterfoil\r\n" + std::string(more);
    if (!body.empty()) {
      text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n";
    }
    return text + "\r\n" + std::string(body);
  }

  fs::path folder_;
  std::string socket_;
  std::unique_ptr<AdminServer> server_;
};

// ---- the socket

TEST_F(AdminServerTest, IsOpenToItsOwnerAloneWhateverTheUmask) {
  const mode_t before = ::umask(0);
  start();
  ::umask(before);

  struct stat facts{};
  ASSERT_EQ(::lstat(socket_.c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST_F(AdminServerTest, RefusesADirectoryThatOthersMayWriteTo) {
  fs::permissions(folder_, fs::perms::group_write, fs::perm_options::add);

  const AdminSocketError error = refused();

  EXPECT_EQ(error.kind, AdminSocketError::Kind::kDirectoryUnsafe);
  EXPECT_TRUE(error.sentence.contains("chmod go-w"));
}

TEST_F(AdminServerTest, RefusesADirectoryThatIsNotThere) {
  fs::remove_all(folder_);

  EXPECT_EQ(refused().kind, AdminSocketError::Kind::kDirectoryUnsafe);
}

TEST_F(AdminServerTest, RefusesASecondNodeWhileTheFirstLives) {
  start();

  EXPECT_EQ(refused().kind, AdminSocketError::Kind::kInUse);
  EXPECT_TRUE(exchange(request("GET /api/v1/status")).contains("200 OK"));
}

TEST_F(AdminServerTest, ReplacesWhatACrashedNodeLeftBehind) {
  {
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    const auto address = SocketAddress::of(socket_);
    ASSERT_EQ(::bind(dead.number(), address->get(), address->size()), 0);
  }
  ASSERT_TRUE(fs::is_socket(socket_));

  start();

  EXPECT_TRUE(exchange(request("GET /api/v1/status")).contains("200 OK"));
}

TEST_F(AdminServerTest, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(socket_) << "precious";

  EXPECT_EQ(refused().kind, AdminSocketError::Kind::kFileInTheWay);
  EXPECT_EQ(fs::file_size(socket_), 8U);
}

TEST_F(AdminServerTest, LeavesTheSocketOfAnotherProgramAlone) {
  const Descriptor other(::socket(AF_UNIX, SOCK_STREAM, 0));
  const auto address = SocketAddress::of(socket_);
  ASSERT_EQ(::bind(other.number(), address->get(), address->size()), 0);
  ASSERT_EQ(::listen(other.number(), 1), 0);

  EXPECT_EQ(refused().kind, AdminSocketError::Kind::kInUse);
  EXPECT_TRUE(fs::is_socket(socket_));
}

TEST_F(AdminServerTest, WorksAtAPathLongerThanASocketAddress) {
  fs::path deep = folder_;
  for (int i = 0; i < 6; ++i) {
    deep /= std::string(40, 'd');
  }
  fs::create_directories(deep);
  socket_ = (deep / "admin.sock").string();
  ASSERT_GT(socket_.size(), 250U);

  start();

  EXPECT_TRUE(exchange(request("GET /api/v1/status")).contains("200 OK"));
}

TEST_F(AdminServerTest, RemovesTheSocketAtTheEnd) {
  start();
  server_.reset();

  EXPECT_FALSE(fs::exists(socket_));
}

// ---- who may enter

TEST(Peer, LetsRootAndTheNodesOwnUserIn) {
  EXPECT_TRUE(may_enter(0, 1000));
  EXPECT_TRUE(may_enter(1000, 1000));
  EXPECT_FALSE(may_enter(1001, 1000));
  EXPECT_FALSE(may_enter(kNobody, 0));
}

TEST_F(AdminServerTest, RefusesAnotherUserEvenWhereTheFileModeLetsThemIn) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "needs root to become another user";
  }
  start();
  ::chmod(socket_.c_str(), 0666);
  ::chmod(folder_.c_str(), 0755);
  const Descriptor peer(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = SocketAddress::of(socket_);

  const pid_t child = ::fork();  // connects as somebody else; nothing but system calls in it
  if (child == 0) {
    const bool connected =
        ::setuid(kNobody) == 0 && ::connect(peer.number(), address->get(), address->size()) == 0;
    ::_exit(connected ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (status != 0) {
    GTEST_SKIP() << "the folder for tests is closed to other users";
  }

  const std::string answer = rest_of(peer);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
  EXPECT_TRUE(answer.contains("peer_refused"));
}

TEST_F(AdminServerTest, WritesTheCallersUserIntoTheAuditLog) {
  start();
  ASSERT_TRUE(exchange(request("POST /api/v1/accounts", R"({"id":"demo"})")).contains("201"));
  ASSERT_TRUE(keeper_->pump().has_value());

  const auto page = get("/api/v1/audit?limit=500");
  EXPECT_EQ(page.json["items"].back()["actor"], "socket:uid=" + std::to_string(::geteuid()));
  EXPECT_EQ(page.json["items"].back()["source"], "local");
}

// ---- the connection

TEST_F(AdminServerTest, ServesManyRequestsOnOneConnection) {
  start();
  const Descriptor peer = connected();

  send(peer, request("GET /api/v1/status", "", "") + request("GET /api/v1/profile", "", "") +
                 request("GET /api/v1/accounts"));
  const std::string answers = rest_of(peer);

  std::size_t count = 0;
  for (std::size_t at = answers.find("HTTP/1.1 200 OK"); at != std::string::npos;
       at = answers.find("HTTP/1.1 200 OK", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 3U) << answers;
  EXPECT_TRUE(answers.contains("X-Counterfoil-Request-Id: "));
}

TEST_F(AdminServerTest, TakesARequestThatComesByteByByte) {
  start();
  const Descriptor peer = connected();

  for (const char byte : request("POST /api/v1/accounts", R"({"id":"demo"})")) {
    send(peer, {&byte, 1});
  }

  EXPECT_TRUE(rest_of(peer).starts_with("HTTP/1.1 201 "));
}

TEST_F(AdminServerTest, AsksForTheBodyOfAClientThatWaits) {
  start();
  const Descriptor peer = connected();
  const std::string whole = request("POST /api/v1/accounts", R"({"id":"demo"})",
                                    "Connection: close\r\nExpect: 100-continue\r\n");
  const std::size_t body = whole.find('{');

  send(peer, std::string_view(whole).substr(0, body));
  EXPECT_EQ(until(peer, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  send(peer, std::string_view(whole).substr(body));

  EXPECT_TRUE(rest_of(peer).starts_with("HTTP/1.1 201 "));
}

TEST_F(AdminServerTest, AnswersHeadWithoutABody) {
  start();

  const std::string answer = exchange(request("HEAD /api/v1/status"));

  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(AdminServerTest, StreamsTheAuditLogInChunksThatEnd) {
  start();
  make_account();

  const std::string answer = exchange(request("GET /api/v1/audit/export"));

  EXPECT_TRUE(answer.contains("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(answer.contains("\"birth\""));
  EXPECT_TRUE(answer.ends_with("0\r\n\r\n"));
}

struct BadMessage {
  const char* name;
  std::string text;
  const char* status;
};

TEST_F(AdminServerTest, RefusesBadMessagesAndCloses) {
  start();
  const std::vector<BadMessage> bad{
      {"no_http", "hello\r\n\r\n", "400"},
      {"no_host", "GET /api/v1/status HTTP/1.1\r\n\r\n", "400"},
      {"two_lengths",
       "POST /api/v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: "
       "1\r\n\r\n{",
       "400"},
      {"chunked",
       "POST /api/v1/accounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "411"},
      {"body_too_large",
       "POST /api/v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", "413"},
      {"rows_too_large",
       "POST /api/v1/keys/import-batch HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n",
       "413"},
      {"head_too_large",
       "GET /api/v1/status HTTP/1.1\r\nHost: a\r\nX: " + std::string(9'000, 'a') + "\r\n\r\n",
       "431"},
      {"method", "BREW /api/v1/status HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
  };
  for (const BadMessage& message : bad) {
    const std::string answer = exchange(message.text);

    EXPECT_TRUE(answer.starts_with(std::string("HTTP/1.1 ") + message.status))
        << message.name << answer;
    EXPECT_TRUE(answer.contains("application/problem+json")) << message.name;
    EXPECT_TRUE(answer.contains("request_id")) << message.name;
  }
}

TEST_F(AdminServerTest, EndsAConnectionThatSaysTooLittleTooSlowly) {
  AdminServer::Options options;
  options.limits.http.head_time_max = std::chrono::milliseconds(50);
  options.limits.http.body_idle_max = std::chrono::milliseconds(50);
  options.limits.http.keep_alive_idle_max = std::chrono::milliseconds(50);
  start(options);

  EXPECT_EQ(exchange(""), "");  // nothing asked, nothing answered
  EXPECT_TRUE(exchange("GET /api").starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(exchange("POST /api/v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{")
                  .starts_with("HTTP/1.1 408 "));
}

TEST_F(AdminServerTest, ServesOnWhileAsManyConnectionsAsItMayHaveComeAndGo) {
  AdminServer::Options options;
  options.connections_max = 2;
  start(options);
  std::vector<std::jthread> clients;
  std::array<std::string, 12> answers;

  for (std::string& answer : answers) {
    clients.emplace_back([&] { answer = exchange(request("GET /api/v1/status")); });
  }
  clients.clear();  // joins

  for (const std::string& answer : answers) {
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  }
}

TEST_F(AdminServerTest, EndsWithIdleConnectionsOpen) {
  AdminServer::Options options;
  options.limits.http.keep_alive_idle_max = std::chrono::hours(1);
  start(options);
  const Descriptor idle = connected();
  send(idle, request("GET /api/v1/status", "", ""));
  ASSERT_TRUE(until(idle, "\r\n\r\n").starts_with("HTTP/1.1 200 "));

  server_.reset();  // would hang for an hour if it waited for the client

  EXPECT_FALSE(fs::exists(socket_));
}

}  // namespace
}  // namespace counterfoil
