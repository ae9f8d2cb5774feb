#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "keys/permission.h"
#include "policy/limit_rules.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "policy/small_profile.h"

namespace counterfoil {
namespace {

using small_profile::changed;
using small_profile::error_of;
using small_profile::parse;
using small_profile::replaced;

// ---- what is wrong is told with its place and a way to mend it

struct FaultCase {
  std::string_view name;
  std::string_view from;
  std::string_view to;
  std::string_view error;  // behind the file's name
};

class ProfileFault : public testing::TestWithParam<FaultCase> {};

TEST_P(ProfileFault, IsToldWithItsPlaceAndAWayToMendIt) {
  const FaultCase& fault = GetParam();

  EXPECT_EQ(error_of(changed(fault.from, fault.to)), "small.toml" + std::string(fault.error));
}

constexpr FaultCase kFaults[] = {
    {"not_toml", R"(name = "small")", "name = small",
     ":1:8: Error while parsing value: could not determine value type."},
    {"key_given_twice", R"(name = "small")", "name = \"small\"\nname = \"other\"",
     ":2:8: Error while parsing key-value pair: cannot redefine existing string 'name'."},
    {"table_given_twice", "[answers]", "[signing]\n[answers]",
     ":31:1: Error while parsing table header: cannot redefine existing table 'signing'."},
    {"a_fraction", "limit = 10", "limit = 10.5",
     ":28:9: 'limit' in [[limits.rules]] must be a whole number, not a fraction or a date."},
    {"name_missing", "name = \"small\"\n", "", ":1:1: the profile lacks 'name'."},
    {"name_of_another_type", R"(name = "small")", "name = 5",
     ":1:8: 'name' in the profile must be a string, not a whole number."},
    {"name_in_upper_case", R"(name = "small")", R"(name = "Small")",
     ":1:8: 'Small' is not a profile's name: 1 to 32 lower-case letters, digits and '-'."},
    {"title_with_a_control_character", "A small API", R"(A small\u0007 API)",
     ":2:9: 'title' is not 1 to 300 bytes of text without control characters."},
    {"table_missing",
     "[answers]\nformat = \"binance\"\n\n[answers.reasons]\ninternal = { status = 500, code = "
     "-1001, text = \"Broken.\" }\n",
     "", ":1:1: the profile lacks 'answers'."},
    {"table_unknown", "[limits]", "[limts]",
     ":19:2: Unknown key 'limts' in the profile. Did you mean 'limits'?"},
    {"table_is_no_table", R"(title = "A small API")", "title = \"A small API\"\nsigning = 1\n[x]",
     ":6:1: Error while parsing table header: cannot redefine existing integer 'signing' as "
     "table."},
    {"key_unknown", R"(api_key_header = "X-Key")",
     "api_key_header = \"X-Key\"\nsignature_postion = \"last\"",
     ":6:1: Unknown key 'signature_postion' in [signing]. Did you mean 'signature_position'?"},
    {"key_unknown_and_like_nothing", R"(api_key_header = "X-Key")",
     "api_key_header = \"X-Key\"\ncolour = \"blue\"", ":6:1: Unknown key 'colour' in [signing]."},
    {"header_missing", "api_key_header = \"X-Key\"\n", "",
     ":4:1: [signing] lacks 'api_key_header'."},
    {"header_is_no_token", R"("X-Key")", R"("X Key")",
     ":5:18: 'X Key' is not the name of a header."},
    {"header_frames_the_message", R"("X-Key")", R"("Content-Length")",
     ":5:18: 'Content-Length' is a header with a meaning of its own."},
    {"header_is_ours", R"("X-Key")", R"("x_counterfoil_account")",
     ":5:18: 'x_counterfoil_account' is one of the headers that Counterfoil itself sets."},
    {"word_unknown", R"(api_key_header = "X-Key")",
     "api_key_header = \"X-Key\"\nsignature_position = \"lsat\"",
     ":6:22: 'signature_position' in [signing] cannot be 'lsat'; it is one of 'anywhere', 'last'. "
     "Did you mean 'last'?"},
    {"two_reserved_parameters_of_one_name", R"(api_key_header = "X-Key")",
     "api_key_header = \"X-Key\"\ntimestamp_parameter = \"signature\"",
     ":6:23: 'signature' names two reserved parameters in [signing]."},
    {"reserved_parameter_needs_encoding", R"(api_key_header = "X-Key")",
     "api_key_header = \"X-Key\"\ntimestamp_parameter = \"time stamp\"",
     ":6:23: 'time stamp' is not a parameter name: 1 to 64 letters, digits, '_', '.' and '-'."},
    {"permission_in_lower_case", "[permissions.READ]", "[permissions.read]",
     ":7:14: 'read' is not a permission's name: 1 to 32 of A-Z, 0-9 and '_'."},
    {"permission_without_label", "label = \"Read\"\n", "",
     ":7:1: [permissions.READ] lacks 'label'."},
    {"permission_without_allow_list_rule", "needs_allow_list = true\n", "",
     ":13:1: [permissions.WRITE] lacks 'needs_allow_list'."},
    {"default_that_needs_an_allow_list", "needs_allow_list = false\ndefault = true",
     "needs_allow_list = true\ndefault = true",
     ":11:11: 'READ' cannot be a default and need an IP allow-list: a new key may have none."},
    {"allow_list_rule_unknown", "needs_allow_list = true\n", "needs_allow_list = \"allways\"\n",
     ":17:20: 'needs_allow_list' in [permissions.WRITE] must be true or false, not a string."},
    {"sub_account_word_unknown", "needs_allow_list = true\n",
     "needs_allow_list = true\nsub_account = \"askd\"\n",
     ":18:15: 'sub_account' in [permissions.WRITE] cannot be 'askd'; it is one of 'never', "
     "'asked', "
     "'ed25519', 'always'. Did you mean 'asked'?"},
    {"sub_account_asked_by_no_name", "needs_allow_list = true\n",
     "needs_allow_list = true\nsub_account = \"asked\"\n",
     ":18:15: 'sub_account_field' in [permissions.WRITE] belongs to sub_account = \"asked\" or "
     "\"ed25519\", and to nothing else."},
    {"managing_keys_from_anywhere", "needs_allow_list = true\n",
     "needs_allow_list = true\nmanages_keys = true\n",
     ":18:16: A permission that manages keys must have needs_allow_list = \"always\", and cannot "
     "be "
     "a default or be given by the calls of sub-accounts."},
    {"managing_keys_passed_on", "needs_allow_list = true\n",
     "needs_allow_list = \"always\"\nmanages_keys = true\nsub_account = \"always\"\n",
     ":18:16: A permission that manages keys must have needs_allow_list = \"always\", and cannot "
     "be "
     "a default or be given by the calls of sub-accounts."},
    {"management_of_all_from_anywhere", "needs_allow_list = true\n",
     "needs_allow_list = true\nmanagement = \"read_all\"\n",
     ":18:14: A permission to read or manage all accounts must have needs_allow_list = "
     "\"always\"."},
    {"management_from_anywhere", "needs_allow_list = true\n",
     "needs_allow_list = false\nmanagement = \"manage_own\"\n",
     ":18:14: A permission to manage an account must need an IP allow-list: a thief could end "
     "every "
     "API key of it."},
    {"management_passed_on", "needs_allow_list = true\n",
     "needs_allow_list = true\nsub_account = \"always\"\nmanagement = \"read_own\"\n",
     ":19:14: A permission that opens the management API cannot be a default, be given by the "
     "calls "
     "of sub-accounts, or manage keys over the gateway."},
    {"management_that_is_no_scope", "needs_allow_list = true\n",
     "needs_allow_list = true\nmanagement = \"all\"\n",
     ":18:14: 'management' in [permissions.WRITE] cannot be 'all'; it is one of 'none', "
     "'read_own', 'manage_own', 'read_all', 'manage_all'."},
    {"permission_key_unknown", R"(risk = "A thief writes.")",
     "risk = \"A thief writes.\"\nrsik = \"\"",
     ":16:1: Unknown key 'rsik' in [permissions.WRITE]. Did you mean 'risk'?"},
    {"restriction_is_no_name", R"(["canWrite"])", R"(["can write"])",
     ":16:20: 'can write' is not a parameter name: 1 to 64 letters, digits, '_', '.' and '-'."},
    {"restrictions_hold_a_number", R"(["canWrite"])", "[1]",
     ":16:21: 'api_restrictions' in [permissions.WRITE] must hold strings, not a whole number."},
    {"table_max_zero", "table_max = 1000", "table_max = 0",
     ":20:13: 'table_max' in [limits] must be 1 to 100000000, not 0."},
    {"ban_shorter_at_the_end", "after_refused = 3",
     "after_refused = 3\nfirst_seconds = 60\nlongest_seconds = 59",
     ":25:19: 'longest_seconds' in [limits.ban] is below 'first_seconds'."},
    {"limit_zero", "limit = 10", "limit = 0",
     ":28:9: 'limit' in [[limits.rules]] must be 1 to 1000000000, not 0."},
    {"limit_type_unknown", R"("request_weight")", R"("request_wieght")",
     ":26:8: 'type' in [[limits.rules]] cannot be 'request_wieght'; it is one of 'request_weight', "
     "'orders', 'raw_requests', 'account_weight'. Did you mean 'request_weight'?"},
    {"interval_unknown", R"(interval = "minute")", R"(interval = "week")",
     ":27:12: 'interval' in [[limits.rules]] cannot be 'week'; it is one of 'second', 'minute', "
     "'hour', 'day'."},
    {"window_that_does_not_divide_a_day", R"(interval = "minute")",
     "interval = \"minute\"\ncount = 7",
     ":28:9: A window of 7 MINUTE does not divide a day, so it could not follow the calendar."},
    {"window_longer_than_a_day", R"(interval = "minute")", "interval = \"day\"\ncount = 2",
     ":28:9: A window of 2 DAY does not divide a day, so it could not follow the calendar."},
    {"orders_of_an_address", R"(type = "request_weight")", "type = \"orders\"\nper = \"address\"",
     R"(:27:7: Orders are counted per account: leave out 'per' or write "account".)"},
    {"account_weight_of_an_address", R"(type = "request_weight")",
     "type = \"account_weight\"\nper = \"address\"",
     R"(:27:7: Account weight is counted per account: leave out 'per' or write "account".)"},
    {"usage_header_is_reserved", R"("X-Used")", R"("Retry-After")",
     ":29:43: 'Retry-After' is a header with a meaning of its own."},
    {"usage_header_prefix", R"("/v1/")", R"("v1/")", ":29:28: 'v1/' does not begin with '/'."},
    {"rules_hold_no_tables",
     "[[limits.rules]]\ntype = \"request_weight\"\ninterval = \"minute\"\nlimit = 10\nheaders = [{ "
     "path_prefix = \"/v1/\", name = \"X-Used\" }]",
     "[limits.x]", ":25:9: Unknown key 'x' in [limits]."},
    {"format_unknown", R"(format = "binance")", R"(format = "binanse")",
     ":32:10: 'format' in [answers] cannot be 'binanse'; it is one of 'binance', 'problem'. Did "
     "you mean 'binance'?"},
    {"reason_unknown", "internal = {", "timestamp_aheda = {",
     ":35:1: 'timestamp_aheda' is not a reason; docs/errors.md lists them. Did you mean "
     "'timestamp_ahead'?"},
    {"reason_like_nothing", "internal = {", "moon_phase = {",
     ":35:1: 'moon_phase' is not a reason; docs/errors.md lists them."},
    {"status_of_a_success", "status = 500", "status = 200",
     ":35:23: 'status' in [answers.reasons.internal] must be 400 to 599, not 200."},
    {"code_missing", "code = -1001, ", "", ":35:12: [answers.reasons.internal] lacks 'code'."},
    {"code_positive", "code = -1001", "code = 1001",
     ":35:35: 'code' in [answers.reasons.internal] must be -99999 to -1, not 1001."},
    {"placeholder_unknown", R"("Broken.")", R"("Broken {when}.")",
     ":35:49: The text for 'internal' must be 1 to 512 printable ASCII characters (its html up to "
     "4096); the words {retry_after}, {limit}, {interval} and {banned_until} are for reasons of "
     "limits only, {parameter} for those that name one, and other words in braces are not known."},
    {"placeholder_where_no_limit_is", R"("Broken.")", R"("Broken; wait {retry_after}.")",
     ":35:49: The text for 'internal' must be 1 to 512 printable ASCII characters (its html up to "
     "4096); the words {retry_after}, {limit}, {interval} and {banned_until} are for reasons of "
     "limits only, {parameter} for those that name one, and other words in braces are not known."},
    {"text_empty", R"("Broken.")", R"("")",
     ":35:49: The text for 'internal' must be 1 to 512 printable ASCII characters (its html up to "
     "4096); the words {retry_after}, {limit}, {interval} and {banned_until} are for reasons of "
     "limits only, {parameter} for those that name one, and other words in braces are not known."},
    {"reason_is_no_table", R"(internal = { status = 500, code = -1001, text = "Broken." })",
     "internal = 5",
     R"(:35:12: [answers.reasons.internal] must be a table such as { status = 400, text = "..." }.)"},
    {"method_unknown", R"("POST /v1/items")", R"("SEND /v1/items")",
     R"(:46:9: A route is written "GET /path", with one of GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS and one blank; 'SEND /v1/items' is not.)"},
    {"method_in_lower_case", R"("POST /v1/items")", R"("post /v1/items")",
     R"(:46:9: A route is written "GET /path", with one of GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS and one blank; 'post /v1/items' is not.)"},
    {"two_blanks", R"("POST /v1/items")", R"("POST  /v1/items")",
     ":46:9: The path ' /v1/items' does not begin with '/'."},
    {"no_slash", R"("POST /v1/items")", R"("POST v1/items")",
     ":46:9: The path 'v1/items' does not begin with '/'."},
    {"dot_segment", R"("POST /v1/items")", R"("POST /v1/../items")",
     ":46:9: The path '/v1/../items' has a dot segment."},
    {"empty_segment", R"("POST /v1/items")", R"("POST /v1//items")",
     ":46:9: The path '/v1//items' has an empty segment."},
    {"percent_in_path", R"("POST /v1/items")", R"("POST /v1/%69tems")",
     ":46:9: The path '/v1/%69tems' has a segment that is neither plain text nor one {name} in "
     "lower case."},
    {"half_a_pattern", R"("POST /v1/items")", R"("POST /v1/x{item}")",
     ":46:9: The path '/v1/x{item}' has a segment that is neither plain text nor one {name} in "
     "lower case."},
    {"two_patterns_of_one_name", R"("POST /v1/items")", R"("POST /v1/{a}/{a}")",
     ":46:9: The path '/v1/{a}/{a}' has two segments of one name."},
    {"security_missing", "security = \"signed\"\npermissions = [\"WRITE\"]",
     R"(permissions = ["WRITE"])", R"(:46:1: [routes."POST /v1/items"] lacks 'security'.)"},
    {"security_unknown", R"(security = "public")", R"(security = "pubic")",
     R"(:38:33: 'security' in [routes."GET /v1/status"] cannot be 'pubic'; it is one of 'public', 'signed'. Did you mean 'public'?)"},
    {"permissions_missing", "permissions = [\"WRITE\"]\n", "",
     R"(:46:9: The signed route 'POST /v1/items' lacks 'permissions': a list of which the key must hold one, or "any".)"},
    {"permissions_empty", R"(permissions = ["WRITE"])", "permissions = []",
     R"(:48:15: 'permissions' is empty; when any key will do, write permissions = "any".)"},
    {"permission_unknown", R"(permissions = ["WRITE"])", R"(permissions = ["WRTIE"])",
     ":48:15: [permissions] has no 'WRTIE'. Did you mean 'WRITE'?"},
    {"permissions_a_word", R"(permissions = ["WRITE"])", R"(permissions = "all")",
     R"(:48:15: 'permissions' is a list such as ["READ"], or "any"; not "all".)"},
    {"public_with_permissions", R"({ security = "public" })",
     R"({ security = "public", permissions = ["READ"] })",
     R"(:38:57: A public route asks for no permission: leave out 'permissions', or write security = "signed".)"},
    {"public_with_orders", R"({ security = "public" })", R"({ security = "public", orders = 1 })",
     ":38:52: A public route has no account and no key, so 'orders' means nothing there."},
    {"public_answered_by_the_authority", R"({ security = "public" })",
     R"({ security = "public", handler = "authority.self_revoke", effect = "change" })",
     ":38:53: The authority answers signed routes only."},
    {"self_revoke_that_may_be_repeated", "orders = 1",
     "orders = 1\nhandler = \"authority.self_revoke\"\neffect = \"read\"",
     R"(:51:10: A self-revoke must have effect = "change": a captured request must not serve twice.)"},
    {"route_of_keys_that_may_be_repeated", "orders = 1",
     "orders = 1\nhandler = \"authority.sub_account_list_keys\"\neffect = \"read\"",
     R"(:51:10: A route that manages keys must have effect = "change": a signed text received anywhere before must not serve here.)"},
    {"route_of_keys_for_other_permissions", "orders = 1",
     "orders = 1\nhandler = \"authority.sub_account_list_keys\"",
     ":48:15: A route that manages keys must ask for permissions with manages_keys = true, and for "
     "no others."},
    {"route_of_keys_for_anybody", "permissions = [\"WRITE\"]\norders = 1",
     "permissions = \"any\"\nhandler = \"authority.sub_account_list_keys\"",
     ":48:15: A route that manages keys must ask for permissions with manages_keys = true, and for "
     "no others."},
    {"public_with_account_weight", R"({ security = "public" })",
     R"({ security = "public", account_weight = 1 })",
     ":38:60: A public route has no account and no key, so 'account_weight' means nothing there."},
    {"route_key_unknown", "weight = 2\n", "wieght = 2\n",
     R"(:43:1: Unknown key 'wieght' in [routes."GET /v1/items/{item}"]. Did you mean 'weight'?)"},
    {"weight_above_its_range", "weight = 2\n", "weight = 100001\n",
     R"(:43:10: 'weight' in [routes."GET /v1/items/{item}"] must be 0 to 100000, not 100001.)"},
    {"weight_rule_without_condition", ", above = 100", "",
     ":44:16: A row of 'weight_when' needs exactly one of 'absent', 'present', 'above' and "
     "'items_above'."},
    {"weight_rule_with_two_conditions", "above = 100", "above = 100, present = true",
     ":44:16: A row of 'weight_when' needs exactly one of 'absent', 'present', 'above' and "
     "'items_above'."},
    {"weight_rule_that_is_false", "above = 100", "present = false",
     ":44:49: Write present = true, or leave the row out."},
    {"weight_rule_is_no_table", R"([{ parameter = "limit", above = 100, weight = 5 }])",
     R"(["limit"])",
     R"(:44:16: 'weight_when' must hold tables such as { parameter = "limit", above = 100, weight = 25 }.)"},
    {"weight_rule_of_a_reserved_parameter", R"(parameter = "limit")", R"(parameter = "timestamp")",
     ":44:15: 'timestamp' is a reserved parameter of [signing]."},
    {"symbol_is_reserved", R"(symbol_parameter = "item")", R"(symbol_parameter = "recvWindow")",
     ":50:20: 'recvWindow' is a reserved parameter of [signing]."},
    {"symbol_may_repeat", R"(repeats = ["tag"])", R"(repeats = ["item"])",
     ":51:11: The symbol parameter may not be repeated."},
    {"body_size_where_no_body_is", "weight = 2\n", "weight = 2\nmax_body_bytes = 5\n",
     ":44:18: This route takes no body; leave out 'max_body_bytes'."},
    {"route_is_no_table", R"({ security = "public" })", R"("public")",
     R"(:38:20: The route 'GET /v1/status' must be a table such as { security = "public" }.)"},
    {"handler_unknown", "orders = 1", "orders = 1\nhandler = \"authority.self_revok\"",
     R"(:50:11: 'handler' in [routes."POST /v1/items"] cannot be 'authority.self_revok'; it is one of 'upstream', 'authority.api_restrictions', 'authority.self_revoke', 'authority.sub_account_create_key', 'authority.sub_account_create_key_v2', 'authority.sub_account_list_keys', 'authority.sub_account_revoke_key', 'authority.sub_account_set_permissions', 'authority.sub_account_add_addresses', 'authority.sub_account_show_addresses', 'authority.sub_account_remove_addresses'. Did you mean 'authority.self_revoke'?)"},
    {"effect_unknown", "orders = 1", "orders = 1\neffect = \"chagne\"",
     R"(:50:10: 'effect' in [routes."POST /v1/items"] cannot be 'chagne'; it is one of 'read', 'change', 'order', 'cancel'. Did you mean 'change'?)"},
};

INSTANTIATE_TEST_SUITE_P(Rows, ProfileFault, testing::ValuesIn(kFaults),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ProfileParse, ReadsTheTextThatTheFaultsAreMadeFrom) {
  EXPECT_EQ(error_of(small_profile::kText), "");
}

TEST(ProfileParse, AClashOfPatternsNamesBothRoutes) {
  const std::string text =
      std::string(small_profile::kText) +
      "[routes.\"GET /v1/items/{other}\"]\nsecurity = \"signed\"\npermissions = \"any\"\n";

  EXPECT_EQ(error_of(text),
            "small.toml:53:9: The route 'GET /v1/items/{other}' matches the same requests as 'GET "
            "/v1/items/{item}'.");
}

TEST(ProfileParse, WhatTheDocumentShowsOfAFaultIsShortAndPrintable) {
  const std::string long_name(100, 'a');

  EXPECT_EQ(error_of(changed("\"X-Key\"", "\"\\u001b[31m\"")),
            "small.toml:5:18: '?[31m' is not the name of a header.");
  EXPECT_EQ(error_of(changed("\"X-Key\"", "\"" + long_name + "\"")),
            "small.toml:5:18: '" + long_name.substr(0, 64) + "...' is not the name of a header.");
}

// The library asserts that a name follows; a document must not end the process.
TEST(ProfileParse, ATableHeaderWithoutANameIsAnErrorAndNoCrash) {
  EXPECT_EQ(error_of(changed("[[limits.rules]]", "[[[limits.rules]]]")),
            "small.toml:25:1: A table's name begins with a character that no name begins with: is "
            "there a '[' too many?");
  EXPECT_NE(error_of("[."), "");
  EXPECT_NE(error_of("[ ="), "");
  EXPECT_NE(error_of("[[\n"), "");
}

// Found by fuzzing: the library quotes the line end that it stumbled over.
TEST(ProfileParse, NoErrorHoldsAControlCharacter) {
  for (const std::string_view text : {"a = fa\nb = 1\n", "a = \x1b[31m\n", "a = nul\0"}) {
    const std::string error = error_of(text);
    EXPECT_NE(error, "");
    EXPECT_TRUE(std::ranges::all_of(error, [](char c) { return c >= 0x20 && c <= 0x7e; })) << error;
  }
}

// Found by fuzzing: the library asks of every letter outside of strings whether it is a blank, and
// some letters had no answer.
TEST(ProfileParse, LettersOfOtherScriptsOutsideOfStringsAreErrorsAndNoCrash) {
  for (const std::string_view letter :
       {"\xc3\xa9", "\xc7\xbf", "\xd0\xb6", "\xe1\x9a\x81", "\xe2\x80\x8c", "\xe3\x80\x81",
        "\xef\xbb\xbe", "\xf0\x9f\x94\x91"}) {
    EXPECT_NE(error_of(std::string(letter) + " = 1\n"), "");
    EXPECT_NE(error_of("a = 1" + std::string(letter) + "\n"), "");
    EXPECT_NE(error_of("a" + std::string(letter) + " = 1\n"), "");
    EXPECT_NE(error_of("[" + std::string(letter) + "]\n"), "");
    EXPECT_EQ(error_of(changed("A small API", "A " + std::string(letter))), "");
    EXPECT_EQ(error_of("# " + std::string(letter) + "\n" + std::string(small_profile::kText)), "");
  }
}

TEST(ProfileParse, RefusesWhatIsNoText) {
  EXPECT_NE(error_of(std::string_view("\xff\xfe\x00name", 7)), "");
  EXPECT_NE(error_of("name = \"a\xc0\xaf\""), "");
  EXPECT_NE(error_of(""), "");
}

// ---- what is left out has the default that the manual promises

TEST(ProfileParse, FillsInWhatIsLeftOut) {
  const Profile profile = parse(small_profile::kText);

  EXPECT_EQ(profile.signing().api_key_parameter, "apiKey");
  EXPECT_EQ(profile.signing().signature_parameter, "signature");
  EXPECT_EQ(profile.signing().timestamp_parameter, "timestamp");
  EXPECT_EQ(profile.signing().recv_window_parameter, "recvWindow");
  EXPECT_EQ(profile.signing().signature_position, SignaturePosition::kAnywhere);
  EXPECT_EQ(profile.signing().same_name_in_query_and_body, SameName::kRefuse);
  EXPECT_EQ(profile.signing().replayed_orders, ReplayedOrders::kRefuse);
  EXPECT_EQ(profile.limits().bad_signatures_per_minute, 20U);
  EXPECT_EQ(profile.limits().rules.at(0).count, 1U);
  EXPECT_EQ(profile.limits().rules.at(0).owner, LimitOwner::kAddress);
}

TEST(ProfileParse, ARouteThatChangesThingsSaysSoByItsMethod) {
  const Profile profile = parse(small_profile::kText);
  const Route& reading = profile.routes()[1];
  const Route& writing = profile.routes()[2];

  EXPECT_EQ(reading.effect, Effect::kRead);
  EXPECT_EQ(reading.body, BodyRule::kNone);
  EXPECT_EQ(writing.effect, Effect::kChange);
  EXPECT_EQ(writing.body, BodyRule::kForm);
  EXPECT_EQ(writing.weight, 1U);
  EXPECT_FALSE(writing.on_success_weight.has_value());
  EXPECT_EQ(writing.handler, Handler::kUpstream);
  EXPECT_FALSE(writing.upstream_timeout.has_value());
}

TEST(ProfileParse, SetsOfPermissionsFollowFromTheirRows) {
  const Profile profile = parse(small_profile::kText);
  const PermissionSet read = profile.permissions().find("READ").value();
  const PermissionSet write = profile.permissions().find("WRITE").value();

  EXPECT_EQ(profile.default_permissions(), read);
  EXPECT_EQ(profile.permissions_needing_allow_list(), write);
  EXPECT_EQ(profile.routes()[2].permissions, write);
  ASSERT_EQ(profile.api_restriction_fields().size(), 1U);
  EXPECT_EQ(profile.api_restriction_fields()[0].name, "canWrite");
  EXPECT_EQ(profile.api_restriction_fields()[0].any_of, write);
}

TEST(ProfileParse, UsageHeadersStandWhereTheirPathsAndOrdersAre) {
  const std::string text = changed("[[limits.rules]]", R"([[limits.rules]]
type = "orders"
interval = "day"
limit = 5
headers = [{ name = "X-Orders" }]

[[limits.rules]])");
  const Profile profile = parse(text);

  EXPECT_EQ(profile.routes()[0].usage_headers,
            (std::vector<UsageHeader>{{.rule = 1, .name = "X-Used"}}));
  EXPECT_EQ(
      profile.routes()[2].usage_headers,
      (std::vector<UsageHeader>{{.rule = 0, .name = "X-Orders"}, {.rule = 1, .name = "X-Used"}}));
}

// ---- each limit, at it and one past it

struct LimitCase {
  std::string_view name;
  std::string at;
  std::string past;
  std::string_view error;  // a part of it
};

std::string times(std::size_t count, std::string_view piece) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += piece;
  }
  return text;
}

