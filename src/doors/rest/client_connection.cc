#include "doors/rest/client_connection.h"

#include <algorithm>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "authority/call_refusal.h"
#include "authority/gatekeeper.h"
#include "authority/own_key.h"
#include "authority/sub_account_keys.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "doors/net/connection_counts.h"
#include "doors/net/outbox.h"
#include "doors/net/socket.h"
#include "doors/net/tls.h"
#include "doors/net/worker_pool.h"
#include "doors/rest/answer_writer.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/exchange.h"
#include "doors/rest/forwarding.h"
#include "doors/rest/request_judge.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/rest_loop.h"
#include "doors/rest/rest_rules.h"
#include "doors/rest/rest_shared.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "wire/http/body.h"
#include "wire/http/body_framing.h"
#include "wire/http/forwarded_for.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

constexpr std::size_t kReadBytesMin = 1024;
constexpr std::size_t kBodyReadBytesMin = std::size_t{8} * 1024;

OwnAnswer own_answer(const RestShared& shared, Exchange& exchange) {
  const RestDoorParts& parts = shared.parts;
  Admission& admission = *exchange.admission;
  if (admission.route->handler == Handler::kSelfRevoke) {
    const auto revoked =
        self_revoke(parts.issuer, admission, exchange.head.query(), exchange.body, exchange.source);
    if (!revoked) {
      return std::unexpected(CallRefusal{.reason = revoked.error()});
    }
    return WipedText(std::string_view(*revoked));
  }
  // It may have waited for a worker, so it is looked at as before a first byte upstream. (Who ends
  // itself is not held to that: waiting was our doing, and the end is what is wanted.)
  if (const auto seen =
          exchange.gatekeeper().last_look(admission, exchange.request, parts.clock.now());
      !seen) {
    return std::unexpected(CallRefusal{.reason = seen.error()});
  }
  return answer_sub_account_call(
      parts.issuer, exchange.profile(),
      {.admission = admission, .parameters = exchange.parameters, .source = exchange.source});
}

// ask runs on a worker's thread.
OwnAnswer ask(const RestShared& shared, Exchange& exchange) {
  try {
    return own_answer(shared, exchange);
  } catch (const std::bad_alloc&) {
    throw;  // ends the process
  } catch (const std::exception&) {
    return std::unexpected(
        CallRefusal{.reason = Reason::kInternal, .tried = CallRefusal::Tried::kYes});
  }
}

// What a client still sends after its last answer is read and thrown away, up to here.
constexpr std::size_t kThrownAwayMax = std::size_t{256} * 1024;

}  // namespace

ClientConnection::ClientConnection(RestLoop& loop, net::Socket socket, const IpAddress& client,
                                   net::ConnectionPlace place, const net::TlsContext& tls)
    : loop_(loop),
      limits_(loop.shared().options.http),
      stream_(loop.net(), std::move(socket), tls),
      input_(loop.net().buffers()),
      timer_([this] { on_time_over(); }),
      place_(std::move(place)),
      peer_(client),
      client_(client),
      client_text_(client.to_string()),
      forwarding_(loop, *this) {}

ClientConnection::~ClientConnection() = default;

void ClientConnection::start() {
  self_ = this;
  if (!stream_.prepare()) {
    close();
    return;
  }
  if (!stream_.is_tls()) {
    advance();
    return;
  }
  phase_ = Phase::kHandshake;
  timer_.set(loop_.net().timers(), loop_.shared().options.handshake_time_max);
  stream_.async_handshake(boost::asio::ssl::stream_base::server,
                          [self = Pointer(this)](const boost::system::error_code& fault) {
                            if (fault || self->phase_ != Phase::kHandshake) {
                              self->loop_.counters().handshakes_failed.add();
                              self->close();
                              return;
                            }
                            self->phase_ = Phase::kHead;
                            self->advance();
                          });
}

void ClientConnection::drain() {
  if (phase_ == Phase::kHandshake) {
    close();
  } else if (phase_ == Phase::kHead && !exchange_) {
    say_goodbye();
  }
}

void ClientConnection::close() {
  if (phase_ == Phase::kClosed) {
    return;
  }
  const Pointer self = std::move(self_);
  phase_ = Phase::kClosed;
  timer_.cancel();
  forwarding_.abort();
  stream_.close();
  if (!is_with_authority_) {
    end_exchange();
  }
  loop_.forget(*this);
}

