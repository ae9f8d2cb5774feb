#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "journal/journal.h"

namespace counterfoil {

// JournalBench opens one engine for one test and keeps what lies behind it between two opens.
class JournalBench {
 public:
  JournalBench() = default;
  JournalBench(const JournalBench&) = delete;
  JournalBench& operator=(const JournalBench&) = delete;
  JournalBench(JournalBench&&) = delete;
  JournalBench& operator=(JournalBench&&) = delete;
  virtual ~JournalBench() = default;
  // open gives the journal; the one before must be gone. nullptr: it could not be opened.
  [[nodiscard]] virtual std::unique_ptr<Journal> open() = 0;
};

// JournalEngine is one value of the contract test.
struct JournalEngine {
  std::string name;
  std::function<std::unique_ptr<JournalBench>()> bench;
  bool survives_restart = false;
};

class JournalContract : public testing::TestWithParam<JournalEngine> {
 protected:
  void SetUp() override {
    bench_ = GetParam().bench();
    journal_ = bench_->open();
    ASSERT_NE(journal_, nullptr);
  }
  // reopen closes the journal first.
  void reopen() {
    journal_.reset();
    journal_ = bench_->open();
    ASSERT_NE(journal_, nullptr);
  }
  [[nodiscard]] Journal& journal() { return *journal_; }

 private:
  std::unique_ptr<JournalBench> bench_;
  std::unique_ptr<Journal> journal_;
};

inline std::string engine_name(const testing::TestParamInfo<JournalEngine>& info) {
  return info.param.name;
}

}  // namespace counterfoil
