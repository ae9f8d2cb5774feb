#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/pasted/pasted.h"

namespace counterfoil::pasted {

// What the readers of the single forms share, and one reader a form. Each reader appends to `out`
// and gives a fault: a sentence. A reader is asked only for texts that look like its form.
using Requests = std::vector<Request>;
using Done = std::expected<void, std::string>;

[[nodiscard]] Done read_curl(std::string_view text, Requests& out);
[[nodiscard]] Done read_har(std::string_view text, const Names& names, Requests& out);
[[nodiscard]] Done read_http(std::string_view text, Requests& out);
[[nodiscard]] Done read_fix(std::string_view text, Requests& out);
[[nodiscard]] Done read_frames(std::string_view text, const Names& names, Requests& out);
[[nodiscard]] Done read_log(std::string_view text, const Names& names, Requests& out);

// Whether a text looks like one of them.
[[nodiscard]] bool is_curl(std::string_view text);
[[nodiscard]] bool is_har(std::string_view text);
[[nodiscard]] bool is_http(std::string_view text);
[[nodiscard]] bool is_fix(std::string_view text);

// request_on gives an empty request of a form.
[[nodiscard]] Request request_on(std::size_t line, Form form);
// add appends a request, if no limit is passed by it.
[[nodiscard]] Done add(Request request, Requests& out);

// set_target takes a URL, an authority with a path, or a path, each with or without a query, apart.
// A fragment is left out, for no client sends it.
void set_target(Request& request, std::string_view target);
// is_method tells whether a word is a method of HTTP.
[[nodiscard]] bool is_method(std::string_view word);
// is_signed tells whether a request carries a signature, a timestamp or an API key where one of
// this API stands: such a request is worth a look in a log full of others.
[[nodiscard]] bool is_signed(const Request& request, const Names& names);
// holds_parameter finds `name=` at the beginning of a text or behind '&' or '?'.
[[nodiscard]] bool holds_parameter(std::string_view text, std::string_view name);

// find_answer looks for the JSON object of a refusal, {"code":…,"msg":…}, in a text.
[[nodiscard]] std::optional<Answer> find_answer(std::string_view text);
// take_line cuts one line off the front and gives it without its end.
[[nodiscard]] std::string_view take_line(std::string_view& text);
// line_of gives the number of the line on which an offset stands, from 1.
[[nodiscard]] std::size_t line_of(std::string_view text, std::size_t offset);
// object_at gives the JSON object that begins at an offset, up to its closing brace; empty: it is
// not closed. Braces inside of texts do not count.
[[nodiscard]] std::string_view object_at(std::string_view text, std::size_t offset);

}  // namespace counterfoil::pasted