// abort tells the client that what it has is not the whole answer: the connection is reset.
void ClientConnection::abort() {
  stream_.reset_when_closed();
  close();
}

// --- Reading ------------------------------------------------------------------------------------

void ClientConnection::read(std::size_t room_min) {
  if (is_reading_) {
    return;
  }
  if (!input_.make_room(room_min)) {
    close();  // the limits of a head and a body end long before the buffer
    return;
  }
  is_reading_ = true;
  stream_.async_read_some({input_.space(), input_.room()},
                          [self = Pointer(this)](const boost::system::error_code& fault,
                                                 std::size_t size) { self->on_read(fault, size); });
}

void ClientConnection::on_read(const boost::system::error_code& fault, std::size_t size) {
  is_reading_ = false;
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (fault) {
    close();
    return;
  }
  if (phase_ == Phase::kGoodbye) {
    thrown_away_ += size;
    if (thrown_away_ > kThrownAwayMax) {
      close();
    } else {
      read(kReadBytesMin);
    }
    return;
  }
  input_.commit(size);
  body_received_ += size;
  advance();
}

void ClientConnection::on_time_over() {
  switch (phase_) {
    case Phase::kHead:
      if (exchange_) {
        refuse_http(http::refuse(http::RefusalKind::kHeadTooSlow));
      } else {
        say_goodbye();
      }
      return;
    case Phase::kBody:
      refuse_http(http::refuse(http::RefusalKind::kBodyTooSlow));
      return;
    case Phase::kSending:
    case Phase::kBusy:
      abort();
      return;
    case Phase::kHandshake:
    case Phase::kGoodbye:
      close();
      return;
    case Phase::kClosed:
      return;
  }
}

void ClientConnection::advance() {
  if (std::exchange(is_advancing_, true)) {
    return;
  }
  const Pointer self(this);
  guarded([this] {
    while (step()) {
    }
    is_advancing_ = false;
  });
}

// guarded keeps a bug of ours within this connection.
template <typename Work>
void ClientConnection::guarded(Work work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw;  // ends the process
  } catch (const std::exception&) {
    is_advancing_ = false;
    on_exception();
  }
}

// on_exception: a bug of ours must not forward a request nor end the process (control S-84).
void ClientConnection::on_exception() {
  forwarding_.abort();
  const bool can_be_answered = exchange_ && exchange_->has_id && !outbox_.is_busy();
  if (can_be_answered) {
    refuse(because(Reason::kInternal), http::KeepAlive::kClose);
  } else {
    close();
  }
}

bool ClientConnection::step() {
  switch (phase_) {
    case Phase::kHead:
      return step_head();
    case Phase::kBody:
      return step_body();
    case Phase::kHandshake:
    case Phase::kBusy:
    case Phase::kSending:
    case Phase::kGoodbye:
    case Phase::kClosed:
      return false;
  }
  std::unreachable();
}

bool ClientConnection::step_head() {
  if (input_.empty()) {
    wait_for_request();
    return false;
  }
  if (!exchange_) {
    exchange_ = loop_.take_exchange();
    timer_.set(loop_.net().timers(), limits_.head_time_max);
  }
  const auto parsed = http::parse_request_head(input_.received(), limits_, exchange_->head);
  if (!parsed) {
    refuse_http(parsed.error());
    return phase_ == Phase::kHead;
  }
  if (!*parsed) {
    read(kReadBytesMin);
    return false;
  }
  return on_head(**parsed);
}

void ClientConnection::wait_for_request() {
  if (loop_.is_draining()) {
    say_goodbye();
    return;
  }
  timer_.set(loop_.net().timers(), limits_.keep_alive_idle_max);
  read(kReadBytesMin);
}

bool ClientConnection::on_head(std::size_t head_size) {
  head_size_ = head_size;
  message_size_ = head_size;
  ++requests_;
  loop_.counters().requests.add();
  give_id();
  if (const auto found = find_client(); !found) {
    refuse_http(found.error());
    return phase_ == Phase::kHead;
  }
  if (const auto judged = judge_head(*exchange_); !judged) {
    refuse(judged.error());
    return phase_ == Phase::kHead;
  }
  const http::BodyFraming framing = exchange_->head.body_framing();
  return framing.mode == http::BodyMode::kNone ? on_request() : begin_body();
}

