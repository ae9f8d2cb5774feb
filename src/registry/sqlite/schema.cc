#include "registry/sqlite/schema.h"

#include <array>
#include <cstdint>

#include "sqlite_file/store.h"

namespace counterfoil {
namespace {

constexpr std::int32_t kApplicationId = 0x43465231;  // "CFR1": Counterfoil, registry

// records.slot is kind << 48 plus a running number, so that the records of one kind lie together
// and are scanned in the order of the file; ids are random, and by their index a scan would take
// ten times as long. changes.position runs on without gaps, so that its ends give the length of the
// feed. Whatever index_entries say, one value of a unique index has one holder: the partial index
// sees to it.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO facts (name, value) VALUES ('incarnation', 0), ('revision', 0), ('audit_trimmed', 0);

CREATE TABLE records (
  slot INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  modified INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_by_id ON records (kind, id);

CREATE TABLE index_entries (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  slot INTEGER NOT NULL REFERENCES records (slot) ON DELETE CASCADE,
  rule INTEGER NOT NULL CHECK (rule IN (1, 2)),
  PRIMARY KEY (name, value, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_entries_by_record ON index_entries (slot);
CREATE UNIQUE INDEX index_entries_unique ON index_entries (name, value) WHERE rule = 1;

CREATE TABLE changes (
  revision INTEGER NOT NULL,
  position INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (revision, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_outbox (
  seq INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
)sql";

constexpr auto kSteps = std::to_array<const char*>({kVersion1});

}  // namespace

StoreSchema registry_schema() { return {.application_id = kApplicationId, .steps = kSteps}; }

}  // namespace counterfoil
