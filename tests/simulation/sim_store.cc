#include "sim_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/gateway_roll.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil::simulation {
namespace {

// Changes further back than this are gone from the feed.
constexpr std::uint64_t kFeedReach = 12;

// View is one copy of the store at one revision. Only what a replica reads of it is there.
class View final : public Registry {
 public:
  View(Revision at, std::shared_ptr<const StoredState> state, std::vector<Change> feed)
      : at_(at), state_(std::move(state)), feed_(std::move(feed)) {}

  [[nodiscard]] std::expected<Revision, RegistryError> revision() const override { return at_; }
  [[nodiscard]] std::expected<std::optional<Record>, RegistryError> find(
      RecordKind kind, std::string_view id) const override {
    const auto found = state_->records.find({kind, std::string(id)});
    return found == state_->records.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::expected<std::vector<Record>, RegistryError> list(
      RecordKind /*kind*/, std::string_view /*after_id*/, std::size_t /*limit*/) const override {
    return std::unexpected(RegistryError::kUnavailable);
  }
  [[nodiscard]] std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value,
      std::string_view /*after_id*/) const override {
    // The ids of the simulated keys begin with the account they belong to.
    std::vector<Record> found;
    for (const auto& [name, record] : state_->records) {
      if (index == kLivingIndex && name.first == RecordKind::kApiKey &&
          record.id.starts_with(value)) {
        found.push_back(record);
      }
    }
    return found;
  }
  [[nodiscard]] std::expected<Revision, RegistryError> commit(
      const Transaction& /*transaction*/) override {
    return std::unexpected(RegistryError::kUnavailable);
  }
  [[nodiscard]] std::expected<std::vector<Change>, RegistryError> changes(
      const Revision& after, std::size_t /*limit*/) const override {
    if (after.incarnation != at_.incarnation || after.number > at_.number ||
        after.number + kFeedReach < at_.number) {
      return std::unexpected(RegistryError::kGap);
    }
    std::vector<Change> newer;
    std::ranges::copy_if(feed_, std::back_inserter(newer),
                         [&](const Change& change) { return change.revision > after.number; });
    return newer;
  }
  [[nodiscard]] std::expected<Revision, RegistryError> scan(
      RecordKind kind, const RecordVisitor& visitor) const override {
    for (const auto& [name, record] : state_->records) {
      if (name.first == kind) {
        visitor({.id = record.id, .modified = record.modified, .bytes = record.bytes});
      }
    }
    return at_;
  }
  [[nodiscard]] Subscription subscribe(CommitListener /*listener*/) override { return nullptr; }
  [[nodiscard]] std::expected<std::optional<AuditEntry>, RegistryError> last_audit()
      const override {
    return std::nullopt;
  }
  [[nodiscard]] std::expected<std::vector<AuditEntry>, RegistryError> audit_outbox(
      std::size_t /*limit*/) const override {
    return std::vector<AuditEntry>{};
  }
  [[nodiscard]] std::expected<void, RegistryError> trim_audit(
      std::uint64_t /*up_to_seq*/) override {
    return std::unexpected(RegistryError::kUnavailable);
  }
  [[nodiscard]] std::expected<void, RegistryError> forget_replaced(Forgetting /*depth*/) override {
    return std::unexpected(RegistryError::kUnavailable);
  }
  [[nodiscard]] bool keep_reserve() override { return true; }

 private:
  Revision at_;
  std::shared_ptr<const StoredState> state_;
  std::vector<Change> feed_;
};

}  // namespace

SimStore::SimStore(std::uint64_t incarnation) : revision_{.incarnation = incarnation, .number = 0} {
  past_.push_back({.number = 0,
                   .state = std::make_shared<const StoredState>(),
                   .kind = RecordKind::kSetting,
                   .id = {}});
}

std::optional<Record> SimStore::find(RecordKind kind, const std::string& id) const {
  const auto& records = past_.back().state->records;
  const auto found = records.find({kind, id});
  return found == records.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Revision> SimStore::commit(RecordKind kind, const std::string& id, std::string bytes,
                                         std::uint64_t expected_modified) {
  const auto old_record = find(kind, id);
  if ((old_record ? old_record->modified : 0) != expected_modified) {
    return std::nullopt;
  }
  ++revision_.number;
  auto next = std::make_shared<StoredState>(*past_.back().state);
  next->records[{kind, id}] =
      Record{.kind = kind, .id = id, .modified = revision_.number, .bytes = std::move(bytes)};
  past_.push_back({.number = revision_.number, .state = std::move(next), .kind = kind, .id = id});
  return revision_;
}

std::shared_ptr<const Registry> SimStore::view(std::uint64_t lag) const {
  const std::size_t last = past_.size() - 1;
  const std::size_t at = last - std::min<std::size_t>(lag, last);
  const Past& now = past_[at];
  std::vector<Change> feed;
  for (std::size_t i = at < kFeedReach ? 1 : at - kFeedReach + 1; i <= at; ++i) {
    const Record& record = now.state->records.at({past_[i].kind, past_[i].id});
    feed.push_back({.revision = past_[i].number,
                    .kind = record.kind,
                    .id = record.id,
                    .modified = record.modified,
                    .bytes = record.bytes});
  }
  return std::make_shared<View>(
      Revision{.incarnation = revision_.incarnation, .number = now.number}, now.state,
      std::move(feed));
}

Revision SimStore::beat(const std::string& gateway, const Revision& applied) {
  GatewayEntry& entry = roll_[gateway];
  entry.gateway = gateway;
  entry.beats = ++beats_;
  entry.incarnation = revision_.incarnation;
  entry.applied = applied;
  return revision_;
}

Roll SimStore::roll() const {
  Roll whole{.gateways = {}, .is_whole = roll_is_whole_};
  for (const auto& [name, entry] : roll_) {
    whole.gateways.push_back(entry);
  }
  return whole;
}

void SimStore::strike(const GatewayEntry& entry) {
  const auto found = roll_.find(entry.gateway);
  if (found != roll_.end() && found->second.is_as_silent_as(entry)) {
    roll_.erase(found);
  }
}

void SimStore::restore(std::uint64_t number,
                       const std::function<std::string(const Record& old_record)>& keeps) {
  const std::size_t at = std::min<std::size_t>(number, past_.size() - 1);
  auto state = std::make_shared<StoredState>(*past_[at].state);
  // The state is what it was, but no number of the new incarnation says anything of an old one.
  revision_ = {.incarnation = revision_.incarnation + 1, .number = 1};
  for (auto& [name, record] : state->records) {
    record.bytes = keeps(record);
    record.modified = 1;
  }
  past_.clear();
  past_.push_back({.number = 1, .state = std::move(state), .kind = RecordKind::kSetting, .id = {}});
  roll_.clear();
  beats_ = 0;
  roll_is_whole_ = false;
}

}  // namespace counterfoil::simulation
