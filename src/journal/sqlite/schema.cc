#include "journal/sqlite/schema.h"

#include <array>
#include <cstdint>

#include "sqlite_file/store.h"

namespace counterfoil {
namespace {

constexpr std::int32_t kApplicationId = 0x43464a31;  // "CFJ1": Counterfoil, journal

// Times are microseconds from 1970. An API key has a short number, because every table of uses
// names it in each row and its text has 64 characters. buckets.size is a UsageBucket. Refusals of
// one API key of ours share api_key and account; those of all others share account = '': each limit
// has its index, with which trimming reads no row.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE checkpoints (
  position INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE api_keys (
  number INTEGER PRIMARY KEY,
  api_key TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE pair_uses (
  key INTEGER NOT NULL REFERENCES api_keys (number),
  pair INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  last_request_id TEXT NOT NULL,
  PRIMARY KEY (key, pair)
) STRICT, WITHOUT ROWID;
CREATE TABLE client_uses (
  key INTEGER NOT NULL REFERENCES api_keys (number),
  pair INTEGER NOT NULL,
  address BLOB NOT NULL,
  client TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  route TEXT NOT NULL,
  PRIMARY KEY (key, pair, address, client)
) STRICT, WITHOUT ROWID;
CREATE TABLE route_uses (
  key INTEGER NOT NULL REFERENCES api_keys (number),
  route TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (key, route)
) STRICT, WITHOUT ROWID;
CREATE TABLE buckets (
  key INTEGER NOT NULL REFERENCES api_keys (number),
  size INTEGER NOT NULL CHECK (size IN (1, 2)),
  start INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  PRIMARY KEY (key, size, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX buckets_by_start ON buckets (size, start);

CREATE TABLE refusals (
  number INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  time INTEGER NOT NULL,
  api_key TEXT NOT NULL,
  account TEXT NOT NULL,
  reason INTEGER NOT NULL,
  reason_name TEXT NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  path TEXT NOT NULL,
  address BLOB NOT NULL,
  client TEXT NOT NULL,
  clock_offset_us INTEGER NOT NULL,
  sealed_request BLOB NOT NULL,
  signature_half TEXT NOT NULL,
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX refusals_by_api_key ON refusals (api_key, account, time);
CREATE INDEX refusals_by_account ON refusals (account, time);
CREATE INDEX refusals_by_time ON refusals (time);
)sql";

// Receipts are kept for good: whoever is asked years later whether a key was dead has the proof.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE receipts (
  id TEXT NOT NULL PRIMARY KEY,
  object TEXT NOT NULL,
  time INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX receipts_by_object ON receipts (object, time);
)sql";

// Which API keys were used from a network is asked when that network is found to be a thief's.
constexpr const char* kVersion3 = R"sql(
CREATE INDEX client_uses_by_address ON client_uses (address);
)sql";

// What the autopsies of refusals found. A row may come before its refusal's.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE autopsies (
  number INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  time INTEGER NOT NULL,
  api_key TEXT NOT NULL,
  account TEXT NOT NULL,
  causes TEXT NOT NULL,
  sealed_findings BLOB NOT NULL
) STRICT;
CREATE INDEX autopsies_by_api_key ON autopsies (api_key, time);
CREATE INDEX autopsies_by_time ON autopsies (time);
CREATE TABLE cause_sums (
  api_key TEXT NOT NULL,
  causes TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  last_request_id TEXT NOT NULL,
  PRIMARY KEY (api_key, causes)
) STRICT, WITHOUT ROWID;
CREATE INDEX cause_sums_by_last ON cause_sums (last);
)sql";

// Refused requests are counted beside the accepted ones; those that are still kept count at once.
// Accepted requests are kept for a while, those of one minute that are alike as one row.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE buckets ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
INSERT OR IGNORE INTO api_keys (api_key) SELECT DISTINCT api_key FROM refusals WHERE account <> '';
INSERT INTO buckets (key, size, start, accepted, refused)
  SELECT api_keys.number, 1, time - time % 60000000 AS begin, 0, sum(count)
  FROM refusals JOIN api_keys USING (api_key) WHERE account <> '' GROUP BY api_keys.number, begin
  ON CONFLICT (key, size, start) DO UPDATE SET refused = excluded.refused;
INSERT INTO buckets (key, size, start, accepted, refused)
  SELECT api_keys.number, 2, time - time % 3600000000 AS begin, 0, sum(count)
  FROM refusals JOIN api_keys USING (api_key) WHERE account <> '' GROUP BY api_keys.number, begin
  ON CONFLICT (key, size, start) DO UPDATE SET refused = excluded.refused;
CREATE TABLE accepted (
  key INTEGER NOT NULL REFERENCES api_keys (number),
  minute INTEGER NOT NULL,
  pair INTEGER NOT NULL,
  address BLOB NOT NULL,
  client TEXT NOT NULL,
  route TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  last_request_id TEXT NOT NULL,
  PRIMARY KEY (key, minute, pair, address, client, route)
) STRICT, WITHOUT ROWID;
CREATE INDEX accepted_by_minute ON accepted (minute);
)sql";

constexpr auto kSteps =
    std::to_array<const char*>({kVersion1, kVersion2, kVersion3, kVersion4, kVersion5});

}  // namespace

StoreSchema journal_schema() { return {.application_id = kApplicationId, .steps = kSteps}; }

}  // namespace counterfoil