// numbered repeats a piece with '#' replaced by 1, 2, ...
std::string numbered(std::size_t count, std::string_view piece) {
  std::string text;
  for (std::size_t i = 1; i <= count; ++i) {
    text += replaced(piece, "#", std::to_string(i));
  }
  return text;
}

std::string with_routes(std::size_t count) {
  return std::string(small_profile::kText) +
         numbered(count - 3, "[routes.\"GET /v2/x#\"]\nsecurity = \"public\"\n");
}

std::string with_permissions(std::size_t count) {
  return changed(
      "[limits]\n",
      numbered(count - 2,
               "[permissions.P#]\nlabel = \"a\"\nrisk = \"b\"\nneeds_allow_list = true\n") +
          "[limits]\n");
}

std::string with_rules(std::size_t count) {
  return changed("[[limits.rules]]", numbered(count - 1,
                                              "[[limits.rules]]\ntype = \"raw_requests\"\n"
                                              "interval = \"minute\"\nlimit = #\n") +
                                         "[[limits.rules]]");
}

std::string with_headers(std::size_t count) {
  return changed(R"([{ path_prefix = "/v1/", name = "X-Used" }])",
                 "[" + numbered(count, "{ name = \"X-Used-#\" },") + "]");
}

std::string with_weight_rules(std::size_t count) {
  return changed(R"([{ parameter = "limit", above = 100, weight = 5 }])",
                 "[" + numbered(count, "{ parameter = \"limit\", above = #, weight = 5 },") + "]");
}

