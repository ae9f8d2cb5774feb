#include "accounts/people_codec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/invitation.h"
#include "accounts/notice.h"
#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/put_time.h"
#include "accounts/session.h"
#include "accounts/sign_in_name.h"
#include "accounts/strict_reader.h"
#include "accounts/throttle.h"
#include "accounts/totp.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/tagged_fields.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/password_hash.h"

namespace counterfoil {
namespace {

// ---- writing

std::string with_version(std::uint8_t version, FieldWriter& fields) {
  return std::string(1, static_cast<char>(version)) + fields.take();
}
void put_bytes(FieldWriter& fields, std::uint8_t tag, ByteView bytes) {
  fields.put(tag, as_text(bytes));
}

// Tags are stored: append, never renumber.

// ---- parts of a person

enum TotpTag : std::uint8_t {
  kSeed = 1,
  kTotpCreated = 2,
  kLastStep = 3,
  kWrong = 4,
  kLocks = 5,
  kLockedUntil = 6,
};

std::string encode(const TotpFactor& factor) {
  FieldWriter fields;
  fields.put(kSeed, factor.sealed_seed);
  put_time(fields, kTotpCreated, factor.created);
  fields.put_u64(kLastStep, factor.last_step);
  fields.put_u64(kWrong, factor.wrong);
  fields.put_u64(kLocks, factor.locks);
  put_time(fields, kLockedUntil, factor.locked_until);
  return fields.take();
}

std::optional<TotpFactor> decode_totp(std::string_view bytes) {
  StrictReader fields(bytes);
  TotpFactor factor{.sealed_seed = std::string(fields.text(kSeed))};
  factor.created = fields.time(kTotpCreated);
  factor.last_step = fields.number(kLastStep);
  factor.wrong = fields.small(kWrong);
  factor.locks = fields.small(kLocks);
  factor.locked_until = fields.time(kLockedUntil);
  return fields.whole() && !factor.sealed_seed.empty() ? std::optional(std::move(factor))
                                                       : std::nullopt;
}

std::string encode(const PendingTotp& pending) {
  FieldWriter fields;
  fields.put(kSeed, pending.sealed_seed);
  put_time(fields, kTotpCreated, pending.created);
  return fields.take();
}

std::optional<PendingTotp> decode_pending(std::string_view bytes) {
  StrictReader fields(bytes);
  PendingTotp pending{.sealed_seed = std::string(fields.text(kSeed))};
  pending.created = fields.time(kTotpCreated);
  return fields.whole() && !pending.sealed_seed.empty() ? std::optional(std::move(pending))
                                                        : std::nullopt;
}

enum PasskeyTag : std::uint8_t {
  kCredentialId = 1,
  kAlgorithm = 2,  // COSE's number, as the two's complement of 64 bits
  kPublicKey = 3,
  kCounter = 4,
  kPasskeyName = 5,
  kPasskeyCreated = 6,
  kPasskeyUsed = 7,
};

std::string encode(const Passkey& passkey) {
  FieldWriter fields;
  put_bytes(fields, kCredentialId, passkey.id);
  fields.put_u64(kAlgorithm,
                 static_cast<std::uint64_t>(std::int64_t{std::to_underlying(passkey.algorithm)}));
  put_bytes(fields, kPublicKey, passkey.public_key);
  fields.put_u64(kCounter, passkey.counter);
  fields.put(kPasskeyName, passkey.name);
  put_time(fields, kPasskeyCreated, passkey.created);
  put_time(fields, kPasskeyUsed, passkey.last_used);
  return fields.take();
}

std::optional<PasskeyAlgorithm> algorithm_of(std::uint64_t stored) {
  for (const PasskeyAlgorithm known :
       {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
    if (static_cast<std::uint64_t>(std::int64_t{std::to_underlying(known)}) == stored) {
      return known;
    }
  }
  return std::nullopt;
}

std::optional<Passkey> decode_passkey(std::string_view bytes) {
  StrictReader fields(bytes);
  Passkey passkey{.id = fields.bytes(kCredentialId), .public_key = {}, .name = {}};
  const auto algorithm = algorithm_of(fields.number(kAlgorithm));
  passkey.algorithm = algorithm.value_or(PasskeyAlgorithm::kEs256);
  passkey.public_key = fields.bytes(kPublicKey);
  passkey.counter = fields.small(kCounter);
  passkey.name = fields.text(kPasskeyName);
  passkey.created = fields.time(kPasskeyCreated);
  passkey.last_used = fields.time(kPasskeyUsed);
  return fields.whole() && algorithm && !passkey.id.empty() ? std::optional(std::move(passkey))
                                                            : std::nullopt;
}

enum PasswordTag : std::uint8_t { kMemoryKib = 1, kPasses = 2, kSalt = 3, kHashTag = 4 };

std::string encode(const PasswordHash& hash) {
  FieldWriter fields;
  fields.put_u64(kMemoryKib, hash.cost.memory_kib);
  fields.put_u64(kPasses, hash.cost.passes);
  put_bytes(fields, kSalt, hash.salt);
  put_bytes(fields, kHashTag, hash.tag);
  return fields.take();
}

std::optional<PasswordHash> decode_password(std::string_view bytes) {
  StrictReader fields(bytes);
  PasswordHash hash;
  hash.cost.memory_kib = fields.small(kMemoryKib);
  hash.cost.passes = fields.small(kPasses);
  hash.salt = fields.array<decltype(hash.salt)>(kSalt);
  hash.tag = fields.array<Digest>(kHashTag);
  return fields.whole() ? std::optional(hash) : std::nullopt;
}

// ---- a person

enum PersonTag : std::uint8_t {
  kPersonId = 1,
  kEmail = 2,
  kName = 3,
  kRole = 4,
  kAccount = 5,  // or empty
  kState = 6,
  kStateSince = 7,
  kStateCause = 8,
  kCreated = 9,
  kLastSignIn = 10,
  kPassword = 11,
  kPasswordChanged = 12,
  kTotp = 13,          // none or one
  kPendingTotp = 14,   // none or one
  kPasskey = 15,       // any number
  kRecoveryCode = 16,  // any number
  kFactorsChanged = 17,
  kMustRenewFactors = 18,
  kLanguage = 19,
  kTimeZone = 20,
  kTheme = 21,
  kReset = 22,  // none or one
  kNoticesSeen = 23,
  kPasswordReset = 24,  // none or one
  kIdentity = 25,       // any number
};

enum IdentityTag : std::uint8_t {
  kIssuer = 1,
  kSubject = 2,
  kShown = 3,
  kIdentityCreated = 4,
  kIdentityLastUsed = 5,
};

std::string encode(const LinkedIdentity& identity) {
  FieldWriter fields;
  fields.put(kIssuer, identity.issuer);
  fields.put(kSubject, identity.subject);
  fields.put(kShown, identity.shown);
  put_time(fields, kIdentityCreated, identity.created);
  put_time(fields, kIdentityLastUsed, identity.last_used);
  return fields.take();
}

std::optional<LinkedIdentity> decode_identity(std::string_view bytes) {
  StrictReader fields(bytes);
  LinkedIdentity identity{.issuer = std::string(fields.text(kIssuer)), .subject = {}, .shown = {}};
  identity.subject = fields.text(kSubject);
  identity.shown = fields.text(kShown);
  identity.created = fields.time(kIdentityCreated);
  identity.last_used = fields.time(kIdentityLastUsed);
  fields.require(!identity.issuer.empty() && !identity.subject.empty());
  return fields.whole() ? std::optional(std::move(identity)) : std::nullopt;
}

enum ResetTag : std::uint8_t { kResetToken = 1, kResetEndsAt = 2 };

std::string encode(const PasswordReset& reset) {
  FieldWriter fields;
  put_bytes(fields, kResetToken, reset.token_hash);
  put_time(fields, kResetEndsAt, reset.ends_at);
  return fields.take();
}

std::optional<PasswordReset> decode_reset(std::string_view bytes) {
  StrictReader fields(bytes);
  PasswordReset reset{.token_hash = fields.array<Digest>(kResetToken)};
  reset.ends_at = fields.time(kResetEndsAt);
  return fields.whole() ? std::optional(reset) : std::nullopt;
}

void read_factors(StrictReader& fields, Person& person) {
  if (fields.has(kTotp)) {
    person.totp = fields.parsed(kTotp, decode_totp);
  }
  if (fields.has(kPendingTotp)) {
    person.pending_totp = fields.parsed(kPendingTotp, decode_pending);
  }
  while (fields.has(kPasskey)) {
    if (auto passkey = fields.parsed(kPasskey, decode_passkey)) {
      person.passkeys.push_back(std::move(*passkey));
    }
  }
  while (fields.has(kRecoveryCode)) {
    person.recovery_codes.push_back(fields.array<Digest>(kRecoveryCode));
  }
}

std::optional<std::optional<AccountId>> parse_account(std::string_view text) {
  if (text.empty()) {
    return std::optional<AccountId>();
  }
  auto account = AccountId::parse(text);
  return account ? std::optional(std::move(account)) : std::nullopt;
}

std::string_view text_of(const std::optional<AccountId>& account) {
  return account ? std::string_view(account->text()) : std::string_view();
}

}  // namespace

std::string encode_person(const Person& person) {
  FieldWriter fields;
  fields.put(kPersonId, person.id.text());
  fields.put(kEmail, person.email);
  fields.put(kName, person.name);
  fields.put_u64(kRole, std::to_underlying(person.role));
  fields.put(kAccount, text_of(person.account));
  fields.put_u64(kState, std::to_underlying(person.state));
  put_time(fields, kStateSince, person.state_since);
  fields.put(kStateCause, person.state_cause);
  put_time(fields, kCreated, person.created);
  put_time(fields, kLastSignIn, person.last_sign_in);
  fields.put(kPassword, encode(person.password));
  put_time(fields, kPasswordChanged, person.password_changed);
  if (person.totp) {
    fields.put(kTotp, encode(*person.totp));
  }
  if (person.pending_totp) {
    fields.put(kPendingTotp, encode(*person.pending_totp));
  }
  for (const Passkey& passkey : person.passkeys) {
    fields.put(kPasskey, encode(passkey));
  }
  for (const Digest& hash : person.recovery_codes) {
    put_bytes(fields, kRecoveryCode, hash);
  }
  put_time(fields, kFactorsChanged, person.factors_changed);
  fields.put_u64(kMustRenewFactors, person.must_renew_factors ? 1 : 0);
  fields.put(kLanguage, person.settings.language);
  fields.put(kTimeZone, person.settings.time_zone);
  fields.put(kTheme, person.settings.theme);
  if (person.reset) {
    fields.put(kReset, encode(*person.reset));
  }
  for (const LinkedIdentity& identity : person.identities) {
    fields.put(kIdentity, encode(identity));
  }
  if (person.password_reset != Timestamp{}) {
    put_time(fields, kPasswordReset, person.password_reset);
  }
  put_time(fields, kNoticesSeen, person.notices_seen);  // the last is always there: no cut is whole
  return with_version(kPersonRecordVersion, fields);
}

std::optional<Person> decode_person(std::string_view bytes) {
  StrictReader fields(bytes, kPersonRecordVersion);
  auto id = fields.parsed(kPersonId, PersonId::parse);
  if (!id) {
    return std::nullopt;
  }
  Person person{.id = std::move(*id), .email = std::string(fields.text(kEmail)), .name = {}};
  person.name = fields.text(kName);
  person.role = fields.one_of(kRole, Role::kHolder);
  person.account = fields.parsed(kAccount, parse_account).value_or(std::nullopt);
  person.state = fields.one_of(kState, PersonState::kDisabled);
  person.state_since = fields.time(kStateSince);
  person.state_cause = fields.text(kStateCause);
  person.created = fields.time(kCreated);
  person.last_sign_in = fields.time(kLastSignIn);
  person.password = fields.parsed(kPassword, decode_password).value_or(PasswordHash{});
  person.password_changed = fields.time(kPasswordChanged);
  read_factors(fields, person);
  person.factors_changed = fields.time(kFactorsChanged);
  person.must_renew_factors = fields.flag(kMustRenewFactors);
  person.settings.language = fields.text(kLanguage);
  person.settings.time_zone = fields.text(kTimeZone);
  person.settings.theme = fields.text(kTheme);
  if (fields.has(kReset)) {
    person.reset = fields.parsed(kReset, decode_reset);
  }
  while (fields.has(kIdentity)) {
    if (auto identity = fields.parsed(kIdentity, decode_identity)) {
      person.identities.push_back(std::move(*identity));
    }
  }
  if (fields.has(kPasswordReset)) {
    person.password_reset = fields.time(kPasswordReset);
  }
  person.notices_seen = fields.time(kNoticesSeen);
  fields.require(normal_email(person.email) == person.email &&
                 has_fitting_account(person.role, person.account));
  return fields.whole() ? std::optional(std::move(person)) : std::nullopt;
}

// ---- a session

namespace {

enum SessionTag : std::uint8_t {
  kSessionId = 1,
  kSessionPerson = 2,
  kStage = 3,
  kSessionCreated = 4,
  kLastSeen = 5,
  kEndsAt = 6,
  kSource = 7,
  kDevice = 8,
  kGrantToken = 9,  // with the two that follow, any number of times
  kGrantChange = 10,
  kGrantEndsAt = 11,
  kNeedsPasskey = 12,
};

}  // namespace

std::string encode_session(const Session& session) {
  FieldWriter fields;
  fields.put(kSessionId, session.id);
  fields.put(kSessionPerson, session.person.text());
  fields.put_u64(kStage, std::to_underlying(session.stage));
  put_time(fields, kSessionCreated, session.created);
  put_time(fields, kLastSeen, session.last_seen);
  put_time(fields, kEndsAt, session.ends_at);
  fields.put(kSource, session.source);
  fields.put(kDevice, session.device);
  for (const StepUpGrant& grant : session.grants) {
    put_bytes(fields, kGrantToken, grant.token_hash);
    put_bytes(fields, kGrantChange, grant.change);
    put_time(fields, kGrantEndsAt, grant.ends_at);
  }
  fields.put_u64(kNeedsPasskey, session.needs_passkey ? 1 : 0);
  return with_version(kSessionRecordVersion, fields);
}

std::optional<Session> decode_session(std::string_view bytes) {
  StrictReader fields(bytes, kSessionRecordVersion);
  std::string id(fields.text(kSessionId));
  auto person = fields.parsed(kSessionPerson, PersonId::parse);
  if (!person) {
    return std::nullopt;
  }
  Session session{.id = std::move(id), .person = std::move(*person)};
  session.stage = fields.one_of(kStage, SessionStage::kNeedsFactorSetup);
  session.created = fields.time(kSessionCreated);
  session.last_seen = fields.time(kLastSeen);
  session.ends_at = fields.time(kEndsAt);
  session.source = fields.text(kSource);
  session.device = fields.text(kDevice);
  while (fields.has(kGrantToken)) {
    StepUpGrant grant{.token_hash = fields.array<Digest>(kGrantToken)};
    grant.change = fields.array<Digest>(kGrantChange);
    grant.ends_at = fields.time(kGrantEndsAt);
    session.grants.push_back(grant);
  }
  session.needs_passkey = fields.flag(kNeedsPasskey);
  return fields.whole() ? std::optional(std::move(session)) : std::nullopt;
}

// ---- a counter of the throttle

namespace {

enum CounterTag : std::uint8_t {
  kMinute = 1,  // with the one that follows, any number of times
  kTries = 2,
  kWrongAt = 3,  // any number
};

}  // namespace

std::string encode_counter(const TryCounter& counter) {
  FieldWriter fields;
  for (const TryCounter::Minute& minute : counter.minutes) {
    fields.put_u64(kMinute, static_cast<std::uint64_t>(minute.minute));
    fields.put_u64(kTries, minute.tries);
  }
  for (const Timestamp time : counter.wrong) {
    put_time(fields, kWrongAt, time);
  }
  return with_version(kThrottleRecordVersion, fields);
}

std::optional<TryCounter> decode_counter(std::string_view bytes) {
  StrictReader fields(bytes, kThrottleRecordVersion);
  TryCounter counter;
  while (fields.has(kMinute)) {
    TryCounter::Minute minute{.minute = static_cast<std::int64_t>(fields.number(kMinute))};
    minute.tries = fields.small(kTries);
    counter.minutes.push_back(minute);
  }
  while (fields.has(kWrongAt)) {
    counter.wrong.push_back(fields.time(kWrongAt));
  }
  return fields.whole() ? std::optional(std::move(counter)) : std::nullopt;
}

// ---- an invitation

namespace {

enum InvitationTag : std::uint8_t {
  kInvitationId = 1,
  kIsSetup = 2,
  kInvitedEmail = 3,  // or empty
  kInvitedRole = 4,
  kInvitedAccount = 5,  // or empty
  kBegunBy = 6,         // none or one
  kMadeBy = 7,
  kInvitationCreated = 8,
  kInvitationEndsAt = 9,
};

}  // namespace

std::string encode_invitation(const Invitation& invitation) {
  FieldWriter fields;
  fields.put(kInvitationId, invitation.id);
  fields.put_u64(kIsSetup, invitation.is_setup ? 1 : 0);
  fields.put(kInvitedEmail, invitation.email);
  fields.put_u64(kInvitedRole, std::to_underlying(invitation.role));
  fields.put(kInvitedAccount, text_of(invitation.account));
  if (invitation.begun_by) {
    fields.put(kBegunBy, invitation.begun_by->text());
  }
  fields.put(kMadeBy, invitation.made_by);
  put_time(fields, kInvitationCreated, invitation.created);
  put_time(fields, kInvitationEndsAt, invitation.ends_at);
  return with_version(kInvitationRecordVersion, fields);
}

std::optional<Invitation> decode_invitation(std::string_view bytes) {
  StrictReader fields(bytes, kInvitationRecordVersion);
  Invitation invitation{.id = std::string(fields.text(kInvitationId))};
  invitation.is_setup = fields.flag(kIsSetup);
  invitation.email = fields.text(kInvitedEmail);
  invitation.role = fields.one_of(kInvitedRole, Role::kHolder);
  invitation.account = fields.parsed(kInvitedAccount, parse_account).value_or(std::nullopt);
  if (fields.has(kBegunBy)) {
    invitation.begun_by = fields.parsed(kBegunBy, PersonId::parse);
  }
  invitation.made_by = fields.text(kMadeBy);
  invitation.created = fields.time(kInvitationCreated);
  invitation.ends_at = fields.time(kInvitationEndsAt);
  fields.require(has_fitting_account(invitation.role, invitation.account) &&
                 (invitation.is_setup ? invitation.email.empty()
                                      : normal_email(invitation.email) == invitation.email));
  return fields.whole() ? std::optional(std::move(invitation)) : std::nullopt;
}

// ---- a notice

namespace {

enum NoticeTag : std::uint8_t {
  kWhat = 1,
  kNoticeTime = 2,
  kActor = 3,
  kNoticeSource = 4,
  kObject = 5,
  kCount = 6,
  kDetailName = 7,  // with the one that follows, any number of times; in the order of the names
  kDetailValue = 8,
};

}  // namespace

std::string encode_notice(const Notice& notice) {
  FieldWriter fields;
  fields.put(kWhat, notice.what);
  put_time(fields, kNoticeTime, notice.time);
  fields.put(kActor, notice.actor);
  fields.put(kNoticeSource, notice.source);
  fields.put(kObject, notice.object);
  fields.put_u64(kCount, notice.count);
  for (const auto& [name, value] : notice.detail) {
    fields.put(kDetailName, name);
    fields.put(kDetailValue, value);
  }
  return with_version(kNoticeRecordVersion, fields);
}

std::optional<Notice> decode_notice(std::string_view bytes) {
  StrictReader fields(bytes, kNoticeRecordVersion);
  Notice notice{.what = std::string(fields.text(kWhat))};
  notice.time = fields.time(kNoticeTime);
  notice.actor = fields.text(kActor);
  notice.source = fields.text(kNoticeSource);
  notice.object = fields.text(kObject);
  notice.count = fields.number(kCount);
  while (fields.has(kDetailName)) {
    std::string name(fields.text(kDetailName));
    fields.require(notice.detail.empty() || notice.detail.rbegin()->first < name);
    notice.detail[std::move(name)] = fields.text(kDetailValue);
  }
  fields.require(notice.count > 0);
  return fields.whole() ? std::optional(std::move(notice)) : std::nullopt;
}

}  // namespace counterfoil
