#include "authority/mass_action.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/key_selection.h"
#include "base/ip_address.h"
#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber. What is not set has no field.
enum Tag : std::uint8_t {
  kId = 1,
  kVerb = 2,
  kCause = 3,
  kActor = 4,
  kSource = 5,
  kState = 6,
  kBegun = 7,
  kEnded = 8,
  kLookedAt = 9,
  kAccount = 10,  // one a line
  kLabel = 11,
  kVendor = 12,
  kCreatedFrom = 13,
  kCreatedUntil = 14,
  kUsedFrom = 15,
  kUsedSince = 16,
  kEverything = 17,
  kStopReason = 18,
  kFirstNumber = 32,  // and those after it: see numbers()
};

constexpr char kLineEnd = '\n';

// numbers are the counts of an action, in the order of their tags.
auto numbers(auto& action) {
  return std::array{&action.at_start.selected,
                    &action.at_start.active,
                    &action.at_start.suspended,
                    &action.at_start.revoked,
                    &action.at_start.expired,
                    &action.at_start.unreadable,
                    &action.at_start.accounts,
                    &action.changed,
                    &action.already,
                    &action.refused,
                    &action.lists,
                    &action.results};
}
constexpr std::uint8_t kStillValid = kFirstNumber + 12;

bool read_time(const TaggedField& field, Timestamp& time) {
  const auto number = field.as_u64();
  time = from_unix_us(static_cast<std::int64_t>(number.value_or(0)));
  return number.has_value();
}
bool read_time(const TaggedField& field, std::optional<Timestamp>& time) {
  return read_time(field, time.emplace());
}

template <typename Enum>
bool read_enum(const TaggedField& field, Enum least, Enum greatest, Enum& value) {
  const auto number = field.as_u64();
  const bool is_one = number && *number >= static_cast<std::uint64_t>(least) &&
                      *number <= static_cast<std::uint64_t>(greatest);
  value = is_one ? static_cast<Enum>(*number) : least;
  return is_one;
}

bool read_network(const TaggedField& field, std::optional<Cidr>& network) {
  const auto parsed = Cidr::parse(field.bytes);
  if (parsed) {
    network = *parsed;
  }
  return parsed.has_value();
}

bool read_text(const TaggedField& field, std::string& text) {
  text = field.bytes;
  return true;
}

bool read_lines(const TaggedField& field, std::vector<std::string>& lines) {
  for (const auto line : field.bytes | std::views::split(kLineEnd)) {
    lines.emplace_back(std::string_view(line));
  }
  return true;
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text.append(text.empty() ? 0 : 1, kLineEnd).append(line);
  }
  return text;
}

bool read_selection(const TaggedField& field, KeySelection& selection) {
  switch (field.tag) {
    case kAccount:
      return read_lines(field, selection.accounts);
    case kLabel:
      return read_text(field, selection.label);
    case kVendor:
      return read_text(field, selection.vendor);
    case kCreatedFrom:
      return read_time(field, selection.created_from);
    case kCreatedUntil:
      return read_time(field, selection.created_until);
    case kUsedFrom:
      return read_network(field, selection.used_from);
    case kUsedSince:
      return read_time(field, selection.used_since);
    case kEverything:
      selection.everything = true;
      return field.as_u64() == 1;
    default:
      return false;  // A newer release's: what it means, nobody here knows.
  }
}

bool read_number(const TaggedField& field, MassAction& action) {
  const auto number = field.as_u64();
  const auto members = numbers(action);
  if (!number || field.tag > kStillValid) {
    return false;
  }
  if (field.tag == kStillValid) {
    action.still_valid = number;
  } else {
    *members.at(field.tag - kFirstNumber) = *number;
  }
  return true;
}

