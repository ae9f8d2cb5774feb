#include "verify/reason.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

namespace counterfoil {
namespace {

// Values are stored in the journal: append to this list, never renumber it.
constexpr std::string_view kStoredNames[] = {
    "route_unknown",
    "address_over_budget",
    "address_banned",
    "api_key_missing",
    "api_key_repeated",
    "api_key_malformed",
    "api_key_checksum",
    "signature_missing",
    "timestamp_missing",
    "reserved_parameter_repeated",
    "reserved_parameter_disguised",
    "signature_not_last",
    "parameter_repeated",
    "parameter_malformed",
    "too_many_parameters",
    "parameter_too_long",
    "timestamp_malformed",
    "recv_window_malformed",
    "recv_window_too_large",
    "recv_window_precision",
    "timestamp_implausible",
    "timestamp_ahead",
    "timestamp_late",
    "api_key_unknown",
    "api_key_revoked",
    "payload_not_ascii",
    "signature_malformed",
    "signature_wrong",
    "api_key_suspended",
    "api_key_expired",
    "account_suspended",
    "address_not_allowed",
    "permission_missing",
    "symbol_not_allowed",
    "replayed",
    "stamped_before_start",
    "pair_over_budget",
    "account_over_weight",
    "account_over_orders",
    "self_revoke_malformed",
    "body_not_form",
    "content_encoded",
    "body_not_expected",
    "not_in_force",
    "replay_memory_full",
    "overloaded",
    "shutting_down",
    "upstream_unreachable",
    "upstream_timeout",
    "upstream_broken",
    "internal",
    "api_key_restricted",
    "upstream_out",
    "parameter_missing",
    "parameter_invalid",
    "parameter_not_expected",
    "sub_account_unknown",
    "sub_account_suspended",
    "sub_account_key_unknown",
    "permission_beyond_maker",
    "allow_list_required",
    "address_not_listed",
    "public_key_invalid",
    "too_many_api_keys",
    "operation_unsupported",
    "call_not_named",
    "role_not_held",
};

TEST(Reason, KeepsItsNumberAndItsName) {
  ASSERT_EQ(std::size(kStoredNames), kReasonCount);
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    EXPECT_EQ(describe(static_cast<Reason>(i)).name, kStoredNames[i]) << i;
    EXPECT_EQ(parse_reason(kStoredNames[i]), static_cast<Reason>(i));
  }
  EXPECT_FALSE(parse_reason("signature").has_value());
  EXPECT_FALSE(parse_reason("").has_value());
}

bool is_sentence(std::string_view text) {
  return !text.empty() && text.front() >= 'A' && text.back() == '.' &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// `signature`, `recvWindow` and the like are names, which a sentence may begin with.
bool begins_with_a_name(std::string_view text) {
  return text.starts_with("signature,") || text.starts_with("recvWindow");
}

TEST(Reason, TellsTheOwnerWhatIsWrongAndWhatToDo) {
  for (const ReasonRow& row : kReasons) {
    EXPECT_TRUE(is_sentence(row.owner_text) || begins_with_a_name(row.owner_text)) << row.name;
    EXPECT_TRUE(is_sentence(row.fix)) << row.name;
  }
}

// A caller who is not the owner learns nothing of a key's state from what he is told by default.
TEST(Reason, DefaultAnswersSayNothingOfAKeysState) {
  for (const ReasonRow& row : kReasons) {
    const std::string_view text = public_text(row.category);
    EXPECT_TRUE(is_sentence(text)) << row.name;
    for (const std::string_view told :
         {"revoked", "suspended", "expired", "unknown key", "secret"}) {
      EXPECT_FALSE(text.contains(told)) << row.name;
    }
  }
  // Control S-21: unknown, revoked, suspended, expired and wrongly signed are one category.
  for (const Reason reason :
       {Reason::kApiKeyUnknown, Reason::kApiKeyRevoked, Reason::kApiKeySuspended,
        Reason::kApiKeyExpired, Reason::kAccountSuspended, Reason::kSignatureWrong,
        Reason::kSignatureMalformed, Reason::kPayloadNotAscii}) {
    EXPECT_EQ(describe(reason).category, Category::kUnauthenticated) << describe(reason).name;
  }
  // Right signature, wrong address and missing permission: the same body.
  EXPECT_EQ(describe(Reason::kAddressNotAllowed).category, Category::kForbidden);
  EXPECT_EQ(describe(Reason::kPermissionMissing).category, Category::kForbidden);
}

TEST(Category, EachHasAStatusAndATextOfItsOwn) {
  std::set<int> statuses;
  std::set<std::string_view> texts;
  for (const Category category :
       {Category::kBadInput, Category::kUnauthenticated, Category::kOutsideWindow,
        Category::kForbidden, Category::kNotFound, Category::kConflict, Category::kUnsupported,
        Category::kLimited, Category::kBadGateway, Category::kUnavailable, Category::kTimeout,
        Category::kFault}) {
    statuses.insert(http_status(category));
    EXPECT_TRUE(texts.insert(public_text(category)).second) << public_text(category);
  }
  // Two are 401: what the clock says needs no key.
  EXPECT_EQ(statuses, (std::set<int>{400, 401, 403, 404, 409, 415, 429, 500, 502, 503, 504}));
}

}  // namespace
}  // namespace counterfoil
