#include "wire/json/json_members.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace counterfoil::json_text {
namespace {

constexpr std::uint32_t kHighSurrogate = 0xd800;
constexpr std::uint32_t kLowSurrogate = 0xdc00;
constexpr std::uint32_t kSurrogatesEnd = 0xe000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::uint32_t point, std::string& out) {
  const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xc0 | (point >> 6U));
    byte(0x80 | (point & 0x3fU));
  } else if (point < 0x10000) {
    byte(0xe0 | (point >> 12U));
    byte(0x80 | ((point >> 6U) & 0x3fU));
    byte(0x80 | (point & 0x3fU));
  } else {
    byte(0xf0 | (point >> 18U));
    byte(0x80 | ((point >> 12U) & 0x3fU));
    byte(0x80 | ((point >> 6U) & 0x3fU));
    byte(0x80 | (point & 0x3fU));
  }
}

// Reader walks one text. Each function takes what it names, or says false and the text is no JSON.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] std::optional<std::vector<Member>> whole(char open, char close) {
    std::vector<Member> members;
    skip_blanks();
    if (!list(open, close, &members)) {
      return std::nullopt;
    }
    skip_blanks();
    return at_ == text_.size() ? std::optional(std::move(members)) : std::nullopt;
  }

 private:
  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) {
      return false;
    }
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r') {
      ++at_;
    }
  }

  // list takes an object or array; its members go to `members` unless that is null.
  bool list(char open, char close, std::vector<Member>* members) {
    if (!take(open) || ++depth_ > kDepthMax) {
      return false;
    }
    skip_blanks();
    for (bool first = true; !take(close); first = false) {
      if (!first && !take(',')) {
        return false;
      }
      skip_blanks();
      Member member;
      if (!entry(open == '{', member)) {
        return false;
      }
      skip_blanks();
      if (members != nullptr) {
        if (members->size() == kMembersMax) {
          return false;
        }
        members->push_back(std::move(member));
      }
    }
    --depth_;
    return true;
  }

  bool entry(bool named, Member& member) {
    if (named) {
      if (!text(member.name)) {
        return false;
      }
      skip_blanks();
      if (!take(':')) {
        return false;
      }
      skip_blanks();
    }
    const std::size_t begin = at_;
    if (!value(member)) {
      return false;
    }
    member.raw = text_.substr(begin, at_ - begin);
    if (member.kind != Kind::kText) {
      member.text = member.raw;
    }
    return true;
  }

  bool value(Member& member) {
    switch (next()) {
      case '"':
        member.kind = Kind::kText;
        return text(member.text);
      case '{':
        member.kind = Kind::kObject;
        return list('{', '}', nullptr);
      case '[':
        member.kind = Kind::kArray;
        return list('[', ']', nullptr);
      case 't':
      case 'f':
        member.kind = Kind::kBoolean;
        return word(next() == 't' ? "true" : "false");
      case 'n':
        member.kind = Kind::kNull;
        return word("null");
      default:
        member.kind = Kind::kNumber;
        return number();
    }
  }

  bool word(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) {
      return false;
    }
    at_ += wanted.size();
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (is_digit(next())) {
      ++at_;
    }
    return at_ > begin;
  }
  bool number() {
    static_cast<void>(take('-'));
    if (!take('0') && !digits()) {
      return false;
    }
    if (take('.') && !digits()) {
      return false;
    }
    if (next() == 'e' || next() == 'E') {
      ++at_;
      if (next() == '+' || next() == '-') {
        ++at_;
      }
      return digits();
    }
    return true;
  }

  bool text(std::string& out) {
    if (!take('"')) {
      return false;
    }
    while (!take('"')) {
      const char c = next();
      if (static_cast<unsigned char>(c) < 0x20) {  // also the end of the text
        return false;
      }
      ++at_;
      if (c != '\\') {
        out.push_back(c);
      } else if (!escape(out)) {
        return false;
      }
    }
    return true;
  }

  bool escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = next();
    if (letter == 'u') {
      ++at_;
      return unicode(out);
    }
    const std::size_t which = letter == '\0' ? std::string_view::npos : kLetters.find(letter);
    if (which == std::string_view::npos) {
      return false;
    }
    ++at_;
    out.push_back(kMeanings[which]);
    return true;
  }

  std::optional<std::uint32_t> unit() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = next();
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c)) {
        value = (value * 16) + static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = (value * 16) + static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return value;
  }
  bool unicode(std::string& out) {
    auto point = unit();
    if (!point || (*point >= kLowSurrogate && *point < kSurrogatesEnd)) {
      return false;
    }
    if (*point >= kHighSurrogate && *point < kLowSurrogate) {
      const auto low = take('\\') && take('u') ? unit() : std::nullopt;
      if (!low || *low < kLowSurrogate || *low >= kSurrogatesEnd) {
        return false;
      }
      point = 0x10000 + ((*point - kHighSurrogate) << 10U) + (*low - kLowSurrogate);
    }
    append_utf8(*point, out);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::optional<std::vector<Member>> read_object(std::string_view text) {
  return Reader(text).whole('{', '}');
}

std::optional<std::vector<Member>> read_array(std::string_view text) {
  return Reader(text).whole('[', ']');
}

}  // namespace counterfoil::json_text
