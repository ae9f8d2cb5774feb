#include "venue/json_writer.h"

#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/decimal.h"

namespace counterfoil::venue {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char character : value) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out.push_back('\\');
      out.push_back(character);
    } else if (byte < 0x20 || byte >= 0x7F) {
      out += "\\u00";
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 0x0FU]);
    } else {
      out.push_back(character);
    }
  }
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  text(name);
  out_.push_back(':');
}

void JsonWriter::text(std::string_view name, std::string_view value) {
  key(name);
  text(value);
}

void JsonWriter::amount(std::string_view name, Decimal value) {
  key(name);
  amount(value);
}

void JsonWriter::time(std::string_view name, Timestamp value) {
  key(name);
  time(value);
}

void JsonWriter::text(std::string_view value) {
  separate();
  out_.push_back('"');
  append_escaped(out_, value);
  out_.push_back('"');
}

void JsonWriter::amount(Decimal value) {
  separate();
  out_.push_back('"');
  value.append_to(out_);
  out_.push_back('"');
}

void JsonWriter::time(Timestamp value) {
  number(unit_ == TimeUnit::kMicrosecond ? to_unix_us(value) : to_unix_ms(value));
}

void JsonWriter::separate() {
  // Whatever ended before ended with one of these or with a value.
  if (!out_.empty() && std::string_view("{[:,").find(out_.back()) == std::string_view::npos) {
    out_.push_back(',');
  }
}

void JsonWriter::open(char bracket) {
  separate();
  out_.push_back(bracket);
}

void JsonWriter::literal(std::string_view word) {
  separate();
  out_.append(word);
}

}  // namespace counterfoil::venue
