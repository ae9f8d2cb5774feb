#include "accounts/enrolment_link.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/person_id.h"
#include "accounts/put_time.h"
#include "accounts/strict_reader.h"
#include "base/account_id.h"
#include "base/tagged_fields.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber.
enum LinkTag : std::uint8_t {
  kId = 1,
  kAccount = 2,
  kScheme = 3,
  kLabel = 4,
  kPermissions = 5,
  kAllowList = 6,
  kSymbol = 7,  // any number
  kVendor = 8,
  kExpiresAt = 9,  // none or one
  kNeverExpires = 10,
  kMadeBy = 11,
  kPerson = 12,  // none or one
  kCreated = 13,
  kEndsAt = 14,
  kUsedAt = 15,  // with the next one, or neither
  kUsedKey = 16,
};

}  // namespace

std::string encode_enrolment_link(const EnrolmentLink& link) {
  FieldWriter fields;
  fields.put(kId, link.id);
  fields.put(kAccount, link.account.text());
  fields.put_u64(kScheme, std::to_underlying(link.scheme));
  fields.put(kLabel, link.label);
  fields.put(kPermissions, link.permissions);
  fields.put(kAllowList, link.allow_list);
  for (const std::string& symbol : link.symbols) {
    fields.put(kSymbol, symbol);
  }
  fields.put(kVendor, link.vendor);
  if (link.expires_at) {
    put_time(fields, kExpiresAt, *link.expires_at);
  }
  fields.put_u64(kNeverExpires, link.never_expires ? 1 : 0);
  fields.put(kMadeBy, link.made_by);
  if (link.person) {
    fields.put(kPerson, link.person->text());
  }
  put_time(fields, kCreated, link.created);
  put_time(fields, kEndsAt, link.ends_at);
  if (link.used) {
    put_time(fields, kUsedAt, link.used->at);
    fields.put(kUsedKey, link.used->api_key);
  }
  return std::string(1, static_cast<char>(kEnrolmentLinkRecordVersion)) + fields.take();
}

std::optional<EnrolmentLink> decode_enrolment_link(std::string_view bytes) {
  StrictReader fields(bytes, kEnrolmentLinkRecordVersion);
  const std::string_view id = fields.id(kId);
  const auto account = fields.parsed(kAccount, AccountId::parse);
  if (!account) {
    return std::nullopt;
  }
  EnrolmentLink link{.id = std::string(id), .account = *account};
  const auto scheme = scheme_from_number(fields.number(kScheme));
  link.scheme = scheme.value_or(Scheme::kEd25519);
  link.label = fields.text(kLabel);
  link.permissions = fields.text(kPermissions);
  link.allow_list = fields.text(kAllowList);
  while (fields.has(kSymbol)) {
    link.symbols.emplace_back(fields.text(kSymbol));
  }
  link.vendor = fields.text(kVendor);
  if (fields.has(kExpiresAt)) {
    link.expires_at = fields.time(kExpiresAt);
  }
  link.never_expires = fields.flag(kNeverExpires);
  link.made_by = fields.text(kMadeBy);
  if (fields.has(kPerson)) {
    link.person = fields.parsed(kPerson, PersonId::parse);
  }
  link.created = fields.time(kCreated);
  link.ends_at = fields.time(kEndsAt);
  if (fields.has(kUsedAt)) {
    EnrolmentLink::Use use{.at = fields.time(kUsedAt), .api_key = {}};
    use.api_key = fields.text(kUsedKey);
    fields.require(!use.api_key.empty());
    link.used = std::move(use);
  }
  fields.require(scheme.has_value() && !link.permissions.empty() &&
                 !(link.expires_at && link.never_expires));
  return fields.whole() ? std::optional(std::move(link)) : std::nullopt;
}

}  // namespace counterfoil
