// How single values were written when they were signed.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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
#include "autopsy/list_texts.h"
#include "autopsy/respelling.h"
#include "autopsy/scene.h"

namespace counterfoil::autopsy {
namespace {

void numbers(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  for (const Spelling& spelling : number_spellings(reach)) {
    if (!respell(form, spelling, emit)) {
      return;
    }
  }
}

void exponents(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const Spelling& spelling : exponent_spellings()) {
    if (!respell(
            form,
            [&](const std::string& value) -> std::optional<std::string> {
              // Whole numbers are rarely written so, and ids never.
              const bool small = value.starts_with("0.0") || has_exponent(value) ||
                                 (is_decimal(value) && value.size() > 5);
              return small ? spelling(value) : std::nullopt;
            },
            emit)) {
      return;
    }
  }
}

void commas(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const std::string_view comma : {",", "%2C", "%2c"}) {
    const auto there = [&](const std::string& value) -> std::optional<std::string> {
      return value.contains('.') && is_decimal(value) ? std::optional(replaced(value, ".", comma))
                                                      : std::nullopt;
    };
    const auto back = [&](const std::string& value) -> std::optional<std::string> {
      std::string text = replaced(value, comma, ".");
      return text != value && is_decimal(text) ? std::optional(std::move(text)) : std::nullopt;
    };
    if (!respell(form, there, emit) || !respell(form, back, emit)) {
      return;
    }
  }
}

void booleans(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  constexpr auto kPairs =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"true", "false"},
                                                                    {"True", "False"},
                                                                    {"TRUE", "FALSE"},
                                                                    {"1", "0"},
                                                                    {"1", ""},
                                                                    {"yes", "no"},
                                                                    {"on", "off"},
                                                                    {"t", "f"}});
  for (const auto& [yes, no] : kPairs) {
    const auto spelling = [&](const std::string& value) -> std::optional<std::string> {
      for (const auto& [other_yes, other_no] : std::span(kPairs).first(4)) {
        if (value == other_yes || value == other_no) {
          return std::string(value == other_yes ? yes : no);
        }
      }
      return std::nullopt;
    };
    if (!respell(form, spelling, emit)) {
      return;
    }
  }
}

using LetterChange = int (*)(int);
int lower_letter(int letter) { return std::tolower(letter); }
int upper_letter(int letter) { return std::toupper(letter); }

// in_case changes letters outside of escapes.
std::string in_case(std::string_view text, LetterChange change) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size(); ++at) {
    if (out[at] == '%') {
      at += 2;
    } else if (static_cast<unsigned char>(out[at]) < 0x80) {
      out[at] = static_cast<char>(change(static_cast<unsigned char>(out[at])));
    }
  }
  return out;
}

void letter_case(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  for (const LetterChange change : {lower_letter, upper_letter}) {
    const auto spelling = [&](const std::string& value) { return in_case(value, change); };
    if (reach == Reach::kLikely) {
      if (!respell(form, spelling, emit)) {
        return;
      }
      continue;
    }
    Form names = form;
    for (std::size_t at = 0; at < form.fields.size(); ++at) {
      Form one = form;
      one.fields[at].name = names.fields[at].name = in_case(form.fields[at].name, change);
      Form first = form;
      if (!first.fields[at].name.empty()) {
        char& letter = first.fields[at].name[0];
        letter = static_cast<char>(change(static_cast<unsigned char>(letter)));
      }
      Form capital = form;
      if (std::string& value = capital.fields[at].value; !value.empty()) {
        value = in_case(value, lower_letter);
        value[0] = static_cast<char>(change(static_cast<unsigned char>(value[0])));
      }
      if (!emit(std::move(one)) || !emit(std::move(first)) || !emit(std::move(capital))) {
        return;
      }
    }
    if (!emit(std::move(names))) {
      return;
    }
  }
}

