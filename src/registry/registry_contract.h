#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "registry/registry.h"

namespace counterfoil {

// RegistryBench opens one engine for one test and keeps what lies behind it between two opens.
class RegistryBench {
 public:
  RegistryBench() = default;
  RegistryBench(const RegistryBench&) = delete;
  RegistryBench& operator=(const RegistryBench&) = delete;
  RegistryBench(RegistryBench&&) = delete;
  RegistryBench& operator=(RegistryBench&&) = delete;
  virtual ~RegistryBench() = default;
  // open gives the registry; the one before must be gone. nullptr: it could not be opened.
  [[nodiscard]] virtual std::unique_ptr<Registry> open() = 0;
};

inline constexpr std::size_t kContractFeedMax =
    80;  // an engine under contract keeps that many changes

// RegistryEngine is one value of the contract test. `bench` must have engines keep
// kContractFeedMax.
struct RegistryEngine {
  std::string name;
  std::function<std::unique_ptr<RegistryBench>()> bench;
  bool survives_restart = false;
};

class RegistryContract : public testing::TestWithParam<RegistryEngine> {
 protected:
  void SetUp() override {
    bench_ = GetParam().bench();
    registry_ = bench_->open();
    ASSERT_NE(registry_, nullptr);
  }
  // reopen closes the registry first.
  void reopen() {
    registry_.reset();
    registry_ = bench_->open();
    ASSERT_NE(registry_, nullptr);
  }
  [[nodiscard]] Registry& registry() { return *registry_; }

 private:
  std::unique_ptr<RegistryBench> bench_;
  std::unique_ptr<Registry> registry_;
};

inline std::string engine_name(const testing::TestParamInfo<RegistryEngine>& info) {
  return info.param.name;
}

}  // namespace counterfoil
