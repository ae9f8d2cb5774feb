#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"

namespace counterfoil::simulation {

// StoredState is every record as of one revision.
struct StoredState {
  std::map<std::pair<RecordKind, std::string>, Record> records;
};

// SimStore is a linearizable registry in virtual time, with its whole past: so that a lagging copy
// of it can answer. One thread.
class SimStore {
 public:
  explicit SimStore(std::uint64_t incarnation);

  [[nodiscard]] const Revision& revision() const { return revision_; }
  [[nodiscard]] std::optional<Record> find(RecordKind kind, const std::string& id) const;
  // commit writes one record; nullopt: someone else wrote it since `expected_modified`.
  std::optional<Revision> commit(RecordKind kind, const std::string& id, std::string bytes,
                                 std::uint64_t expected_modified);
  // view is what a copy of the store answers that stands `lag` revisions behind, of this
  // incarnation.
  [[nodiscard]] std::shared_ptr<const Registry> view(std::uint64_t lag) const;

  // The roll of gateways. `beats` are transactions like any other.
  Revision beat(const std::string& gateway, const Revision& applied);
  [[nodiscard]] Roll roll() const;
  void strike(const GatewayEntry& entry);
  void set_roll_whole(bool is_whole) { roll_is_whole_ = is_whole; }

  // restore puts back the state of `number` under a new incarnation. What `keeps` maps a record to
  // is put on top: the journal of revocations outside the store.
  void restore(std::uint64_t number,
               const std::function<std::string(const Record& old_record)>& keeps);

 private:
  struct Past {
    std::uint64_t number;
    std::shared_ptr<const StoredState> state;
    RecordKind kind;
    std::string id;
  };
  Revision revision_;
  std::vector<Past> past_;  // of this incarnation, by number; the first is its beginning
  std::map<std::string, GatewayEntry> roll_;
  std::uint64_t beats_ = 0;  // begins anew with each incarnation
  bool roll_is_whole_ = true;
};

}  // namespace counterfoil::simulation
