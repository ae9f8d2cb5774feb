#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// TestAuditLog writes an audit log line by line, as a keeper does, for tests of whatever reads one.
class TestAuditLog {
 public:
  static constexpr Timestamp kStart = from_unix_ms(1'700'000'000'000);

  explicit TestAuditLog(std::string log_id = "00112233445566778899aabbccddeeff")
      : log_id_(std::move(log_id)), key_(new_key()) {
    lines_.push_back(encode_birth(
        {.log_id = log_id_, .public_key_pem = key_.public_key().pem(), .time = kStart}));
    head_.hash = birth_hash(lines_.back());
  }

  TestAuditLog& record(const AuditFact& fact) {
    now_ += std::chrono::milliseconds(100);
    lines_.push_back(encode_record(fact, head_, now_, "node-1"));
    head_ = {.seq = head_.seq + 1, .hash = record_hash(head_.hash, lines_.back())};
    return *this;
  }
  TestAuditLog& records(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      record({.actor = "socket:uid=1000",
              .source = "local",
              .action = "key.suspend",
              .object = "key-" + std::to_string(head_.seq + 1),
              .detail = {{"account", "ac-1"}, {"cause", "a \"quoted\"\ncause \u00e9"}}});
    }
    return *this;
  }
  TestAuditLog& checkpoint() {
    lines_.push_back(checkpoint_line());
    return *this;
  }
  // checkpoint_line is what pins the present head, signed but not in the log.
  [[nodiscard]] std::string checkpoint_line() const {
    return encode_checkpoint(log_id_, head_, now_, key_).value();
  }
  TestAuditLog& change_key() {
    PrivateKey next = new_key();
    record(audit_key_change(log_id_, key_, next.public_key()).value());
    key_ = std::move(next);
    return *this;
  }
  // wait lets time pass, or go back.
  TestAuditLog& wait(std::chrono::microseconds duration) {
    now_ += duration;
    return *this;
  }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::string text() const { return text_of(lines_); }
  [[nodiscard]] const AuditHead& head() const { return head_; }
  [[nodiscard]] const PrivateKey& key() const { return key_; }
  [[nodiscard]] const std::string& log_id() const { return log_id_; }

  [[nodiscard]] static std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
      text.append(line).append("\n");
    }
    return text;
  }

 private:
  static PrivateKey new_key() {
    SystemRandom random;
    return std::move(PrivateKey::generate(Scheme::kEd25519, random).value());
  }

  std::string log_id_;
  PrivateKey key_;
  std::vector<std::string> lines_;
  AuditHead head_;
  Timestamp now_ = kStart;
};

}  // namespace counterfoil
