#include "policy/answers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "policy/quote.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr std::int32_t kUnknownErrorCode = -1000;  // the vendor's "unknown error"
constexpr std::size_t kTextSizeMax = 512;
constexpr std::size_t kHtmlSizeMax = 4096;

enum class Placeholder : std::uint8_t { kRetryAfter, kLimit, kInterval, kBannedUntil, kParameter };
struct PlaceholderName {
  std::string_view name;
  Placeholder placeholder;
};
constexpr auto kPlaceholders = std::to_array<PlaceholderName>({
    {"retry_after", Placeholder::kRetryAfter},
    {"limit", Placeholder::kLimit},
    {"interval", Placeholder::kInterval},
    {"banned_until", Placeholder::kBannedUntil},
    {"parameter", Placeholder::kParameter},
});

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

// Piece is a run of fixed text, and the word in braces that follows it, if one does. Braces around
// anything but a word of [a-z_] are fixed text: error texts quote regular expressions, and JSON is
// full of them.
struct Piece {
  std::string_view fixed;
  std::optional<std::string_view> word;
};

Piece take_piece(std::string_view& rest) {
  for (std::size_t open = rest.find('{'); open != std::string_view::npos;
       open = rest.find('{', open + 1)) {
    std::size_t end = open + 1;
    while (end < rest.size() && is_word_character(rest[end])) {
      ++end;
    }
    if (end > open + 1 && end < rest.size() && rest[end] == '}') {
      const Piece piece{rest.substr(0, open), rest.substr(open + 1, end - open - 1)};
      rest.remove_prefix(end + 1);
      return piece;
    }
  }
  return {std::exchange(rest, {}), std::nullopt};
}

std::optional<Placeholder> find_placeholder(std::string_view word) {
  const auto found = std::ranges::find(kPlaceholders, word, &PlaceholderName::name);
  return found == kPlaceholders.end() ? std::nullopt : std::optional(found->placeholder);
}

void append_value(Placeholder placeholder, const AnswerContext& context, std::string& out) {
  switch (placeholder) {
    case Placeholder::kRetryAfter:
      out += std::to_string(context.retry_after.count());
      return;
    case Placeholder::kLimit:
      out += std::to_string(context.limit);
      return;
    case Placeholder::kInterval:
      out += context.interval;
      return;
    case Placeholder::kBannedUntil:
      out += std::to_string(to_unix_ms(context.banned_until));
      return;
    case Placeholder::kParameter:
      out += context.parameter;
      return;
  }
  std::unreachable();
}

void fill_in(std::string_view pattern, const AnswerContext& context, std::string& out) {
  while (!pattern.empty()) {
    const Piece piece = take_piece(pattern);
    out += piece.fixed;
    if (piece.word) {
      // set() let no unknown word pass.
      append_value(find_placeholder(*piece.word).value_or(Placeholder::kRetryAfter), context, out);
    }
  }
}

bool names_a_parameter(Reason reason) {
  return reason == Reason::kParameterMissing || reason == Reason::kParameterInvalid ||
         reason == Reason::kParameterNotExpected;
}

// may_hold: who is told this reason has something to put in the placeholder's place.
bool may_hold(Reason reason, Placeholder placeholder) {
  return placeholder == Placeholder::kParameter ? names_a_parameter(reason)
                                                : describe(reason).category == Category::kLimited;
}

// read_words: does `text` hold placeholders, and may the answer for `reason` hold all of them?
struct Words {
  bool any = false;
  bool all_fit = true;
};
Words read_words(std::string_view text, Reason reason) {
  Words words;
  while (!text.empty()) {
    const Piece piece = take_piece(text);
    if (piece.word) {
      const auto placeholder = find_placeholder(*piece.word);
      words.any = true;
      words.all_fit = words.all_fit && placeholder && may_hold(reason, *placeholder);
    }
  }
  return words;
}

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// title_of is the status code's own phrase (RFC 9110 section 15), so that a problem's title tells
// no more than its status does (RFC 9457 section 4.2.1).
std::string_view title_of(std::uint16_t status) {
  struct Row {
    std::uint16_t status;
    std::string_view title;
  };
  static constexpr auto kTitles = std::to_array<Row>({
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  });
  const auto found = std::ranges::find(kTitles, status, &Row::status);
  if (found != kTitles.end()) {
    return found->title;
  }
  return status < 500 ? "Request Refused" : "Server Error";
}

std::string body_of(AnswerFormat format, std::uint16_t status, std::int32_t code,
                    std::string_view text) {
  switch (format) {
    case AnswerFormat::kBinance:
      return R"({"code":)" + std::to_string(code) + R"(,"msg":)" + quote(text) + "}";
    case AnswerFormat::kProblem:
      return R"({"type":"about:blank","title":)" + quote(title_of(status)) + R"(,"status":)" +
             std::to_string(status) + R"(,"detail":)" + quote(text) + "}";
  }
  std::unreachable();
}

std::string_view content_type_of(AnswerFormat format) {
  switch (format) {
    case AnswerFormat::kBinance:
      return "application/json;charset=UTF-8";
    case AnswerFormat::kProblem:
      return "application/problem+json";
  }
  std::unreachable();
}

}  // namespace

Answers Answers::with_defaults(AnswerFormat format) {
  Answers answers(format);
  const std::int32_t code = format == AnswerFormat::kBinance ? kUnknownErrorCode : 0;
  for (const ReasonRow& row : kReasons) {
    const auto status = static_cast<std::uint16_t>(http_status(row.category));
    const bool taken = answers.set(row.reason, status, code, public_text(row.category), "");
    if (!taken) {
      std::unreachable();  // The texts are constants; answers_test reads all of them.
    }
  }
  return answers;
}

bool Answers::set(Reason reason, std::uint16_t status, std::int32_t code, std::string_view text,
                  std::string_view html) {
  const Words words = read_words(text, reason);
  const Category category = describe(reason).category;
  const bool is_limited = category == Category::kLimited;
  if (status < 400 || status > 599 || text.empty() || text.size() > kTextSizeMax ||
      html.size() > kHtmlSizeMax || !is_printable_ascii(text) || !is_printable_ascii(html) ||
      !words.all_fit) {
    return false;
  }
  answers_[static_cast<std::size_t>(reason)] =
      Answer{.reason = reason,
             .status = status,
             .content_type = content_type_of(format_),
             .code = code,
             .text = std::string(text),
             .body = body_of(format_, status, code, text),
             .has_placeholders = words.any,
             .retry_after = is_limited || category == Category::kUnavailable,
             .html = std::string(html)};
  return true;
}

void Answers::render(Reason reason, const AnswerContext& context, Rendered& out) const {
  const Answer& answer = this->answer(reason);
  out.status = answer.status;
  out.content_type = answer.content_type;
  out.retry_after = answer.retry_after ? context.retry_after : std::chrono::seconds(0);
  if (!answer.has_placeholders) {
    out.body = answer.body;
    return;
  }
  out.storage.clear();
  fill_in(answer.body, context, out.storage);
  out.body = out.storage;
}

std::string Answers::render_text(Reason reason, const AnswerContext& context) const {
  std::string text;
  fill_in(answer(reason).text, context, text);
  return text;
}

}  // namespace counterfoil
