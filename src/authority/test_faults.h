#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "journal/journal.h"
#include "registry/registry.h"
#include "registry/registry_proxy.h"

namespace counterfoil {

// TestFault makes one write of a test's stores fail: the n-th from now on, before or after it was
// done. So a test can stop a program at every point where it could have been killed. Any thread.
class TestFault {
 public:
  enum class When : std::uint8_t { kBefore, kAfter };
  void arm(std::size_t writes_before, When when) {
    const std::scoped_lock lock(mutex_);
    left_ = writes_before;
    when_ = when;
  }
  void disarm() {
    const std::scoped_lock lock(mutex_);
    left_.reset();
  }
  // reset also forgets that it has struck.
  void reset() {
    const std::scoped_lock lock(mutex_);
    left_.reset();
    struck_ = false;
  }
  [[nodiscard]] bool struck() const {
    const std::scoped_lock lock(mutex_);
    return struck_;
  }

  // run does the write, unless this is the one that fails.
  template <typename Write>
  std::invoke_result_t<Write> run(const Write& write, auto error) {
    const auto strikes = strike();
    if (!strikes) {
      return write();
    }
    if (*strikes == When::kAfter) {
      (void)write();
    }
    return std::unexpected(error);
  }

 private:
  // strike says whether this write is the one that fails, and when.
  std::optional<When> strike() {
    const std::scoped_lock lock(mutex_);
    if (!left_ || *left_ > 0) {
      left_ = left_ ? std::optional(*left_ - 1) : std::nullopt;
      return std::nullopt;
    }
    struck_ = true;
    left_.reset();
    return when_;
  }

  mutable std::mutex mutex_;
  std::optional<std::size_t> left_;
  When when_ = When::kBefore;
  bool struck_ = false;
};

// FaultyRegistry is another registry whose writes a TestFault may strike.
class FaultyRegistry final : public RegistryProxy {
 public:
  FaultyRegistry(Registry& inner, TestFault& fault) : RegistryProxy(inner), fault_(fault) {}

  std::expected<Revision, RegistryError> commit(const Transaction& transaction) override {
    return fault_.run([&] { return RegistryProxy::commit(transaction); },
                      RegistryError::kUnavailable);
  }
  std::expected<void, RegistryError> trim_audit(std::uint64_t up_to_seq) override {
    return fault_.run([&] { return RegistryProxy::trim_audit(up_to_seq); },
                      RegistryError::kUnavailable);
  }

 private:
  TestFault& fault_;
};

// FaultyJournal is another journal whose writes of the audit log a TestFault may strike.
class FaultyJournal final : public Journal {
 public:
  FaultyJournal(Journal& inner, TestFault& fault) : inner_(inner), fault_(fault) {}

  std::expected<void, JournalError> append_audit(std::span<const AuditRow> rows) override {
    return fault_.run([&] { return inner_.append_audit(rows); }, JournalError::kFull);
  }
  std::expected<std::vector<AuditRow>, JournalError> audit(std::uint64_t after_seq,
                                                           std::size_t limit) const override {
    return inner_.audit(after_seq, limit);
  }
  std::expected<std::optional<AuditRow>, JournalError> audit_head() const override {
    return inner_.audit_head();
  }
  std::expected<std::uint64_t, JournalError> add_checkpoint(std::string_view bytes) override {
    return fault_.run([&] { return inner_.add_checkpoint(bytes); }, JournalError::kFull);
  }
  std::expected<std::vector<CheckpointRow>, JournalError> checkpoints(
      std::uint64_t after_position, std::size_t limit) const override {
    return inner_.checkpoints(after_position, limit);
  }
  std::expected<std::optional<CheckpointRow>, JournalError> checkpoint_head() const override {
    return inner_.checkpoint_head();
  }
  std::expected<void, JournalError> keep_receipts(std::span<const ReceiptRow> rows) override {
    return fault_.run([&] { return inner_.keep_receipts(rows); }, JournalError::kFull);
  }
  std::expected<std::optional<ReceiptRow>, JournalError> receipt(
      std::string_view id) const override {
    return inner_.receipt(id);
  }
  std::expected<std::vector<ReceiptRow>, JournalError> receipts(std::string_view object,
                                                                std::size_t limit) const override {
    return inner_.receipts(object, limit);
  }
  std::expected<void, JournalError> record_usage(std::span<const UsageRow> rows) override {
    return inner_.record_usage(rows);
  }
  std::expected<void, JournalError> record_refusals(std::span<const RefusalRow> rows) override {
    return inner_.record_refusals(rows);
  }
  std::expected<LastUses, JournalError> last_uses(std::string_view api_key) const override {
    return inner_.last_uses(api_key);
  }
  std::expected<std::vector<std::string>, JournalError> users_of(const Cidr& network,
                                                                 Timestamp since,
                                                                 std::string_view after,
                                                                 std::size_t limit) const override {
    return inner_.users_of(network, since, after, limit);
  }
  std::expected<std::vector<UsageCount>, JournalError> usage(std::string_view api_key,
                                                             Timestamp since,
                                                             UsageBucket bucket) const override {
    return inner_.usage(api_key, since, bucket);
  }
  std::expected<std::vector<AcceptedRow>, JournalError> accepted(
      std::string_view api_key, const std::optional<JournalPlace>& before,
      std::size_t limit) const override {
    return inner_.accepted(api_key, before, limit);
  }
  std::expected<std::vector<RefusalRow>, JournalError> refusals(
      const RefusalFilter& filter) const override {
    return inner_.refusals(filter);
  }
  std::expected<std::optional<RefusalRow>, JournalError> refusal(
      std::string_view request_id) const override {
    return inner_.refusal(request_id);
  }
  std::expected<void, JournalError> record_autopsies(std::span<const AutopsyRow> rows) override {
    return fault_.run([&] { return inner_.record_autopsies(rows); }, JournalError::kFull);
  }
  std::expected<std::optional<AutopsyRow>, JournalError> autopsy(
      std::string_view request_id) const override {
    return inner_.autopsy(request_id);
  }
  std::expected<std::vector<CauseSum>, JournalError> cause_sums(
      std::string_view api_key) const override {
    return inner_.cause_sums(api_key);
  }
  std::expected<std::optional<std::string>, JournalError> renew_sealed(
      Sealed which, std::string_view after, std::size_t limit,
      const SealedRenewal& renew) override {
    return inner_.renew_sealed(which, after, limit, renew);
  }
  std::expected<void, JournalError> prune(Timestamp now) override { return inner_.prune(now); }

 private:
  Journal& inner_;
  TestFault& fault_;
};

}  // namespace counterfoil
