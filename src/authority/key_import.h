#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "keys/api_key.h"
#include "registry/registry.h"

namespace counterfoil {

// MissingAccounts says what becomes of an imported key whose account is not there.
enum class MissingAccounts : std::uint8_t { kRefuse, kCreate };
// ImportRun kRehearsal finds out everything and stores nothing.
enum class ImportRun : std::uint8_t { kStore, kRehearsal };

struct ImportRules {
  MissingAccounts missing_accounts = MissingAccounts::kRefuse;
  ImportRun run = ImportRun::kStore;
};

// ImportedRow is what became of one row. kAlreadyThere: the API key is there, of the same account
// and with this very pair, whatever was made of it since (a revoked one stays revoked): so a batch
// whose answer was lost may be sent again.
struct ImportedRow {
  enum class Kind : std::uint8_t { kImported, kAlreadyThere, kRefused };
  Kind kind = Kind::kImported;
  std::optional<Problem> problem;  // of a refused row
};

// KeyImport is one batch of a bulk import: rows are checked and their secrets sealed one by one,
// then everything that was not refused is stored in one transaction with one audit record,
// "keys.import", which holds the count and the hash of the ids in their order. A refused row does
// not stop the others. For one thread; lives shortly, for it keeps sealing keys from being
// destroyed (Sealer::hold_keys).
class KeyImport {
 public:
  static constexpr std::size_t kRowsMax = 1'000;

  // `issuer` must outlive it.
  KeyImport(Issuer& issuer, const ImportRules& rules)
      : issuer_(issuer), rules_(rules), held_(issuer.sealer_.hold_keys()) {}

  // add takes the next row; at most kRowsMax.
  void add(const ImportedKey& row);
  // add_refused takes a row that could not even be read.
  void add_refused(Problem problem);

  struct Stored {
    std::vector<ImportedRow> rows;  // as they were added
    std::size_t accounts_created = 0;
  };
  // store answers once the keys are in force on every gateway. Problem: nothing was stored, or
  // (kUnavailable) it is not known; the same rows may be sent again.
  [[nodiscard]] std::expected<Stored, Problem> store(const Actor& actor);

 private:
  // Row is a key that is ready to be stored, or a refusal.
  struct Row {
    std::optional<ApiKey> key;
    std::optional<Problem> problem;
  };
  // Owner is an account of the batch, as it was read.
  struct Owner {
    std::optional<Problem> problem;  // why it gets no keys
    std::optional<Account> account;
    std::uint64_t version = 0;  // 0: to be created
    std::size_t living = 0;     // API keys that are not revoked, those of the batch included
    bool gets_keys = false;
  };
  // Plan is what is to be stored, as the registry stands now.
  struct Plan {
    Stored outcome;
    std::vector<const ApiKey*> keys;
    std::map<std::string, Owner> owners;
    std::map<std::string_view, const ApiKey*> by_id;  // of `keys`
    std::map<std::string, const ApiKey*> by_pair;     // by lookup hash in hex
  };
  [[nodiscard]] std::expected<Plan, Problem> plan() const;
  [[nodiscard]] std::expected<ImportedRow, Problem> plan_row(const ApiKey& key, Plan& plan) const;
  [[nodiscard]] std::expected<Owner*, Problem> owner_of(const ApiKey& key, Plan& plan) const;
  // standing gives what the key meets that is there already; nullopt: nothing.
  [[nodiscard]] std::expected<std::optional<ImportedRow>, Problem> standing(const ApiKey& key,
                                                                            Plan& plan) const;
  [[nodiscard]] std::vector<Write> writes_of(const Plan& plan) const;
  [[nodiscard]] static AuditFact fact_of(const Plan& plan, const Actor& actor);

  Issuer& issuer_;
  ImportRules rules_;
  std::shared_lock<std::shared_mutex> held_;
  std::vector<Row> rows_;
};

}  // namespace counterfoil
