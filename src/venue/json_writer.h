#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/decimal.h"

namespace counterfoil::venue {

// TimeUnit is how times are written in answers; the header X-MBX-TIME-UNIT chooses.
enum class TimeUnit : std::uint8_t { kMillisecond, kMicrosecond };

// JsonWriter writes one JSON text from front to back, in ASCII. The caller opens and closes what it
// writes; commas are the writer's work.
class JsonWriter {
 public:
  explicit JsonWriter(TimeUnit unit = TimeUnit::kMillisecond) : unit_(unit) {}

  void begin_object() { open('{'); }
  void end_object() { out_.push_back('}'); }
  void begin_array() { open('['); }
  void end_array() { out_.push_back(']'); }
  void key(std::string_view name);

  // Members of an object. amount is written as text with eight decimals, as the vendor does.
  void text(std::string_view name, std::string_view value);
  void amount(std::string_view name, Decimal value);
  void time(std::string_view name, Timestamp value);
  template <std::integral Number>
  void number(std::string_view name, Number value) {
    key(name);
    number(value);
  }
  void flag(std::string_view name, std::same_as<bool> auto value) {
    key(name);
    literal(value ? "true" : "false");
  }

  // Items of an array, or the value behind a key.
  void text(std::string_view value);
  void amount(Decimal value);
  void time(Timestamp value);
  void null() { literal("null"); }
  template <std::integral Number>
  void number(Number value) {
    literal(std::to_string(value));
  }

  [[nodiscard]] TimeUnit unit() const { return unit_; }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  void separate();
  void open(char bracket);
  void literal(std::string_view word);

  TimeUnit unit_;
  std::string out_;
};

}  // namespace counterfoil::venue
