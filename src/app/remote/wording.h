#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "base/time.h"

namespace counterfoil {

// short_id shows enough of an API key to know it by: "cfk1vmPU…4b2Q".
[[nodiscard]] std::string short_id(std::string_view api_key);

// relative writes how far a moment is away, in its two largest units: "in 6 d 4 h", "38 s ago".
[[nodiscard]] std::string relative(Timestamp time, Timestamp now);

// span_words writes a length of time in its two largest units: "6 d 4 h".
[[nodiscard]] std::string span_words(std::int64_t seconds);

// member reads a text of an answer; empty when it is absent or null.
[[nodiscard]] std::string member(const NodeJson& json, const char* name);
// time_member reads a time of an answer; nullopt when it is absent or null.
[[nodiscard]] std::optional<Timestamp> time_member(const NodeJson& json, const char* name);
// list_member joins a list of texts.
[[nodiscard]] std::string list_member(const NodeJson& json, const char* name,
                                      std::string_view between);

// split_list reads a comma list of the command line; blanks around entries are dropped.
[[nodiscard]] NodeJson split_list(std::string_view text);

// parse_expiry reads what --expires takes: "never" (a null), a span from now ("90d", "12h", "30m"),
// a date or a time of RFC 3339.
[[nodiscard]] std::expected<NodeJson, Failure> parse_expiry(const std::string& text, Timestamp now);
// parse_date reads a date ("2026-12-31", its first instant in UTC) or a time of RFC 3339.
[[nodiscard]] std::optional<Timestamp> parse_date(const std::string& text);
// parse_span reads "24h", "90d", "30m", "45s", "0".
[[nodiscard]] std::optional<std::chrono::seconds> parse_span(std::string_view text);

// go_on asks before something dangerous. Failure: nobody can be asked, or (kNo) the answer was no.
[[nodiscard]] std::expected<void, Failure> go_on(const CommandContext& context,
                                                 std::string_view question);
// cause_body is the body of a change that may have a cause.
[[nodiscard]] NodeJson cause_body(const std::string& cause);

// note_receipt says how the change in this answer came into force, and how to keep the proof;
// nothing when the answer has no receipt.
void note_receipt(CommandContext& context, const NodeJson& answer);

}  // namespace counterfoil