void lists(const Scene& scene, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  const bool encoded = scene.request.transport == Transport::kRest;
  for (std::size_t at = 0; at < form.fields.size(); ++at) {
    const std::string value = encoded ? decoded(form.fields[at].value) : form.fields[at].value;
    std::vector<std::string> written;
    for (const std::string& text : list_texts(value)) {
      written.push_back(text);
      if (encoded) {
        written.push_back(escaped(text, kKeptByRfc3986));
        written.push_back(escaped(text, kKeptByForm, Blank::kPlus));
        written.push_back(escaped(text, kKeptByComponent));
        written.push_back(escaped(text, "-._~,"));
        written.push_back(escaped(text, "-._~[],:"));
        written.push_back(escaped(text, "-._~[],:{}"));
        written.push_back(escaped(text, kKeptByUri));
        written.push_back(escaped(text, kKeptByRfc3986, Blank::kPercent, HexCase::kLower));
        written.push_back(replaced(text, " ", "+"));
        written.push_back(replaced(text, " ", "%20"));
      }
    }
    // The same value in the same list form, otherwise encoded, is a matter of encoding.
    std::erase_if(written, [&](const std::string& text) {
      return (encoded ? decoded(text) : text) == value;
    });
    std::ranges::sort(written);
    const auto tail = std::ranges::unique(written);
    written.erase(tail.begin(), tail.end());
    for (std::string& text : written) {
      Form one = form;
      one.fields[at].value = std::move(text);
      if (!emit(std::move(one))) {
        return;
      }
    }
    // One pair an element.
    const auto elements = list_elements(value);
    for (const std::string_view tail_of_name : {"", "[]", "%5B%5D"}) {
      Form each = form;
      const Field model = each.fields[at];
      each.fields.erase(each.fields.begin() + static_cast<std::ptrdiff_t>(at));
      for (std::size_t which = elements.size(); which-- > 0;) {
        Field field = model;
        field.name += tail_of_name;
        field.value = elements[which];
        each.fields.insert(each.fields.begin() + static_cast<std::ptrdiff_t>(at), field);
      }
      if (!elements.empty() && !emit(std::move(each))) {
        return;
      }
    }
  }
}

void templates(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  struct Wrap {
    std::string_view open;
    std::string_view close;
  };
  constexpr auto kWraps = std::to_array<Wrap>({{"{{", "}}"},
                                               {"${", "}"},
                                               {"{", "}"},
                                               {"$", ""},
                                               {"<", ">"},
                                               {":", ""},
                                               {"%7B%7B", "%7D%7D"},
                                               {"{{ ", " }}"},
                                               {"%(", ")s"},
                                               {"#{", "}"},
                                               {"%24%7B", "%7D"},
                                               {"{{$", "}}"},
                                               {"%", "%"}});
  constexpr std::size_t kLikelyWraps = 2;
  const auto wraps = reach == Reach::kLikely ? std::span(kWraps).first(kLikelyWraps)
                                             : std::span(kWraps).subspan(kLikelyWraps);
  for (const Wrap& wrap : wraps) {
    const auto name_of = [&](const Field& field) {
      return std::string(wrap.open) + field.name + std::string(wrap.close);
    };
    Form all = form;
    Form untimed = form;
    for (std::size_t at = 0; at < form.fields.size(); ++at) {
      Form one = form;
      one.fields[at].value = all.fields[at].value = name_of(form.fields[at]);
      if (!is_timestamp(form.fields[at])) {
        untimed.fields[at].value = one.fields[at].value;
      }
      if (!emit(std::move(one))) {
        return;
      }
    }
    if (!emit(std::move(all)) || !emit(std::move(untimed))) {
      return;
    }
  }
}

void other_time(const Scene& scene, const Form& form, Reach reach, const EmitForm& emit) {
  constexpr std::int64_t kLikelySteps = 5;
  constexpr std::int64_t kStepsMax = 5000;
  if (scene.request.transport == Transport::kFix) {
    return;
  }
  const auto time = std::ranges::find(form.fields, Role::kTimestamp, &Field::role);
  if (time == form.fields.end() || !is_digits(time->value) || time->value.size() > 18) {
    return;
  }
  const auto at = static_cast<std::size_t>(time - form.fields.begin());
  const std::int64_t stamp = std::strtoll(time->value.c_str(), nullptr, 10);
  Form other = form;
  const auto tell = [&](std::int64_t value) {
    other.fields[at].value = std::to_string(value);
    return emit(other);
  };
  const bool likely = reach == Reach::kLikely;
  for (std::int64_t step = likely ? 1 : kLikelySteps + 1;
       step <= (likely ? kLikelySteps : kStepsMax); ++step) {
    if (!tell(stamp - step) || !tell(stamp + step)) {
      return;
    }
  }
  if (!likely) {
    // In another unit, or without the last digits.
    static_cast<void>(tell(stamp / 1000) && tell(stamp / 1000 * 1000) && tell(stamp * 1000));
  }
}

void white_space(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  const auto blanks =
      reach == Reach::kLikely
          ? std::vector<std::string_view>{" ", "+", "%20"}
          : std::vector<std::string_view>{"%09", "%0A", "\t", "\n", "%0D%0A", "  ", "++", "%20%20"};
  for (const std::string_view blank : blanks) {
    const auto after = [&](const std::string& value) { return value + std::string(blank); };
    const auto before = [&](const std::string& value) { return std::string(blank) + value; };
    const auto both = [&](const std::string& value) {
      return std::string(blank) + value + std::string(blank);
    };
    const auto none = [&](const std::string& value) {
      std::string text = value;
      if (text.starts_with(blank)) {
        text.erase(0, blank.size());
      }
      if (text.ends_with(blank)) {
        text.erase(text.size() - blank.size());
      }
      return text;
    };
    if (!respell(form, after, emit) || !respell(form, before, emit) || !respell(form, both, emit) ||
        !respell(form, none, emit)) {
      return;
    }
  }
}

