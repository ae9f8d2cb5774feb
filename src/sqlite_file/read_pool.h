#pragma once

#include <condition_variable>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "sqlite_file/database.h"

namespace counterfoil {

// ReadPool lends reading connections to one file, one thread each. It opens them as they are
// needed, at most kConnectionsMax; who comes when all are lent waits. Safe to call from any thread;
// must outlive its leases.
class ReadPool {
 public:
  static constexpr std::size_t kConnectionsMax = 8;

  // Lease gives its connection back when it ends. End statements and transactions before.
  class Lease {
   public:
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    [[nodiscard]] Database& database() const { return *database_; }

   private:
    friend class ReadPool;
    Lease(ReadPool& pool, std::unique_ptr<Database> database)
        : pool_(&pool), database_(std::move(database)) {}
    ReadPool* pool_;
    std::unique_ptr<Database> database_;  // nullptr: moved from
  };

  explicit ReadPool(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] std::expected<Lease, SqlError> borrow();

 private:
  void give_back(std::unique_ptr<Database> database);
  void forget_one();

  std::filesystem::path path_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Database>> idle_;
  std::size_t open_ = 0;  // idle and lent
};

}  // namespace counterfoil