std::expected<void, http::Refusal> ClientConnection::find_client() {
  const RestRules& rules = *exchange_->rules;
  const auto client = rules.client_address == ClientAddress::kForwardedFor
                          ? http::client_of(exchange_->head.fields(), peer_, rules.trusted_proxies)
                          : std::expected<IpAddress, http::Refusal>(peer_);
  if (!client) {
    return std::unexpected(client.error());
  }
  if (*client != client_) {
    client_ = *client;
    client_text_ = client_.to_string();
  }
  exchange_->source = client_;
  exchange_->source_text = client_text_;
  return {};
}

bool ClientConnection::begin_body() {
  http::Limits limits = limits_;
  limits.body_bytes_max = exchange_->route->body_size_bytes_max;
  const http::BodyFraming framing = exchange_->head.body_framing();
  if (const auto begun = exchange_->body_reader.begin(framing, limits); !begun) {
    refuse_http(begun.error());
    return phase_ == Phase::kHead;
  }
  if (const auto body = http::body_in_place(framing, input_.received().substr(head_size_))) {
    exchange_->body = *body;
    message_size_ = head_size_ + body->size();
    return on_request();
  }
  phase_ = Phase::kBody;
  body_since_ = loop_.net().timers().now();
  body_received_ = 0;
  if (exchange_->head.expect_continue() && input_.received().size() == head_size_) {
    say_continue();
  }
  return phase_ == Phase::kBody;
}

void ClientConnection::say_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const net::Sent sent = outbox_.send(
      stream_, kContinue, {}, [self = Pointer(this)](const boost::system::error_code& fault) {
        if (self->phase_ == Phase::kClosed) {
          return;
        }
        if (fault) {
          self->close();
          return;
        }
        self->phase_ = Phase::kBody;
        self->advance();
      });
  if (sent == net::Sent::kFailed) {
    close();
  } else if (sent == net::Sent::kLater) {
    phase_ = Phase::kSending;
    timer_.set(loop_.net().timers(), loop_.shared().options.write_idle_max);
  }
}

bool ClientConnection::step_body() {
  const std::string_view window = input_.received().substr(head_size_);
  const auto progress = exchange_->body_reader.read(window, exchange_->body_storage);
  if (!progress) {
    refuse_http(progress.error());
    return false;
  }
  if (!exchange_->body_share.cover(exchange_->body_storage.size())) {
    exchange_->now = loop_.shared().parts.clock.now();
    refuse(because(Reason::kOverloaded), http::KeepAlive::kClose);
    return false;
  }
  if (!progress->complete) {
    input_.cut(head_size_);
    set_body_timer();
    make_room_for_body();
    read(1);
    return false;
  }
  exchange_->body = exchange_->body_storage;
  message_size_ = head_size_ + progress->consumed;
  return on_request();
}

// make_room_for_body keeps the head where it is if it can; else the head is read again where it
// stands then, for its views have ended.
void ClientConnection::make_room_for_body() {
  if (input_.room() >= kReadBytesMin) {
    return;
  }
  if (input_.make_room(kBodyReadBytesMin)) {
    const auto parsed = http::parse_request_head(input_.received(), limits_, exchange_->head);
    if (parsed && *parsed) {
      return;
    }
  }
  close();
}

void ClientConnection::set_body_timer() {
  using std::chrono::milliseconds;
  const auto spent =
      std::chrono::duration_cast<milliseconds>(loop_.net().timers().now() - body_since_);
  const milliseconds paid_for(
      static_cast<std::int64_t>(body_received_ * 1000 / limits_.body_bytes_per_second_min));
  // The idle time is also the credit of a body that begins slowly.
  const milliseconds left = limits_.body_idle_max + paid_for - spent;
  timer_.set(loop_.net().timers(), std::clamp(left, milliseconds(0), limits_.body_idle_max));
}

// --- One request --------------------------------------------------------------------------------

