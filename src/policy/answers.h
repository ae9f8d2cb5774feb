#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "verify/reason.h"

namespace counterfoil {

// AnswerFormat is the form of a refusal's body.
enum class AnswerFormat : std::uint8_t {
  kBinance,  // {"code":-1022,"msg":"..."}
  kProblem,  // RFC 9457 problem details, application/problem+json
};

// AnswerContext is what a refusal's text may tell beyond fixed words. Nothing in it comes from the
// request (control S-84). Borrowed views: from the limit keeper, which outlives the request, or of
// constants.
struct AnswerContext {
  std::chrono::seconds retry_after{0};  // {retry_after}; 0: not known
  std::uint64_t limit = 0;              // {limit}: the limit that was exceeded
  std::string_view interval;            // {interval}: "1 MINUTE"
  Timestamp banned_until{};             // {banned_until}: in unix milliseconds
  std::string_view parameter = {};      // {parameter}: the name that a call's parameter has
};

// Answer is what a caller gets for one Reason, prepared when the profile was loaded.
struct Answer {
  Reason reason = Reason::kInternal;
  std::uint16_t status = 500;
  std::string_view content_type;  // static storage
  std::int32_t code = 0;          // kBinance: the body's code; kProblem: 0
  std::string text;               // the msg or detail, perhaps with placeholders
  std::string body;               // the whole body; the same placeholders
  bool has_placeholders = false;  // false: `body` is ready to be sent
  bool retry_after = false;       // a Retry-After header belongs to it, if the time is known
  std::string html;               // another body for callers whose Accept has text/html; or empty

  bool operator==(const Answer&) const = default;
};

inline constexpr std::string_view kHtmlContentType = "text/html;charset=UTF-8";

// Rendered is an answer filled in. `body` is a view of the profile's own bytes when nothing had to
// be filled in, else of `storage`; so a Rendered is not copied.
struct Rendered {
  Rendered() = default;
  Rendered(const Rendered&) = delete;
  Rendered& operator=(const Rendered&) = delete;
  Rendered(Rendered&&) = delete;
  Rendered& operator=(Rendered&&) = delete;
  ~Rendered() = default;

  std::uint16_t status = 500;
  std::string_view content_type;
  std::string_view body;
  std::chrono::seconds retry_after{0};  // above 0: send Retry-After
  std::string storage;
};

// Answers holds one Answer for every Reason. Immutable, read by many threads; lives in a Profile.
class Answers {
 public:
  // with_defaults answers every Reason by its category: http_status() and public_text(), so that
  // reasons of one category cannot be told apart.
  [[nodiscard]] static Answers with_defaults(AnswerFormat format);
  // set replaces the answer of one Reason. `text` is 1 to 512 printable ASCII characters; for
  // reasons of category kLimited it may hold {retry_after}, {limit}, {interval} and {banned_until},
  // for kParameterMissing, kParameterInvalid and kParameterNotExpected {parameter}.
  // Braces around anything but [a-z_]+ are plain text. `html` is up to 4096 printable ASCII
  // characters, sent as it is. false, and nothing changes: another placeholder or character, a
  // length beyond these, or a status that is not one of 400 to 599.
  [[nodiscard]] bool set(Reason reason, std::uint16_t status, std::int32_t code,
                         std::string_view text, std::string_view html);

  [[nodiscard]] const Answer& answer(Reason reason) const {
    return answers_[static_cast<std::size_t>(reason)];
  }
  // render fills in the answer for a caller. `out` may be used again and again; its storage keeps
  // its capacity.
  void render(Reason reason, const AnswerContext& context, Rendered& out) const;
  // render_text is the answer's text alone, for doors whose errors have a frame of their own
  // (WebSocket, FIX).
  [[nodiscard]] std::string render_text(Reason reason, const AnswerContext& context) const;
  [[nodiscard]] AnswerFormat format() const { return format_; }

  bool operator==(const Answers&) const = default;

 private:
  explicit Answers(AnswerFormat format) : format_(format) {}
  AnswerFormat format_;
  std::array<Answer, kReasonCount> answers_;
};

}  // namespace counterfoil
