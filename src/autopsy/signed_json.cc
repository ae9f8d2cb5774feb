#include "autopsy/signed_json.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/form.h"
#include "autopsy/unicode.h"

namespace counterfoil::autopsy {
namespace {

// Which values stand without quotes.
enum class Bare : std::uint8_t { kNone, kIntegersOfTime, kNumbers, kWords };

struct Style {
  std::string_view comma;
  std::string_view colon;
  Bare bare;
};

bool is_bare(const Field& field, const std::string& value, Bare bare) {
  const bool time = is_timestamp(field) || is_recv_window(field);
  switch (bare) {
    case Bare::kNone:
      return false;
    case Bare::kIntegersOfTime:
      return time && is_digits(value);
    case Bare::kNumbers:
      return is_decimal(value) || value == "true" || value == "false" || value.starts_with('[') ||
             value.starts_with('{');
    case Bare::kWords:
      return !field.is_text || (time && is_digits(value)) || value == "true" || value == "false" ||
             value.starts_with('[');
  }
  std::unreachable();
}

std::string json_of(const std::vector<Field>& fields, const Style& style, NonAscii non_ascii) {
  std::string text = "{";
  for (const Field& field : fields) {
    const std::string& value = field.value;
    text += &field == &fields.front() ? "" : style.comma;
    text += quoted_json(field.name, non_ascii);
    text += style.colon;
    text += is_bare(field, value, style.bare) ? value : quoted_json(value, non_ascii);
  }
  return text + "}";
}

bool has_non_ascii(const Form& form) {
  for (const Field& field : form.fields) {
    for (const char c : field.value) {
      if (static_cast<unsigned char>(c) >= 0x80) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::string quoted_json(std::string_view text, NonAscii non_ascii) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  out += '"';
  if (non_ascii == NonAscii::kEscaped) {
    if (const auto units = utf16_units(out)) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out.clear();
      for (const std::uint16_t unit : *units) {
        if (unit < 0x80) {
          out += static_cast<char>(unit);
          continue;
        }
        out += "\\u";
        for (unsigned shift = 16; shift > 0; shift -= 4) {
          out += kDigits[(unit >> (shift - 4)) & 0xfU];
        }
      }
    }
  }
  return out;
}

void each_json(const Form& given, Values values, Reach reach, const EmitText& emit) {
  Form form = given;
  for (Field& field : form.fields) {
    field.value = values == Values::kEncoded ? decoded(field.value) : field.value;
  }
  const std::vector<Field> sorted = sorted_by_name(form.fields);
  constexpr auto kSpacings = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{",", ":"}, {", ", ": "}, {",\n  ", ": "}});
  const std::size_t last = reach == Reach::kLikely ? 2 : kSpacings.size();
  const bool escapes = reach == Reach::kFar && has_non_ascii(form);
  for (std::size_t at = 0; at < last; ++at) {
    for (const Bare bare : {Bare::kNone, Bare::kIntegersOfTime, Bare::kNumbers, Bare::kWords}) {
      const Style style{.comma = kSpacings[at].first, .colon = kSpacings[at].second, .bare = bare};
      for (const std::vector<Field>* fields :
           {static_cast<const std::vector<Field>*>(&form.fields), &sorted}) {
        if (!emit(json_of(*fields, style, NonAscii::kRaw)) ||
            (escapes && !emit(json_of(*fields, style, NonAscii::kEscaped)))) {
          return;
        }
      }
    }
  }
}

}  // namespace counterfoil::autopsy
