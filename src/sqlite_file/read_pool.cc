#include "sqlite_file/read_pool.h"

#include <expected>
#include <memory>
#include <mutex>
#include <utility>

#include "sqlite_file/database.h"

namespace counterfoil {

ReadPool::Lease::~Lease() {
  if (database_ != nullptr) {
    pool_->give_back(std::move(database_));
  }
}

std::expected<ReadPool::Lease, SqlError> ReadPool::borrow() {
  {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !idle_.empty() || open_ < kConnectionsMax; });
    if (!idle_.empty()) {
      std::unique_ptr<Database> database = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(database));
    }
    ++open_;
  }
  auto database = Database::open(path_, DatabaseMode::kReader);
  if (!database) {
    forget_one();
    return std::unexpected(database.error());
  }
  return Lease(*this, std::move(*database));
}

void ReadPool::give_back(std::unique_ptr<Database> database) {
  {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(database));
  }
  free_.notify_one();
}

void ReadPool::forget_one() {
  {
    const std::scoped_lock lock(mutex_);
    --open_;
  }
  free_.notify_one();
}

}  // namespace counterfoil
