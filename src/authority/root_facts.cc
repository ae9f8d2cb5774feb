#include "authority/root_facts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber. A former key's end follows its id.
constexpr std::uint8_t kPresent = 1;
constexpr std::uint8_t kNext = 2;
constexpr std::uint8_t kFormer = 3;
constexpr std::uint8_t kUntilMs = 4;

// take reads one field. false: it cannot be.
bool take(const TaggedField& field, RootFacts& facts) {
  switch (field.tag) {
    case kPresent:
      facts.present = field.bytes;
      return true;
    case kNext:
      facts.next = field.bytes;
      return true;
    case kFormer:
      facts.former.push_back({.id = std::string(field.bytes), .until = {}});
      return facts.former.size() <= RootFacts::kFormerMax;
    case kUntilMs:
      if (const auto ms = field.as_u64(); ms && !facts.former.empty()) {
        facts.former.back().until = from_unix_ms(static_cast<std::int64_t>(*ms));
        return true;
      }
      return false;
    default:
      return false;  // A newer release's: what it means, nobody here knows.
  }
}

}  // namespace

std::string encode(const RootFacts& facts) {
  FieldWriter writer;
  writer.put(kPresent, facts.present);
  if (facts.next) {
    writer.put(kNext, *facts.next);
  }
  for (const RootFacts::Former& former : facts.former) {
    writer.put(kFormer, former.id);
    writer.put_u64(kUntilMs, static_cast<std::uint64_t>(to_unix_ms(former.until)));
  }
  return writer.take();
}

std::optional<RootFacts> decode_root_facts(std::string_view bytes) {
  RootFacts facts;
  FieldReader reader(bytes);
  while (const auto field = reader.next()) {
    if (!take(*field, facts)) {
      return std::nullopt;
    }
  }
  return reader.failed() || facts.present.empty() ? std::nullopt : std::optional(facts);
}

}  // namespace counterfoil
