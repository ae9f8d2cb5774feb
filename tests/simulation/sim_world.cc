#include "sim_world.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/api_key_id.h"
#include "registry/registry.h"
#include "replica/replica.h"
#include "seeded_random.h"
#include "sim_authority.h"
#include "sim_clockwork.h"
#include "sim_gateway.h"

namespace counterfoil::simulation {
namespace {

constexpr Micros kFaultsEnd = 16 * kSecond;
constexpr Micros kEnd = 26 * kSecond;
// What a gateway may do after it last heard from the store, in the one true time: right_lasts on a
// clock that runs 1 % slow, and the time from the last look to the first byte.
constexpr Micros kStaleBoundMax = 4'545 * kMillisecond + 355 * kMillisecond;
constexpr auto kAccounts = std::to_array<std::string_view>({"aaaa", "bbbb"});
constexpr std::size_t kKeysPerAccount = 3;
const Timestamp kCreated = from_unix_ms(1'750'000'000'000);

// OneSecret verifies with the same secret for every pair: what is simulated is whether a key is
// alive.
class OneSecret final : public MaterialSource {
 public:
  [[nodiscard]] std::optional<VerificationKey> open(const ApiKey& /*key*/,
                                                    const KeyPair& /*pair*/) override {
    auto key = VerificationKey::from_hmac_secret(as_bytes("simulation only, protects nothing"));
    return key ? std::optional(std::move(*key)) : std::nullopt;
  }
};

Faults draw_faults(std::uint64_t seed, Drift drift) {
  SeededRandom random(seed ^ 0x5bd1e995U);
  Faults faults;
  faults.lost_one_in = random.one_in(3) ? 0 : random.below(40) + 5;
  faults.doubled_one_in = random.one_in(2) ? 0 : random.below(20) + 4;
  faults.very_late_one_in = random.one_in(2) ? 0 : random.below(200) + 30;
  faults.delay_max = random.one_in(2) ? 2 * kMillisecond : random.between(5, 120) * kMillisecond;
  faults.stale_one_in = random.one_in(2) ? 0 : random.below(5) + 2;
  faults.drift_ppm_max = drift == Drift::kAsAssumed ? 10'000 : 250'000;
  return faults;
}

ApiKey new_key(std::string_view account, std::size_t number) {
  std::string id(account);
  id += std::to_string(number);
  id.resize(ApiKeyId::kSize, 'x');
  return ApiKey{
      .id = *ApiKeyId::parse(id),
      .account = *AccountId::parse(account),
      .label = "simulated",
      .allow_list = AllowList::any(),
      .created = kCreated,
      .state_since = kCreated,
      .pairs = {
          KeyPair{.scheme = Scheme::kHmacSha256, .sealed_secret = {1, 2, 3}, .created = kCreated}}};
}

}  // namespace

struct World::Slot {
  std::size_t node = 0;
  std::size_t starts = 0;
  std::unique_ptr<SimGateway> gateway;
};

World::World(std::uint64_t seed, Drift drift)
    : clockwork_(seed, draw_faults(seed, drift)),
      store_(1),
      permissions_(*PermissionTable::create({"TRADE"})),
      material_(std::make_unique<OneSecret>()) {}
World::~World() = default;

void World::note(std::string what) {
  outcome_.trace.push_back(std::to_string(clockwork_.now()) + " us: " + std::move(what));
}

void World::fail(std::string what) {
  if (outcome_.violation.empty()) {
    note("VIOLATION: " + what);
    outcome_.violation = std::move(what);
  }
}

Outcome World::run() {
  fill_store();
  SeededRandom& random = clockwork_.random();
  slots_.resize(1 + random.below(5));
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].node = clockwork_.add_node();
    const Micros joins = random.one_in(3) ? random.between(0, 8 * kSecond) : 0;
    clockwork_.at(joins, [this, slot] { start_gateway(slot); });
  }
  for (std::size_t i = 0; i < 1 + random.below(2); ++i) {
    const std::size_t node = clockwork_.add_node();
    authorities_.push_back(std::make_unique<SimAuthority>(
        clockwork_, store_, permissions_, node, [this](const Order& order) { on_commit(order); },
        [this](const Order& order) { on_answer(order); }));
  }
  plan_faults();
  plan_orders();
  plan_requests();
  clockwork_.run(kFaultsEnd);
  clockwork_.heal();
  clockwork_.run(kEnd);
  check_progress();
  check_store();
  outcome_.steps = clockwork_.steps();
  return std::move(outcome_);
}

