#include "doors/management/member_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/wiped_text.h"
#include "doors/management/api_fault.h"
#include "doors/management/json_value.h"
#include "doors/management/time_text.h"
#include "policy/did_you_mean.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShownNameBytesMax = 64;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kShownNameBytesMax &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
}

}  // namespace

MemberReader::MemberReader(JsonValue& value, std::string path)
    : members_(value.as<JsonObject>()), path_(std::move(path)) {
  if (members_ == nullptr) {
    fault_ = bad_input("json_not_an_object", "an object is wanted here: { ... }", path_);
  }
}

void MemberReader::refuse(std::string_view reason, std::string detail, std::string_view member) {
  if (!fault_) {
    fault_ = bad_input(reason, std::move(detail), path_ + std::string(member));
  }
}

void MemberReader::refuse_as(const ApiFault& fault) {
  if (!fault_) {
    fault_ = fault;
  }
}

void MemberReader::wrong_type(std::string_view name, std::string_view wanted) {
  refuse("json_type", "\"" + path_ + std::string(name) + "\" wants " + std::string(wanted), name);
}

JsonValue* MemberReader::find(std::string_view name) {
  known_.push_back(name);
  if (members_ == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(*members_, name, &JsonMember::name);
  return found == members_->end() ? nullptr : &found->value;
}

std::optional<std::string> MemberReader::text(std::string_view name, std::size_t bytes_max) {
  const JsonValue* const value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* const text = value->as<WipedText>();
  if (text == nullptr) {
    wrong_type(name, "a text");
    return std::nullopt;
  }
  if (text->size() > bytes_max) {
    refuse(
        "too_long",
        "\"" + path_ + std::string(name) + "\" has at most " + std::to_string(bytes_max) + " bytes",
        name);
    return std::nullopt;
  }
  return std::string(std::string_view(*text));
}

std::string MemberReader::required_text(std::string_view name, std::size_t bytes_max) {
  auto found = text(name, bytes_max);
  if (!found) {
    refuse("member_missing", "\"" + path_ + std::string(name) + "\" is missing", name);
  }
  return std::move(found).value_or("");
}

std::optional<WipedText> MemberReader::secret(std::string_view name, std::size_t bytes_max) {
  JsonValue* const value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  auto* const text = value->as<WipedText>();
  if (text == nullptr) {
    wrong_type(name, "a text");
    return std::nullopt;
  }
  if (text->size() > bytes_max) {
    refuse(
        "too_long",
        "\"" + path_ + std::string(name) + "\" has at most " + std::to_string(bytes_max) + " bytes",
        name);
    return std::nullopt;
  }
  return std::move(*text);
}

std::optional<std::vector<std::string>> MemberReader::texts(std::string_view name,
                                                            std::size_t bytes_max,
                                                            std::size_t elements_max) {
  const JsonValue* const value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* const array = value->as<JsonArray>();
  if (array == nullptr || array->size() > elements_max) {
    wrong_type(name, "a list of at most " + std::to_string(elements_max) + " texts");
    return std::nullopt;
  }
  std::vector<std::string> read;
  for (const JsonValue& element : *array) {
    const auto* const text = element.as<WipedText>();
    if (text == nullptr || text->empty() || text->size() > bytes_max) {
      wrong_type(name, "a list of texts, each of 1 to " + std::to_string(bytes_max) + " bytes");
      return std::nullopt;
    }
    read.emplace_back(std::string_view(*text));
  }
  return read;
}

std::optional<bool> MemberReader::flag(std::string_view name) {
  const JsonValue* const value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* const flag = value->as<bool>();
  if (flag == nullptr) {
    wrong_type(name, "true or false");
    return std::nullopt;
  }
  return *flag;
}

std::optional<std::int64_t> MemberReader::number(std::string_view name, std::int64_t least,
                                                 std::int64_t most) {
  const JsonValue* const value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* const number = value->as<std::int64_t>();
  if (number == nullptr || *number < least || *number > most) {
    wrong_type(name,
               "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return *number;
}

std::optional<std::optional<Timestamp>> MemberReader::time_or_null(std::string_view name) {
  const JsonValue* const value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->is_null()) {
    return std::optional<Timestamp>{};
  }
  const auto* const text = value->as<WipedText>();
  const auto time = text == nullptr ? std::nullopt : parse_time(std::string_view(*text));
  if (!time) {
    wrong_type(name, "a time such as \"2026-03-01T12:00:00Z\", or null for never");
    return std::nullopt;
  }
  return std::make_optional(time);
}

JsonValue* MemberReader::object(std::string_view name) { return find(name); }

std::expected<void, ApiFault> MemberReader::finish(OtherMembers others) {
  if (!fault_ && members_ != nullptr && others == OtherMembers::kRefuse) {
    for (const JsonMember& member : *members_) {
      if (std::ranges::find(known_, member.name) != known_.end()) {
        continue;
      }
      // A name that may be anything, a misplaced secret included, is not repeated.
      const std::string shown =
          is_plain_name(member.name) ? " \"" + path_ + member.name + "\"" : std::string();
      fault_ = bad_input(
          "member_unknown",
          "the member" + shown + " is not known here." + did_you_mean(member.name, known_),
          shown.empty() ? "" : path_ + member.name);
      break;
    }
  }
  if (fault_) {
    return std::unexpected(*fault_);
  }
  return {};
}

}  // namespace counterfoil