std::string with_repeats(std::size_t count) {
  return changed(R"(["tag"])", "[" + numbered(count, "\"tag#\",") + "]");
}

std::string with_path(std::string_view path) {
  return changed("\"POST /v1/items\"", "\"POST " + std::string(path) + "\"");
}

std::string with_answer(std::string_view value) {
  return changed("text = \"Broken.\"", std::string(value));
}

std::string of_size(std::size_t size) {
  const std::string text(small_profile::kText);
  const std::size_t rest = size - text.size();
  return text + "#" + std::string(rest - 1, 'x');
}

std::vector<LimitCase> limit_cases() {
  return {
      {"bytes", of_size(Profile::kTextSizeMax), of_size(Profile::kTextSizeMax + 1),
       "small.toml: The file is longer than 1048576 bytes."},
      {"routes", with_routes(4096), with_routes(4097), "must have 1 to 4096 routes, not 4097."},
      {"permissions", with_permissions(32), with_permissions(33),
       "must have 1 to 32 tables, not 33."},
      {"limit_rules", with_rules(8), with_rules(9), "has 9 entries; at most 8 are allowed."},
      {"headers_of_a_rule", with_headers(16), with_headers(17),
       "has 17 entries; at most 16 are allowed."},
      {"weight_rules", with_weight_rules(8), with_weight_rules(9),
       "has 9 entries; at most 8 are allowed."},
      {"repeats", with_repeats(8), with_repeats(9), "has 9 entries; at most 8 are allowed."},
      {"path_characters", with_path("/" + std::string(255, 'p')),
       with_path("/" + std::string(256, 'p')), "is longer than 256 characters."},
      {"path_segments", with_path(times(16, "/p")), with_path(times(17, "/p")),
       "has more than 16 segments."},
      {"weight", changed("weight = 2", "weight = 100000"), changed("weight = 2", "weight = 100001"),
       "must be 0 to 100000, not 100001."},
      {"orders", changed("orders = 1", "orders = 100"), changed("orders = 1", "orders = 101"),
       "must be 0 to 100, not 101."},
      {"body", changed("= 4096", "= 67108864"), changed("= 4096", "= 67108865"),
       "must be 1 to 67108864, not 67108865."},
      {"timeout", changed("orders = 1", "timeout_ms = 600000"),
       changed("orders = 1", "timeout_ms = 600001"), "must be 1 to 600000, not 600001."},
      {"limit", changed("limit = 10", "limit = 1_000_000_000"),
       changed("limit = 10", "limit = 1_000_000_001"), "must be 1 to 1000000000"},
      {"answer_text", with_answer("text = \"" + std::string(512, 't') + "\""),
       with_answer("text = \"" + std::string(513, 't') + "\""), "1 to 512 printable"},
      {"answer_html", with_answer("html = \"" + std::string(4096, 't') + "\""),
       with_answer("html = \"" + std::string(4097, 't') + "\""), "html up to 4096"},
      {"title", changed("A small API", std::string(300, 't')),
       changed("A small API", std::string(301, 't')), "is not 1 to 300 bytes"},
      {"name", changed("\"small\"", "\"" + std::string(32, 'n') + "\""),
       changed("\"small\"", "\"" + std::string(33, 'n') + "\""), "1 to 32 lower-case letters"},
      {"header_name", changed("X-Key", std::string(64, 'h')),
       changed("X-Key", std::string(65, 'h')), "is not the name of a header."},
      {"parameter_name", changed("\"item\"", "\"" + std::string(64, 'p') + "\""),
       changed("\"item\"", "\"" + std::string(65, 'p') + "\""), "is not a parameter name"},
      {"dots_in_a_line", changed("A small API", std::string(64, '.')),
       changed("A small API", std::string(65, '.')), "This line has more than 64 dots."},
      {"ban_seconds", changed("after_refused = 3", "longest_seconds = 2_592_000"),
       changed("after_refused = 3", "longest_seconds = 2_592_001"), "must be 1 to 2592000"},
  };
}

class ProfileLimit : public testing::TestWithParam<LimitCase> {};

TEST_P(ProfileLimit, HoldsAtItAndNotOnePast) {
  EXPECT_EQ(error_of(GetParam().at), "");
  const std::string past = error_of(GetParam().past);
  EXPECT_NE(past.find(GetParam().error), std::string::npos) << past;
}

INSTANTIATE_TEST_SUITE_P(Rows, ProfileLimit, testing::ValuesIn(limit_cases()),
                         [](const auto& row) { return std::string(row.param.name); });

// Nesting is bounded before the document becomes a tree that is destroyed by recursion.
TEST(ProfileParse, DeepNestingIsAnErrorAndNoCrash) {
  EXPECT_NE(error_of("a = " + std::string(100'000, '[') + std::string(100'000, ']')), "");
  EXPECT_NE(error_of(times(100'000, "[") + "a"), "");
}

}  // namespace
}  // namespace counterfoil
