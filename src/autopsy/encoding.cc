// How values were percent-encoded when they were signed.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/escapes.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/respelling.h"
#include "autopsy/scene.h"
#include "autopsy/unicode.h"
#include "base/percent.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::string_view kReserved = "@,:*~!'()/";
// Characters about which encoders disagree as well, though the reference does not reserve them.
constexpr std::string_view kOthers = "[]\"{}$;|<>^`\\?=";
constexpr std::size_t kToggledMax = 7;

// on_values changes names and values of each field for which `is_in` holds.
template <typename Change>
Form on_values(const Form& form, bool in_query, bool in_body, Change change) {
  Form out = form;
  for (Field& field : out.fields) {
    if (field.in_body ? in_body : in_query) {
      field.name = change(field.name);
      field.value = change(field.value);
    }
  }
  return out;
}

std::string raw_of(const std::string& text) { return percent_decode(text).value_or(text); }

void readable(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const auto& [query, body] : {std::pair{true, true}, {true, false}, {false, true}}) {
    if (!emit(on_values(form, query, body, raw_of)) ||
        !emit(
            on_values(form, query, body, [](const std::string& text) { return decoded(text); }))) {
      return;
    }
  }
  // One value alone.
  if (!respell(form, raw_of, emit)) {
    return;
  }
  respell(form, [](const std::string& value) { return decoded(value); }, emit);
}

// Toggle is one character and which of its spellings stands in the text.
struct Toggle {
  std::string_view from;
  std::string to;
};

std::string hex_escape(char c) { return escaped(std::string_view(&c, 1), ""); }

// toggles_of finds the characters of `wanted` that the values hold, as they are or escaped.
std::vector<std::pair<std::string, std::string>> toggles_of(const Form& form,
                                                            std::string_view wanted) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const char c : wanted) {
    const std::string raw(1, c);
    const std::string upper_escape = hex_escape(c);
    const std::string lower_escape = with_escapes_in(upper_escape, HexCase::kLower);
    for (const auto& [from, to] :
         {std::pair{raw, upper_escape}, {upper_escape, raw}, {lower_escape, raw}}) {
      const bool there = std::ranges::any_of(form.fields, [&](const Field& field) {
        return field.has_equals && field.value.contains(from);
      });
      if (there && found.size() < kToggledMax &&
          std::ranges::find(found, std::pair(from, to)) == found.end()) {
        found.emplace_back(from, to);
      }
    }
  }
  return found;
}

bool emit_toggled(const Form& form, std::string_view wanted, const EmitForm& emit) {
  const auto toggles = toggles_of(form, wanted);
  for (std::size_t mask = 1; mask < (std::size_t{1} << toggles.size()); ++mask) {
    Form toggled = form;
    for (std::size_t at = 0; at < toggles.size(); ++at) {
      if (((mask >> at) & 1U) != 0) {
        for (Field& field : toggled.fields) {
          field.value = replaced(field.value, toggles[at].first, toggles[at].second);
        }
      }
    }
    if (!emit(std::move(toggled))) {
      return false;
    }
  }
  return true;
}

bool emit_reencoded(const Form& form, const EmitForm& emit) {
  for (const std::string_view kept :
       {kKeptByRfc3986, kKeptByQuote, kKeptByForm, kKeptByComponent, kKeptByUri,
        std::string_view("-._~[],:"), std::string_view("-._~,"), std::string_view("-._")}) {
    for (const Blank blank : {Blank::kPercent, Blank::kPlus}) {
      const auto change = [&](const std::string& value) {
        return escaped(decoded(value), kept, blank);
      };
      if (!emit(on_values(form, true, true, change))) {
        return false;
      }
    }
  }
  return true;
}

void reserved(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach == Reach::kLikely) {
    emit_toggled(form, kReserved, emit);
    return;
  }
  static_cast<void>(emit_toggled(form, std::string(kOthers) + std::string(kReserved), emit) &&
                    emit_reencoded(form, emit));
}