bool ClientConnection::on_request() {
  timer_.cancel();
  phase_ = Phase::kBusy;
  exchange_->now = loop_.shared().parts.clock.now();
  if (const auto judged = judge_request(loop_.shared(), *exchange_); !judged) {
    const auto* const refusal = std::get_if<ProfileRefusal>(&judged.error());
    if (refusal != nullptr) {
      refuse(*refusal, may_keep_alive() ? http::KeepAlive::kKeep : http::KeepAlive::kClose);
    } else {
      refuse_http(std::get<http::Refusal>(judged.error()));
    }
    return phase_ == Phase::kHead;
  }
  if (exchange_->route->handler == Handler::kUpstream) {
    forwarding_.take(*exchange_);
    loop_.net().after_batch([self = Pointer(this)] { self->forward(); });
  } else {
    answer_own();
  }
  return phase_ == Phase::kHead;
}

void ClientConnection::forward() {
  if (is_advancing_) {
    forwarding_.go_on();
  } else {
    guarded([this] { forwarding_.go_on(); });
  }
}

void ClientConnection::answer_own() {
  Gatekeeper& gatekeeper = exchange_->gatekeeper();
  Admission& admission = *exchange_->admission;
  const auto seen = gatekeeper.last_look(admission, exchange_->request, exchange_->now);
  if (!seen) {
    gatekeeper.withdraw(admission, exchange_->usage);
    answer_refused(because(seen.error()));
    return;
  }
  if (exchange_->route->handler == Handler::kApiRestrictions) {
    send_own(api_restrictions_body(*admission.key, exchange_->profile()));
    return;
  }
  ask_authority();
}

void ClientConnection::ask_authority() {
  is_with_authority_ = true;
  // The exchange stays where it is until on_authority(), even if the client goes away.
  auto job = [self = Pointer(this)]() mutable {
    RestLoop& loop = self->loop_;
    auto answer = ask(loop.shared(), *self->exchange_);
    (void)loop.post(
        [kept = std::move(self), answer = std::move(answer)] { kept->on_authority(answer); });
  };
  RestShared& shared = loop_.shared();
  net::WorkerPool& workers =
      manages_keys(exchange_->route->handler) ? shared.managing_workers : shared.workers;
  if (!workers.run(std::move(job))) {
    on_authority(std::unexpected(CallRefusal{.reason = Reason::kOverloaded}));
  }
}

void ClientConnection::on_authority(const OwnAnswer& answer) {
  is_with_authority_ = false;
  if (!answer && answer.error().tried == CallRefusal::Tried::kNo) {
    exchange_->gatekeeper().withdraw(*exchange_->admission, exchange_->usage);
  }
  if (phase_ == Phase::kClosed) {
    end_exchange();
  } else if (answer) {
    send_own(*answer);
  } else {
    answer_refused({.reason = answer.error().reason,
                    .context = {.parameter = answer.error().parameter},
                    .allowed = {}});
  }
}

void ClientConnection::send_own(std::string_view json) {
  exchange_->gatekeeper().record_accepted(loop_.lane(), *exchange_->admission,
                                          exchange_->arrival());
  const auto keep = may_keep_alive() ? http::KeepAlive::kKeep : http::KeepAlive::kClose;
  out_.clear();
  loop_.answers().own(out_, *exchange_, json, keep);
  holds_own_answer_ = true;
  send_whole(keep);
}

void ClientConnection::forget_own() {
  if (std::exchange(holds_own_answer_, false)) {
    wipe(out_);
    outbox_.forget();
  }
}

// --- Answers ------------------------------------------------------------------------------------

bool ClientConnection::may_keep_alive() const {
  return exchange_->head.keep_alive() && !loop_.is_draining() &&
         requests_ < limits_.requests_per_connection_max;
}

AnswerSink::Taken ClientConnection::take_piece(std::string_view head, std::string_view body) {
  const net::Sent sent = outbox_.send(
      stream_, head, body, [self = Pointer(this)](const boost::system::error_code& fault) {
        if (self->phase_ == Phase::kClosed) {
          return;
        }
        if (fault) {
          self->close();
          return;
        }
        self->timer_.cancel();
        self->phase_ = Phase::kBusy;
        self->forwarding_.resume();
      });
  switch (sent) {
    case net::Sent::kNow:
      return Taken::kNow;
    case net::Sent::kLater:
      phase_ = Phase::kSending;
      timer_.set(loop_.net().timers(), loop_.shared().options.write_idle_max);
      return Taken::kLater;
    case net::Sent::kFailed:
      close();
      return Taken::kFailed;
  }
  std::unreachable();
}