bool read_field(const TaggedField& field, MassAction& action) {
  switch (field.tag) {
    case kId:
      return read_text(field, action.id);
    case kVerb:
      return read_enum(field, KeyVerb::kSuspend, KeyVerb::kRevoke, action.verb);
    case kCause:
      return read_text(field, action.cause);
    case kActor:
      return read_text(field, action.by.name);
    case kSource:
      return read_text(field, action.by.source);
    case kState:
      return read_enum(field, MassAction::State::kRunning, MassAction::State::kStopped,
                       action.state);
    case kBegun:
      return read_time(field, action.begun);
    case kEnded:
      return read_time(field, action.ended);
    case kLookedAt:
      return read_text(field, action.looked_at);
    case kStopReason:
      return read_text(field, action.stop_reason);
    default:
      return field.tag < kFirstNumber ? read_selection(field, action.selection)
                                      : read_number(field, action);
  }
}

// Fields leaves out what is not set.
class Fields {
 public:
  void text(Tag tag, std::string_view text) {
    if (!text.empty()) {
      writer_.put(tag, text);
    }
  }
  void number(std::uint8_t tag, std::optional<std::uint64_t> number) {
    if (number) {
      writer_.put_u64(tag, *number);
    }
  }
  void time(Tag tag, std::optional<Timestamp> time) {
    if (time) {
      writer_.put_u64(tag, static_cast<std::uint64_t>(to_unix_us(*time)));
    }
  }
  [[nodiscard]] std::string take() { return writer_.take(); }

 private:
  FieldWriter writer_;
};

}  // namespace

KeySelection MassAction::bounded() const {
  KeySelection bounded = selection;
  if (bounded.api_keys.empty()) {
    const Timestamp after_start = begun + std::chrono::microseconds(1);
    bounded.created_until = std::min(bounded.created_until.value_or(after_start), after_start);
  }
  return bounded;
}

std::string_view name_of(KeyVerb verb) {
  switch (verb) {
    case KeyVerb::kSuspend:
      return "suspend";
    case KeyVerb::kResume:
      return "resume";
    case KeyVerb::kRevoke:
      return "revoke";
  }
  std::unreachable();
}

std::string_view name_of(MassAction::State state) {
  switch (state) {
    case MassAction::State::kPrepared:
      return "prepared";
    case MassAction::State::kRunning:
      return "running";
    case MassAction::State::kDone:
      return "done";
    case MassAction::State::kStopped:
      return "stopped";
  }
  std::unreachable();
}

std::string encode(const MassAction& action) {
  const KeySelection& selection = action.selection;
  Fields fields;
  fields.text(kId, action.id);
  fields.number(kVerb, std::to_underlying(action.verb));
  fields.text(kCause, action.cause);
  fields.text(kActor, action.by.name);
  fields.text(kSource, action.by.source);
  fields.number(kState, std::to_underlying(action.state));
  fields.time(kBegun, action.begun);
  fields.time(kEnded, action.ended);
  fields.text(kLookedAt, action.looked_at);
  fields.text(kAccount, join_lines(selection.accounts));
  fields.text(kLabel, selection.label);
  fields.text(kVendor, selection.vendor);
  fields.time(kCreatedFrom, selection.created_from);
  fields.time(kCreatedUntil, selection.created_until);
  fields.text(kUsedFrom, selection.used_from ? selection.used_from->to_string() : "");
  fields.time(kUsedSince, selection.used_since);
  fields.number(kEverything, selection.everything ? std::optional<std::uint64_t>(1) : std::nullopt);
  fields.text(kStopReason, action.stop_reason);
  std::uint8_t tag = kFirstNumber;
  for (const std::uint64_t* const number : numbers(action)) {
    fields.number(tag++, *number);
  }
  fields.number(kStillValid, action.still_valid);
  return fields.take();
}

std::optional<MassAction> decode_mass_action(std::string_view bytes) {
  MassAction action;
  FieldReader reader(bytes);
  while (const auto field = reader.next()) {
    if (!read_field(*field, action)) {
      return std::nullopt;
    }
  }
  if (reader.failed() || action.id.empty() || action.state == MassAction::State::kPrepared) {
    return std::nullopt;
  }
  return action;
}

}  // namespace counterfoil