void twice(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  const Spelling again = [](const std::string& value) { return replaced(value, "%", "%25"); };
  const Spelling once = [](const std::string& value) { return replaced(value, "%25", "%"); };
  const Spelling wholly = [](const std::string& value) -> std::optional<std::string> {
    return value.contains('%') || value.contains('+')
               ? std::optional(escaped(value, kKeptByRfc3986))
               : std::nullopt;
  };
  const Spelling reserved_twice = [](const std::string& value) {
    return escaped(escaped(decoded(value), kKeptByRfc3986), kKeptByRfc3986);
  };
  static_cast<void>(respell(form, again, emit) && respell(form, once, emit) &&
                    respell(form, wholly, emit) && respell(form, reserved_twice, emit));
}

void plus(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  static_cast<void>(
      respell(
          form, [](const std::string& value) { return replaced(value, "+", "%20"); }, emit) &&
      respell(
          form, [](const std::string& value) { return replaced(value, "%20", "+"); }, emit) &&
      respell(form, [](const std::string& value) { return replaced(value, "%2B", "%20"); }, emit));
}

void hex_case(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const HexCase hex : {HexCase::kLower, HexCase::kUpper}) {
    const auto change = [&](const std::string& text) { return with_escapes_in(text, hex); };
    if (!emit(on_values(form, true, true, change)) || !respell(form, change, emit)) {
      return;
    }
  }
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void encoded_raw(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const std::string_view kept : {kKeptByRfc3986, kKeptByForm, kKeptByComponent, kKeptByUri}) {
    const Spelling spelling = [&](const std::string& value) -> std::optional<std::string> {
      return is_ascii(value) ? std::nullopt
                             : std::optional(escaped(value, std::string(kept) + "%"));
    };
    if (!respell(form, spelling, emit)) {
      return;
    }
  }
}

void other_charset(const Scene& scene, const Form& form, Reach reach, const EmitForm& emit) {
  const bool has_others = !std::ranges::all_of(
      form.fields, [](const Field& field) { return is_ascii(decoded(field.value)); });
  if (!has_others || reach != Reach::kLikely) {
    return;
  }
  const bool encoded = scene.request.transport == Transport::kRest;
  for (const char* const charset :
       {"ISO-8859-1", "CP1252", "GBK", "GB18030", "UTF-16LE", "UTF-16BE", "BIG5", "SHIFT_JIS",
        "EUC-KR", "ISO-8859-15", "CP1251", "ISO-8859-2", "CP1250"}) {
    const auto converted = [&](const std::string& value) -> std::optional<std::string> {
      const std::string plain_text = encoded ? decoded(value) : value;
      return is_ascii(plain_text) ? std::nullopt : in_charset(plain_text, charset);
    };
    const Spelling raw = converted;
    const Spelling escapes = [&](const std::string& value) -> std::optional<std::string> {
      const auto text = converted(value);
      return text ? std::optional(escaped(*text, kKeptByRfc3986)) : std::nullopt;
    };
    const Spelling lower_escapes = [&](const std::string& value) -> std::optional<std::string> {
      const auto text = converted(value);
      return text ? std::optional(escaped(*text, kKeptByRfc3986, Blank::kPlus, HexCase::kLower))
                  : std::nullopt;
    };
    if (!respell(form, raw, emit) || !respell(form, escapes, emit) ||
        !respell(form, lower_escapes, emit)) {
      return;
    }
  }
  // Letters that the charset lacks become a question mark in many programs.
  static_cast<void>(respell(
      form,
      [&](const std::string& value) -> std::optional<std::string> {
        const auto points = code_points(encoded ? decoded(value) : value);
        if (!points || std::ranges::all_of(*points, [](char32_t c) { return c < 0x80; })) {
          return std::nullopt;
        }
        std::string text;
        for (const char32_t point : *points) {
          text += point < 0x80 ? static_cast<char>(point) : '?';
        }
        return text;
      },
      emit));
}

void wide_text(const Scene& /*scene*/, const std::string& text, Reach reach, const EmitText& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const std::string& plain_text : {text, decoded(text)}) {
    for (const auto& [charset, mark] :
         {std::pair{"UTF-16LE", "\xff\xfe"}, {"UTF-16BE", "\xfe\xff"}}) {
      const auto wide = in_charset(plain_text, charset);
      if (wide && (!emit(*wide) || !emit(mark + *wide))) {
        return;
      }
    }
  }
}

