#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "authority/event_loops.h"
#include "authority/gatekeeper.h"
#include "authority/request_ids.h"
#include "base/ip_address.h"
#include "doors/net/connection_counts.h"
#include "doors/net/listener.h"
#include "doors/net/loop.h"
#include "doors/net/proxy_greeting.h"
#include "doors/net/socket.h"
#include "doors/rest/answer_writer.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/exchange.h"
#include "doors/rest/rest_rules.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_head.h"
#include "doors/rest/upstream_pool.h"

namespace counterfoil {

class ClientConnection;  // NOLINT(cppcoreguidelines-virtual-class-destructor): it is final

// RestLoop is one thread of the door with everything that belongs to it. The members are for that
// thread alone, but for post(), the counters and the ends of its life.
class RestLoop final : public EventLoop {
 public:
  RestLoop(RestShared& shared, const SharedRestRules& rules);
  RestLoop(const RestLoop&) = delete;
  RestLoop& operator=(const RestLoop&) = delete;
  RestLoop(RestLoop&&) = delete;
  RestLoop& operator=(RestLoop&&) = delete;
  ~RestLoop() override;

  // listen opens this loop's share of the ports, before start().
  [[nodiscard]] std::expected<void, std::string> listen(
      const std::vector<net::ListenAddress>& addresses);
  void start();
  bool post(std::move_only_function<void()> work) override { return net_.post(std::move(work)); }
  // take_over has everything that begins from then on go by `rules`. Any thread.
  void take_over(SharedRestRules rules);
  // drain stops accepting and closes idle connections. Any thread.
  void drain();
  // stop closes everything and joins the thread.
  void stop();

  [[nodiscard]] RestShared& shared() { return shared_; }
  [[nodiscard]] net::Loop& net() { return net_; }
  [[nodiscard]] UpstreamPool& pool() { return pool_; }
  [[nodiscard]] DoorCounters& counters() { return counters_; }
  [[nodiscard]] const DoorCounters& counters() const { return counters_; }
  [[nodiscard]] AnswerWriter& answers() { return answers_; }
  [[nodiscard]] UpstreamHead& upstream_head() { return upstream_head_; }
  [[nodiscard]] RequestIdSource& request_ids() { return request_ids_; }
  [[nodiscard]] Recorder::Lane& lane() { return lane_; }  // NOLINT(misc-include-cleaner)
  // emptied_scratch is where a head is written that is sent in the same step: one text for all
  // connections, so that it stays in the nearest cache.
  [[nodiscard]] std::string& emptied_scratch() {
    scratch_.clear();
    return scratch_;
  }
  [[nodiscard]] bool is_draining() const { return is_draining_; }

  // take_exchange lends an object for one request, which goes by the rules of this moment.
  [[nodiscard]] std::unique_ptr<Exchange> take_exchange();
  void give_back(std::unique_ptr<Exchange> exchange);
  // forget is called by a connection when it has closed.
  void forget(ClientConnection& connection);

 private:
  using Acceptor = net::Acceptor;
  struct Listening;

  void accept(Listening& listening);
  void accepted(net::Socket socket, const IpAddress& peer);
  // greet reads the PROXY header of a connection from the proxy `peer` before it is served.
  void greet(net::Socket socket, const IpAddress& peer);
  void serve(net::Socket socket, const IpAddress& client, net::ConnectionPlace place);
  // stop_accepting closes what has not begun to be served, too.
  void stop_accepting();
  void close_all();

  RestShared& shared_;
  LocalRestRules rules_;
  net::Loop net_;
  DoorCounters counters_;
  AnswerWriter answers_;
  UpstreamHead upstream_head_;
  RequestIdSource request_ids_;
  std::string scratch_;
  Recorder::Lane& lane_;  // NOLINT(misc-include-cleaner): the authority shows it
  UpstreamPool pool_;
  std::vector<std::unique_ptr<Listening>> listening_;
  std::unordered_set<net::ProxyGreeting*> greetings_;
  std::unordered_set<ClientConnection*> connections_;
  std::vector<std::unique_ptr<Exchange>> spare_exchanges_;
  bool is_draining_ = false;
};

}  // namespace counterfoil
