#include "doors/rest/forwarding.h"

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "authority/gatekeeper.h"
#include "base/time.h"
#include "doors/rest/answer_writer.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/exchange.h"
#include "doors/rest/request_judge.h"
#include "doors/rest/rest_loop.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_pool.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"
#include "wire/http/body_framing.h"
#include "wire/http/chunked.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"
#include "wire/http/write.h"

namespace counterfoil {

Forwarding::Forwarding(RestLoop& loop, AnswerSink& sink)
    : loop_(loop),
      sink_(sink),
      timer_([this] { on_time_over(); }),
      decoder_(loop.shared().field_rules()) {}

void Forwarding::take(Exchange& exchange) {
  exchange_ = &exchange;
  was_forwarded_ = false;
  was_retried_ = false;
  has_begun_ = false;
  owes_head_ = false;
  is_paused_ = false;
  phase_ = Phase::kTaken;
}

void Forwarding::go_on() {
  if (phase_ == Phase::kTaken) {
    find_connection(UpstreamPool::Wanted::kAny);
  }
}

void Forwarding::find_connection(UpstreamPool::Wanted wanted) {
  phase_ = Phase::kWaiting;
  auto got = loop_.pool().acquire(*this, wanted);
  // What may not be sent twice is not risked on a connection that the upstream has closed already.
  while (got && *got != nullptr && exchange_->method() != http::Method::kGet &&
         !(*got)->looks_alive()) {
    loop_.pool().discard(**got);
    got = loop_.pool().acquire(*this, wanted);
  }
  if (!got) {
    refuse(got.error());
    return;
  }
  if (*got == nullptr) {
    timer_.set(loop_.net().timers(), loop_.shared().options.upstream.wait_time_max);
    return;
  }
  forward(**got, was_retried_ ? loop_.shared().parts.clock.now() : exchange_->now);
}

void Forwarding::on_upstream_ready(UpstreamConnection& connection) {
  forward(connection, loop_.shared().parts.clock.now());
}

void Forwarding::on_upstream_refused(Reason reason) { refuse(reason); }

void Forwarding::forward(UpstreamConnection& connection, Timestamp now) {
  // From here to the first byte in the kernel is one step of this thread: a revocation that has
  // been answered is seen, for it waits until this thread has come round.
  if (!may_go(connection, now)) {
    return;
  }
  std::string& head = loop_.emptied_scratch();
  loop_.upstream_head().append(head, *exchange_, loop_.shared().targets[connection.target()], now);
  connection.attach(*this);
  connection_ = &connection;
  const std::string_view body = joined_if_short(head, exchange_->body);
  if (!connection.send(head, body)) {
    // Not one byte was sent, so this was no attempt yet.
    give_up_connection();
    if (std::exchange(was_retried_, true)) {
      refuse(Reason::kUpstreamUnreachable);
    } else {
      find_connection(UpstreamPool::Wanted::kNew);
    }
    return;
  }
  phase_ = Phase::kHead;
  if (!std::exchange(was_forwarded_, true)) {
    loop_.counters().forwarded.add();
    if (exchange_->admission) {
      exchange_->gatekeeper().record_accepted(loop_.lane(), *exchange_->admission,
                                              exchange_->arrival());
    }
  }
  expect_head();
}

bool Forwarding::may_go(UpstreamConnection& connection, Timestamp now) {
  if (!exchange_->admission) {
    return true;
  }
  const auto seen =
      exchange_->gatekeeper().last_look(*exchange_->admission, exchange_->request, now);
  if (seen) {
    return true;
  }
  loop_.pool().give_back(connection);
  refuse(seen.error());
  return false;
}

void Forwarding::on_upstream_bytes() {
  if (phase_ == Phase::kHead || phase_ == Phase::kBody) {
    read_answer();
  }
}

void Forwarding::read_answer() {
  if (phase_ == Phase::kHead && !read_head()) {
    return;
  }
  relay();
}

bool Forwarding::read_head() {
  http::ResponseHead& answer = exchange_->answer;
  for (;;) {
    const auto parsed =
        http::parse_response_head(connection_->received(), loop_.shared().options.http, answer);
    if (!parsed || (*parsed && answer.status() == 101)) {
      fail(Reason::kUpstreamBroken);
      return false;
    }
    if (!*parsed) {
      if (!connection_->read_more()) {
        fail(Reason::kUpstreamBroken);
      }
      return false;
    }
    if (!answer.is_interim()) {
      begin_body();
      connection_->consume(**parsed);
      return true;
    }
    connection_->consume(**parsed);
  }
}

void Forwarding::begin_body() {
  const http::ResponseHead& answer = exchange_->answer;
  const http::BodyFraming framing = answer.body_framing(exchange_->method());
  exchange_->answer_framer.begin(framing, loop_.shared().options.http);
  if (answer.status() >= 200 && answer.status() < 300) {
    exchange_->gatekeeper().settle(*exchange_->charge, *exchange_->route, exchange_->usage);
  }
  is_decoded_ = framing.mode == http::BodyMode::kChunked && !sends_chunked(*exchange_);
  if (is_decoded_) {
    decoder_.begin(loop_.shared().options.http);
  }
  const bool ends_with_connection = framing.mode == http::BodyMode::kUntilClose || is_decoded_;
  keep_alive_ = ends_with_connection || !sink_.may_keep_alive() ? http::KeepAlive::kClose
                                                                : http::KeepAlive::kKeep;
  owes_head_ = true;
  phase_ = Phase::kBody;
}

void Forwarding::relay() {
  const std::string_view received = connection_->received();
  const auto progress = exchange_->answer_framer.advance(received);
  if (!progress) {
    fail(Reason::kUpstreamBroken);
    return;
  }
  send_piece(received.substr(0, progress->consumed), progress->complete);
}

// joined_if_short puts a short body behind its head and gives what is left to send separately: to
// copy it costs less than to hand the kernel two pieces.
std::string_view Forwarding::joined_if_short(std::string& head, std::string_view body) {
  constexpr std::size_t kShort = std::size_t{2} * 1024;
  if (body.size() > kShort) {
    return body;
  }
  head.append(body);
  return {};
}

std::string_view Forwarding::piece_for_client(std::string_view raw) {
  if (!is_decoded_) {
    return raw;
  }
  decoded_.clear();
  while (!raw.empty()) {
    const auto piece = decoder_.next(raw);
    if (!piece) {
      break;  // the framer has read the same bytes and found nothing wrong
    }
    decoded_.append(piece->data);
    raw.remove_prefix(piece->consumed);
  }
  return decoded_;
}

void Forwarding::send_piece(std::string_view piece, bool is_last) {
  std::string_view body = piece_for_client(piece);
  AnswerSink::Taken taken = AnswerSink::Taken::kNow;
  if (owes_head_ || !body.empty()) {
    std::string& head = loop_.emptied_scratch();
    if (std::exchange(owes_head_, false)) {
      loop_.answers().relayed_head(head, *exchange_, keep_alive_);
      body = joined_if_short(head, body);
    }
    taken = sink_.take_piece(head, body);
    if (taken == AnswerSink::Taken::kFailed) {
      return;
    }
    has_begun_ = true;
  }
  connection_->consume(piece.size());
  if (is_last) {
    timer_.cancel();
    phase_ = Phase::kLastPiece;
    const UpstreamConnection::Pointer connection = std::exchange(connection_, nullptr);
    loop_.pool().note_answer(*connection);
    if (exchange_->answer.keeps_connection(exchange_->method())) {
      loop_.pool().give_back(*connection);
    } else {
      loop_.pool().discard(*connection);
    }
    if (taken == AnswerSink::Taken::kNow) {
      complete();
    }
    return;
  }
  if (taken == AnswerSink::Taken::kLater) {
    is_paused_ = true;
    timer_.cancel();
    return;
  }
  expect_body();
  if (!connection_->read_more()) {
    fail(Reason::kUpstreamBroken);
  }
}

void Forwarding::resume() {
  if (phase_ == Phase::kLastPiece) {
    complete();
  } else if (std::exchange(is_paused_, false)) {
    expect_body();
    if (!connection_->read_more()) {
      fail(Reason::kUpstreamBroken);
    }
  }
}

void Forwarding::complete() {
  phase_ = Phase::kIdle;
  exchange_ = nullptr;
  loop_.counters().answers_relayed.add();
  sink_.answer_complete(keep_alive_);
}

void Forwarding::on_upstream_lost(Loss loss) {
  const bool nothing_came = phase_ == Phase::kHead && connection_->received().empty();
  if (nothing_came && connection_->is_reused() && !was_retried_ &&
      exchange_->method() == http::Method::kGet) {
    retry();
    return;
  }
  if (phase_ == Phase::kBody && loss == Loss::kClosed &&
      exchange_->answer_framer.may_end_at_close()) {
    send_piece({}, true);
    return;
  }
  fail(Reason::kUpstreamBroken);
}

// retry: the upstream closed a kept connection before it can have looked at the request, most
// likely. Only a GET may be sent on that guess.
void Forwarding::retry() {
  was_retried_ = true;
  loop_.counters().upstream_retries.add();
  give_up_connection();
  find_connection(UpstreamPool::Wanted::kNew);
}

void Forwarding::on_time_over() {
  if (phase_ == Phase::kWaiting) {
    loop_.pool().cancel(*this);
    refuse(Reason::kOverloaded);
  } else {
    fail(Reason::kUpstreamTimeout);
  }
}

void Forwarding::fail(Reason reason) {
  count_fault(reason);
  if (!has_begun_) {
    refuse(reason);
    return;
  }
  timer_.cancel();
  give_up_connection();
  phase_ = Phase::kIdle;
  exchange_ = nullptr;
  loop_.counters().answers_cut.add();
  sink_.answer_broken();
}

void Forwarding::refuse(Reason reason) {
  timer_.cancel();
  give_up_connection();
  if (!was_forwarded_) {
    withdraw();
  }
  phase_ = Phase::kIdle;
  exchange_ = nullptr;
  ProfileRefusal refusal = because(reason);
  if (reason == Reason::kUpstreamOut) {
    refusal.context.retry_after = loop_.pool().retry_after();
  }
  sink_.answer_refused(refusal);
}

void Forwarding::abort() {
  if (exchange_ == nullptr) {
    return;
  }
  timer_.cancel();
  if (phase_ == Phase::kWaiting) {
    loop_.pool().cancel(*this);
  }
  give_up_connection();
  if (!was_forwarded_) {
    withdraw();
  } else {
    loop_.counters().answers_cut.add();
  }
  phase_ = Phase::kIdle;
  exchange_ = nullptr;
}

void Forwarding::withdraw() {
  if (exchange_->admission) {
    exchange_->gatekeeper().withdraw(*exchange_->admission, exchange_->usage);
  }
}

void Forwarding::give_up_connection() {
  if (const UpstreamConnection::Pointer connection = std::exchange(connection_, nullptr)) {
    loop_.pool().discard(*connection);
  }
}

void Forwarding::count_fault(Reason reason) {
  if (connection_) {
    loop_.pool().note_fault(*connection_, reason == Reason::kUpstreamTimeout
                                              ? UpstreamFault::kTimeout
                                              : UpstreamFault::kBroken);
  }
}

void Forwarding::expect_head() {
  timer_.set(loop_.net().timers(),
             exchange_->route->upstream_timeout.value_or(exchange_->rules->answer_time_max));
}

void Forwarding::expect_body() {
  const std::chrono::milliseconds idle_max = loop_.shared().options.upstream.body_idle_max;
  if (idle_max.count() == 0) {
    expect_head();
  } else {
    timer_.set(loop_.net().timers(), idle_max);
  }
}

}  // namespace counterfoil