// ---- what is seen

bool was_right(const Scene& scene) { return scene.outcome == SignatureOutcome::kRight; }

std::optional<std::string> raw_bytes(const Scene& scene) {
  const auto raw = std::ranges::find_if(scene.reading.form.fields, [](const Field& field) {
    return field.has_equals && (!is_ascii(field.value) || !is_ascii(field.name));
  });
  const bool is_known =
      scene.outcome == SignatureOutcome::kRight || scene.outcome == SignatureOutcome::kExplained;
  return is_known && scene.reading.causes.empty() && raw != scene.reading.form.fields.end()
             ? std::optional(raw->name)
             : std::nullopt;
}

std::optional<std::string> raw_plus(const Scene& scene) {
  if (!was_right(scene) || !scene.reading.causes.empty()) {
    return std::nullopt;
  }
  for (const Field& field : scene.reading.form.fields) {
    if (field.value.contains('+') &&
        (field.value.contains('@') || lower(field.value).contains("%40"))) {
      return field.name + "=" + field.value;
    }
  }
  return std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"percent-hex-case", kProved, kOnRest, "The hex digits of the percent escapes are in lower case on one side and in upper case on the other.", "the signature is right with the escapes in the other case",
     "Use upper-case hex digits, and one encoder for signing and sending.", Remedy::kEncodeThenSign, EditForm{hex_case}},
    {"space-plus-vs-percent20", kProved, kOnRest, "A blank is + on one side and %20 on the other.", "the signature is right with the other spelling of the blank",
     "Write blanks as %20 on both sides.", Remedy::kEncodeThenSign, EditForm{plus}},
    {"reserved-char-encoding-mismatch", kProved, kOnRest, "Signer and HTTP client disagree about which characters to percent-encode.", "the signature is right with some of @ , : * ~ ! ' ( ) / (un)encoded",
     "Use one encoder and hand the finished text to the client.", Remedy::kEncodeThenSign, EditForm{reserved}},
    {"payload-not-percent-encoded", kProved, kOnRest, "The readable text was signed, and the HTTP client percent-encoded it afterwards.", "the signature is right for the decoded text",
     "Encode the parameters first, then sign that text and send it.", Remedy::kEncodeThenSign, EditForm{readable}},
    {"double-percent-encoding", kProved, kOnRest, "The text was percent-encoded twice on one side.", "the signature is right with % as %25, or back",
     "Encode exactly once.", Remedy::kEncodeThenSign, EditForm{twice}},
    {"non-ascii-sent-raw", kProved, kOnRest, "Characters outside ASCII were sent without percent-encoding.", "the signature is right for the encoded text",
     "Percent-encode them as UTF-8, before signing.", Remedy::kEncodeThenSign, EditForm{encoded_raw}},
    {"non-ascii-sent-raw", kProved, kOnRest, "Characters outside ASCII were sent without percent-encoding.", "bytes of 0x80 and above",
     "Percent-encode them as UTF-8, before signing.", Remedy::kEncodeThenSign, SeeFact{raw_bytes}},
    {"non-utf8-charset", kProved, kOnAll, "The text was signed in another charset than UTF-8.", "the signature is right for the text in Latin-1, GBK or the like",
     "Encode text as UTF-8 before signing.", Remedy::kEncodeThenSign, EditForm{other_charset}},
    {"non-utf8-charset", kProved, kOnAll, "The whole text was signed as UTF-16.", "the signature is right for the text in UTF-16",
     "Encode text as UTF-8 before signing.", Remedy::kEncodeThenSign, WrapText{wide_text}},
    {"whole-query-encoded", kProved, kOnRest, "The = and & between the parameters were percent-encoded too, so that the server sees one parameter without a name.", "the query holds %3D and %26 but no =",
     "Encode names and values, not the text that joins them.", Remedy::kEncodeThenSign, {}},
    {"raw-plus-means-space", kStrong, kOnRest, "The + of an address was sent as it is; in a query it means a blank.", "a + in a value with @",
     "Write it as %2B.", Remedy::kEncodeThenSign, SeeFact{raw_plus}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> encoding_causes() { return kRows; }

}  // namespace counterfoil::autopsy