void World::fill_store() {
  for (const std::string_view name : kAccounts) {
    const Account account{.id = *AccountId::parse(name),
                          .name = "simulated",
                          .state_since = kCreated,
                          .created = kCreated};
    (void)store_.commit(RecordKind::kAccount, account.id.text(), encode_account(account), 0);
    for (std::size_t number = 0; number < kKeysPerAccount; ++number) {
      const ApiKey key = new_key(name, number);
      keys_.push_back(key.id);
      (void)store_.commit(RecordKind::kApiKey, std::string(key.id.text()),
                          encode_api_key(key, permissions_), 0);
    }
  }
}

void World::start_gateway(std::size_t slot) {
  Slot& self = slots_[slot];
  const std::string name = "gw-" + std::to_string(slot + 1) + "/" + std::to_string(++self.starts);
  note(name + " starts");
  self.gateway =
      std::make_unique<SimGateway>(clockwork_, store_, permissions_, *material_, self.node, name,
                                   [this](const Acceptance& acceptance) { on_accept(acceptance); });
  self.gateway->start();
}

void World::restart_gateway(std::size_t slot, Micros down_for) {
  Slot& self = slots_[slot];
  if (!self.gateway) {
    return;
  }
  note(self.gateway->name() + " crashes");
  clockwork_.crash(self.node);
  gone_.push_back(std::move(self.gateway));
  clockwork_.at(clockwork_.now() + down_for, [this, slot] { start_gateway(slot); });
}

void World::plan_faults() {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    plan_gateway_faults(slot);
  }
  SeededRandom& random = clockwork_.random();
  if (random.one_in(4)) {
    clockwork_.at(random.between(4 * kSecond, 12 * kSecond), [this] { restore_backup(); });
  }
}

void World::plan_gateway_faults(std::size_t slot) {
  SeededRandom& random = clockwork_.random();
  const std::size_t node = slots_[slot].node;
  const auto times = [&](std::uint64_t most) { return random.below(most + 1); };
  const auto some_time = [&] { return random.between(kSecond, kFaultsEnd - kSecond); };
  const auto until = [&](Micros from) {
    return from + random.between(100 * kMillisecond, 9 * kSecond);
  };
  for (std::uint64_t i = times(2); i > 0; --i) {
    const Micros from = some_time();
    clockwork_.at(from, [this, node, to = until(from)] {
      note("node " + std::to_string(node) + " is paused until " + std::to_string(to));
      clockwork_.pause(node, to);
    });
  }
  for (std::uint64_t i = times(2); i > 0; --i) {
    const Micros from = some_time();
    const bool there = random.one_in(2);
    clockwork_.at(from, [this, node, there, to = until(from)] {
      note("node " + std::to_string(node) + (there ? " cannot reach" : " does not hear") +
           " the store until " + std::to_string(to));
      there ? clockwork_.cut_to_store(node, to) : clockwork_.cut_from_store(node, to);
    });
  }
  if (random.one_in(3)) {
    clockwork_.at(some_time(), [this, slot, down = random.between(0, 3 * kSecond)] {
      restart_gateway(slot, down);
    });
  }
}

