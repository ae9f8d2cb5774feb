#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "doors/net/timer_wheel.h"
#include "doors/rest/exchange.h"
#include "doors/rest/request_judge.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_pool.h"
#include "verify/reason.h"
#include "wire/http/chunked.h"
#include "wire/http/write.h"

namespace counterfoil {

class RestLoop;

// AnswerSink is where an answer goes: the client's connection.
class AnswerSink {
 public:
  AnswerSink() = default;
  AnswerSink(const AnswerSink&) = delete;
  AnswerSink& operator=(const AnswerSink&) = delete;
  AnswerSink(AnswerSink&&) = delete;
  AnswerSink& operator=(AnswerSink&&) = delete;

  enum class Taken : std::uint8_t {
    kNow,
    kLater,   // Forwarding::resume() will be called; nothing more is taken before
    kFailed,  // the client is gone; the sink has called abort() already
  };
  // take_piece takes the next piece of the answer, in two parts.
  virtual Taken take_piece(std::string_view head, std::string_view body) = 0;
  // answer_complete: every piece was taken.
  virtual void answer_complete(http::KeepAlive keep_alive) = 0;
  // answer_refused: there is no answer, and nothing of one was sent.
  virtual void answer_refused(const ProfileRefusal& refusal) = 0;
  // answer_broken: the answer ended in the middle. All the client can be told is a broken
  // connection.
  virtual void answer_broken() = 0;
  // may_keep_alive reports whether the client's connection can carry another request.
  [[nodiscard]] virtual bool may_keep_alive() const = 0;

 protected:
  ~AnswerSink() = default;
};

// Forwarding takes one accepted request to the upstream and its answer back: the last look before
// each attempt, the identity headers, the one retry of a GET, the relay of the body with its end
// found and nothing else changed. Used for one request after another.
class Forwarding final : public UpstreamUser {
 public:
  // loop and sink must outlive it.
  Forwarding(RestLoop& loop, AnswerSink& sink);
  ~Forwarding() = default;
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;
  Forwarding(Forwarding&&) = delete;
  Forwarding& operator=(Forwarding&&) = delete;

  // take begins. The exchange belongs to it until the sink is told the end, or abort().
  void take(Exchange& exchange);
  // go_on looks for a connection and sends what was taken, unless it was given up meanwhile.
  void go_on();
  // resume: the piece that was taken later is on its way.
  void resume();
  // abort gives up without a word to the sink.
  void abort();

 private:
  enum class Phase : std::uint8_t { kIdle, kTaken, kWaiting, kHead, kBody, kLastPiece };

  void on_upstream_ready(UpstreamConnection& connection) override;
  void on_upstream_refused(Reason reason) override;
  void on_upstream_bytes() override;
  void on_upstream_lost(Loss loss) override;
  void on_time_over();

  void find_connection(UpstreamPool::Wanted wanted);
  void forward(UpstreamConnection& connection, Timestamp now);
  [[nodiscard]] bool may_go(UpstreamConnection& connection, Timestamp now);
  void retry();
  void read_answer();
  [[nodiscard]] bool read_head();
  void begin_body();
  void relay();
  [[nodiscard]] std::string_view joined_if_short(std::string& head, std::string_view body);
  [[nodiscard]] std::string_view piece_for_client(std::string_view raw);
  void send_piece(std::string_view piece, bool is_last);
  void complete();
  void refuse(Reason reason);
  void fail(Reason reason);
  void withdraw();
  void give_up_connection();
  void expect_head();
  void expect_body();
  void count_fault(Reason reason);

  RestLoop& loop_;
  AnswerSink& sink_;
  net::WheelTimer timer_;
  Exchange* exchange_ = nullptr;
  UpstreamConnection::Pointer connection_;
  Phase phase_ = Phase::kIdle;
  bool was_forwarded_ = false;  // the upstream may have read it
  bool was_retried_ = false;
  bool has_begun_ = false;  // the client got something of the answer
  bool owes_head_ = false;  // of the answer, to the client
  bool is_paused_ = false;  // the client has yet to take a piece
  http::KeepAlive keep_alive_ = http::KeepAlive::kKeep;
  bool is_decoded_ = false;  // for a client that does not know the chunked coding
  http::ChunkedDecoder decoder_;
  std::string decoded_;
};

}  // namespace counterfoil