// ---- what is seen in values although the signature is right

std::optional<std::string> null_literal(const Scene& scene) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"undefined", "null", "None", "NaN", "nil", "[object Object]"});
  if (scene.outcome != SignatureOutcome::kRight) {
    return std::nullopt;
  }
  for (const Field& field : scene.reading.form.fields) {
    if (field.is_text && std::ranges::find(kWords, decoded(field.value)) != kWords.end()) {
      return field.name + "=" + field.value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> exponent_sent(const Scene& scene) {
  if (scene.outcome != SignatureOutcome::kRight) {
    return std::nullopt;
  }
  constexpr auto kNumbers = std::to_array<std::string_view>(
      {"price", "quantity", "stopPrice", "quoteOrderQty", "icebergQty", "amount", "activationPrice",
       "limitIcebergQty", "stopLimitPrice"});
  for (const Field& field : scene.reading.form.fields) {
    if (std::ranges::find(kNumbers, field.name) != kNumbers.end() &&
        has_exponent(decoded(field.value))) {
      return field.name + "=" + field.value;
    }
  }
  return std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"number-formatting-mismatch", kProved, kOnRest, "A number was written in one way for signing and in another for sending.", "the signature is right for another text of the same number",
     "Format each number once, as text, and use that text for both.", Remedy::kTextValues, EditForm{numbers}},
    {"scientific-notation-mismatch", kProved, kOnRest | kOnWebSocket, "A number was written with an exponent: 1e-05.", "the signature is right for the number with, or without, an exponent",
     "Format numbers with fixed decimals.", Remedy::kTextValues, EditForm{exponents}},
    {"scientific-notation-mismatch", kProved, kOnRest | kOnWebSocket, "A number was sent with an exponent, which no server reads.", "the value",
     "Format numbers with fixed decimals.", Remedy::kTextValues, SeeFact{exponent_sent}},
    {"decimal-comma-mismatch", kProved, kOnRest | kOnWebSocket, "The language settings wrote a number with a decimal comma.", "the signature is right with a comma, or with a point, in a number",
     "Format numbers independently of the language settings.", Remedy::kTextValues, EditForm{commas}},
    {"boolean-case-mismatch", kProved, kOnRest | kOnWebSocket, "A boolean was signed in another spelling than sent.", "the signature is right for another spelling of the boolean",
     "Write true and false in lower case, as text, before signing.", Remedy::kTextValues, EditForm{booleans}},
    {"letter-case-mismatch", kProved, kOnRest | kOnWebSocket, "A value or name changed its letter case after signing.", "the signature is right for the value in other case",
     "Bring values into their final form before signing.", Remedy::kSignWhatIsSent, EditForm{letter_case}},
    {"list-serialisation-mismatch", kProved, kOnRest | kOnWebSocket, "A list or object was written in one way for signing and in another for sending.", "the signature is right for another text of the same list",
     "Serialise lists to compact JSON text yourself, and encode that once.", Remedy::kJsonList, EditForm{lists}},
    {"template-variable-signed", kProved, kOnRest | kOnWebSocket, "The name of a variable was signed, and its value sent.", "the signature is right with the placeholder in the text",
     "Resolve the variables in the script that signs.", Remedy::kSignWhatIsSent, EditForm{templates}},
    {"timestamp-regenerated-after-signing", kProved, kOnRest | kOnWebSocket, "The clock was read twice: once for signing, once for sending.", "the signature is right for a timestamp some milliseconds away",
     "Read the clock once and use that timestamp for both.", Remedy::kStampNow, EditForm{other_time}},
    {"value-whitespace-trimmed", kProved, kOnRest | kOnWebSocket, "A blank around a value was signed and trimmed before sending.", "the signature is right with a blank at the value",
     "Trim input before signing.", Remedy::kSignWhatIsSent, EditForm{white_space}},
    {"null-literal-param", kProved, kOnRest | kOnWebSocket, "A parameter without a value was sent as a word: undefined, null or None.", "the value",
     "Leave out parameters that are not set.", Remedy::kSignWhatIsSent, SeeFact{null_literal}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> spelling_causes() { return kRows; }

}  // namespace counterfoil::autopsy