void World::restore_backup() {
  // The oldest backup was made when the accounts and keys had just been created.
  const std::uint64_t oldest = kAccounts.size() * (1 + kKeysPerAccount);
  const std::uint64_t number =
      oldest + clockwork_.random().below(store_.revision().number - oldest + 1);
  note("the store is restored to revision " + std::to_string(number));
  const SimStore before = store_;
  store_.restore(number, [&](const Record& old_record) {
    const auto present = before.find(old_record.kind, old_record.id);
    if (!present) {
      return old_record.bytes;
    }
    // The journal outside the store knows of every revocation and suspension.
    return is_dead(*present) ? present->bytes : old_record.bytes;
  });
  clockwork_.at(clockwork_.now() + 5'100 * kMillisecond, [this] { store_.set_roll_whole(true); });
}

Order World::draw_order() {
  SeededRandom& random = clockwork_.random();
  const auto deed = static_cast<Deed>(random.below(5));
  if (deed == Deed::kSuspendAccount || deed == Deed::kResumeAccount) {
    return {.deed = deed,
            .kind = RecordKind::kAccount,
            .id = std::string(kAccounts[random.below(kAccounts.size())])};
  }
  // The last key of each account is never revoked, so that there is one to see progress by.
  const std::size_t key = random.below(keys_.size());
  const bool is_last = key % kKeysPerAccount == kKeysPerAccount - 1;
  return {.deed = is_last && deed == Deed::kRevokeKey ? Deed::kSuspendKey : deed,
          .kind = RecordKind::kApiKey,
          .id = std::string(keys_[key].text())};
}

void World::plan_orders() {
  for (std::size_t authority = 0; authority < authorities_.size(); ++authority) {
    for (Micros at = 2 * kSecond; at < kFaultsEnd;
         at += clockwork_.random().between(50 * kMillisecond, 1'500 * kMillisecond)) {
      clockwork_.at(at, [this, authority] { give_order(authority); });
    }
  }
}

void World::give_order(std::size_t authority) {
  if (!authorities_[authority]->is_busy()) {
    authorities_[authority]->carry_out(draw_order());
  }
}

void World::plan_requests() {
  SeededRandom& random = clockwork_.random();
  for (Micros at = 500 * kMillisecond; at < kEnd - kSecond;
       at += random.between(kMillisecond, 16 * kMillisecond)) {
    const std::size_t slot = random.below(slots_.size());
    const std::size_t key = random.below(keys_.size());
    clockwork_.at(at, [this, slot, key] {
      if (slots_[slot].gateway) {
        slots_[slot].gateway->request(keys_[key]);
      }
    });
  }
}

bool World::is_dead(const Record& record) const {
  return record.kind == RecordKind::kAccount
             ? decode_account(record.bytes)->state != AccountState::kActive
             : decode_api_key(record.bytes, permissions_)->state != KeyState::kActive;
}

void World::on_commit(const Order& order) {
  note("committed: deed " + std::to_string(static_cast<int>(order.deed)) + " on " +
       order.id.substr(0, 5) + " at revision " + std::to_string(store_.revision().number));
  if (!restricts(order.deed)) {
    answered_.erase(order.id);
    undone_at_[order.id] = clockwork_.now();
  }
  if (order.kind == RecordKind::kApiKey && revoked_.contains(order.id)) {
    check_store();
  }
  // Whoever listens hears of it, perhaps.
  for (const Slot& slot : slots_) {
    if (slot.gateway) {
      clockwork_.from_store(
          slot.node, [gateway = slot.gateway.get(), at = store_.revision()] { gateway->told(at); });
    }
  }
}

void World::on_answer(const Order& order) {
  ++outcome_.answers;
  note("answered: deed " + std::to_string(static_cast<int>(order.deed)) + " on " +
       order.id.substr(0, 5));
  if (!restricts(order.deed)) {
    return;
  }
  // "It is so already" was true when it was read; it binds only if nobody undid it since.
  const auto undone = undone_at_.find(order.id);
  const bool stands = undone == undone_at_.end() || undone->second < order.true_at;
  if (stands) {
    answered_.insert(order.id);
  }
  if (order.deed == Deed::kRevokeKey) {
    revoked_.insert(order.id);
  }
}

void World::on_accept(const Acceptance& acceptance) {
  ++outcome_.acceptances;
  const std::string account = acceptance.key.substr(0, kAccounts.front().size());
  if (answered_.contains(acceptance.key) || answered_.contains(account)) {
    fail(acceptance.gateway + " accepted " + acceptance.key.substr(0, 5) + " after the answer");
  }
  if (clockwork_.now() - acceptance.heard_from_store > kStaleBoundMax) {
    fail(acceptance.gateway + " accepted " + acceptance.key.substr(0, 5) +
         " beyond the stale bound");
  }
}

void World::check_progress() {
  for (const Slot& slot : slots_) {
    if (!slot.gateway) {
      fail("a gateway is not running");
      continue;
    }
    if (!slot.gateway->has_right() || slot.gateway->applied() != store_.revision()) {
      fail(slot.gateway->name() + " does not serve the newest state long after the faults ended");
    }
    for (const ApiKeyId& key : keys_) {
      const auto record = store_.find(RecordKind::kApiKey, std::string(key.text()));
      const auto owner = store_.find(RecordKind::kAccount,
                                     std::string(key.text().substr(0, kAccounts.front().size())));
      const bool alive = record && owner && !is_dead(*record) && !is_dead(*owner);
      if (slot.gateway->shows_alive(key) != alive) {
        fail(slot.gateway->name() + " shows another state of " +
             std::string(key.text().substr(0, 5)) + " than the store");
      }
    }
  }
  for (const auto& authority : authorities_) {
    if (authority->is_busy()) {
      fail("an order is still not answered long after the faults ended");
    }
  }
}

void World::check_store() {
  for (const std::string& id : revoked_) {
    const auto record = store_.find(RecordKind::kApiKey, id);
    if (record && decode_api_key(record->bytes, permissions_)->state != KeyState::kRevoked) {
      fail("the revoked key " + id.substr(0, 5) + " was revived in the store");
    }
  }
}

}  // namespace counterfoil::simulation