void ClientConnection::answer_complete(http::KeepAlive keep_alive) { on_answered(keep_alive); }

void ClientConnection::answer_refused(const ProfileRefusal& refusal) {
  refuse(refusal, may_keep_alive() ? http::KeepAlive::kKeep : http::KeepAlive::kClose);
}

void ClientConnection::answer_broken() { abort(); }

void ClientConnection::refuse(const Refused& refused) {
  exchange_->now = loop_.shared().parts.clock.now();
  if (const auto* const refusal = std::get_if<http::Refusal>(&refused)) {
    refuse_http(*refusal);
    return;
  }
  // The body is not read, so the next request cannot be found.
  const bool can_go_on =
      exchange_->head.body_framing().mode == http::BodyMode::kNone && may_keep_alive();
  refuse(std::get<ProfileRefusal>(refused),
         can_go_on ? http::KeepAlive::kKeep : http::KeepAlive::kClose);
}

void ClientConnection::refuse(const ProfileRefusal& refusal, http::KeepAlive keep_alive) {
  loop_.counters().refused(refusal.reason);
  exchange_->gatekeeper().record_refused(loop_.lane(),
                                         exchange_->has_request ? &exchange_->request : nullptr,
                                         exchange_->arrival(), refusal.reason);
  out_.clear();
  loop_.answers().refusal(out_, *exchange_, refusal, keep_alive);
  send_whole(keep_alive);
}

void ClientConnection::refuse_http(const http::Refusal& refusal) {
  loop_.counters().refused(refusal.kind);
  give_id();
  out_.clear();
  loop_.answers().http_refusal(out_, *exchange_, refusal, loop_.shared().parts.clock.now());
  send_whole(http::KeepAlive::kClose);
}

void ClientConnection::give_id() {
  if (!std::exchange(exchange_->has_id, true)) {
    exchange_->id = loop_.request_ids().next();
  }
}

void ClientConnection::send_whole(http::KeepAlive keep_alive) {
  timer_.cancel();
  const net::Sent sent =
      outbox_.send(stream_, out_, {},
                   [self = Pointer(this), keep_alive](const boost::system::error_code& fault) {
                     self->forget_own();
                     if (self->phase_ == Phase::kClosed) {
                       return;
                     }
                     if (fault) {
                       self->close();
                       return;
                     }
                     self->on_answered(keep_alive);
                   });
  switch (sent) {
    case net::Sent::kNow:
      forget_own();
      on_answered(keep_alive);
      return;
    case net::Sent::kLater:
      phase_ = Phase::kSending;
      timer_.set(loop_.net().timers(), loop_.shared().options.write_idle_max);
      return;
    case net::Sent::kFailed:
      forget_own();
      close();
      return;
  }
}

void ClientConnection::on_answered(http::KeepAlive keep_alive) {
  timer_.cancel();
  end_exchange();
  if (keep_alive == http::KeepAlive::kClose) {
    say_goodbye();
    return;
  }
  input_.consume(message_size_);
  phase_ = Phase::kHead;
  advance();
}

void ClientConnection::end_exchange() {
  if (exchange_) {
    loop_.give_back(std::move(exchange_));
  }
}

// say_goodbye: closing a socket that holds unread bytes resets the connection, and the client might
// lose the answer. So our side is ended first, and what still comes is thrown away.
void ClientConnection::say_goodbye() {
  phase_ = Phase::kGoodbye;
  timer_.set(loop_.net().timers(), loop_.shared().options.goodbye_time_max);
  input_.cut(0);
  if (stream_.is_tls()) {
    if (is_reading_) {
      close();  // TLS cannot say goodbye while it reads
      return;
    }
    stream_.async_say_goodbye(
        [self = Pointer(this)](const boost::system::error_code& /*fault*/) { self->close(); });
    return;
  }
  stream_.end_sending();
  read(kReadBytesMin);
}

}  // namespace counterfoil
