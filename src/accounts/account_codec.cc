#include "accounts/account_codec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "base/account_id.h"
#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber. All of them are written, in this order; records of
// version 1 end with kCreated.
enum Tag : std::uint8_t {
  kId = 1,
  kName = 2,
  kState = 3,
  kStateSince = 4,
  kStateCause = 5,
  kCreated = 6,
  kMaster = 7,  // or empty
  kEmail = 8,   // or empty
};
constexpr std::uint8_t kWithoutSubAccounts = 1;  // the version

bool read_field(const TaggedField& field, Account& account) {
  const auto number = field.as_u64();
  switch (field.tag) {
    case kName:
      account.name = field.bytes;
      return true;
    case kState:
      if (number != 1 && number != 2) {
        return false;
      }
      account.state = static_cast<AccountState>(*number);
      return true;
    case kStateSince:
      account.state_since = from_unix_us(static_cast<std::int64_t>(number.value_or(0)));
      return number.has_value();
    case kStateCause:
      account.state_cause = field.bytes;
      return true;
    case kCreated:
      account.created = from_unix_us(static_cast<std::int64_t>(number.value_or(0)));
      return number.has_value();
    case kMaster:
      account.master = AccountId::parse(field.bytes);
      return account.master.has_value() || field.bytes.empty();
    case kEmail:
      account.email = field.bytes;
      return account.master ? parse_email(account.email) == account.email : account.email.empty();
    default:
      return false;
  }
}

}  // namespace

std::string encode_account(const Account& account) {
  FieldWriter fields;
  fields.put(kId, account.id.text());
  fields.put(kName, account.name);
  fields.put_u64(kState, static_cast<std::uint64_t>(account.state));
  fields.put_u64(kStateSince, static_cast<std::uint64_t>(to_unix_us(account.state_since)));
  fields.put(kStateCause, account.state_cause);
  fields.put_u64(kCreated, static_cast<std::uint64_t>(to_unix_us(account.created)));
  fields.put(kMaster, account.master ? std::string_view(account.master->text()) : "");
  fields.put(kEmail, account.email);
  return std::string(1, static_cast<char>(kAccountRecordVersion)) + fields.take();
}

std::optional<Account> decode_account(std::string_view bytes) {
  const auto version = bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[0]);
  if (version != kWithoutSubAccounts && version != kAccountRecordVersion) {
    return std::nullopt;
  }
  const std::uint8_t last_tag = version == kWithoutSubAccounts ? kCreated : kEmail;
  FieldReader fields(bytes.substr(1));
  const auto id_field = fields.next();
  const auto id =
      id_field && id_field->tag == kId ? AccountId::parse(id_field->bytes) : std::nullopt;
  if (!id) {
    return std::nullopt;
  }
  Account account{.id = *id};
  std::uint8_t expected_tag = kName;
  while (const auto field = fields.next()) {
    if (field->tag != expected_tag || field->tag > last_tag || !read_field(*field, account)) {
      return std::nullopt;
    }
    ++expected_tag;
  }
  return fields.failed() || expected_tag != last_tag + 1 ? std::nullopt : std::optional(account);
}

}  // namespace counterfoil
