// Mistakes of FIX logons.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "autopsy/cause.h"
#include "autopsy/fix_time.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::int64_t kMillisecondUs = 1000;

std::string joined(const Form& form, std::string_view glue, bool tags) {
  std::string text;
  for (const Field& field : form.fields) {
    text += &field == &form.fields.front() ? "" : glue;
    text += tags ? field.name + "=" + field.value : field.value;
  }
  return text;
}

void delimiter(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const std::string_view glue : {"|", "", "^A", "\\x01", "\\u0001", "\\001", " ", ",", ";",
                                      "&", "\n", "<SOH>", "\xe2\x90\x81", "^", "\x02", "\t", "-"}) {
    if (!emit(joined(form, glue, false))) {
      return;
    }
  }
}

void order(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  // The message's own order, CompIDs exchanged, ascending tags, and another venue's.
  constexpr std::array<std::array<std::size_t, 5>, 5> kLikelyOrders{
      {{0, 3, 1, 4, 2}, {0, 2, 1, 3, 4}, {3, 0, 1, 4, 2}, {4, 0, 3, 1, 2}, {0, 1, 2, 4, 3}}};
  const auto tell = [&](std::span<const std::size_t> places) {
    Form other;
    for (const std::size_t at : places) {
      other.fields.push_back(form.fields[at]);
    }
    return emit(std::move(other));
  };
  if (form.fields.size() != 5) {
    return;
  }
  if (reach == Reach::kFar || !std::ranges::all_of(kLikelyOrders, tell)) {
    return;  // All 120 are likely enough to go with a second mistake.
  }
  std::array<std::size_t, 5> places{};
  std::iota(places.begin(), places.end(), 0U);
  while (std::ranges::next_permutation(places).found && tell(places)) {
  }
}

void sending_time(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  const auto time = std::ranges::find(form.fields, "52", &Field::name);
  const auto us = time == form.fields.end() ? std::nullopt : fix_time_us(time->value);
  if (!us) {
    return;
  }
  const auto at = static_cast<std::size_t>(time - form.fields.begin());
  Form other = form;
  const auto tell = [&](std::int64_t value, unsigned decimals) {
    other.fields[at].value = fix_time_text(value, decimals);
    return other.fields[at].value == form.fields[at].value || emit(other);
  };
  if (reach == Reach::kLikely) {
    static_cast<void>(tell(*us, 0) && tell(*us, 3) && tell(*us, 6) &&
                      tell(*us - kMillisecondUs, 3) && tell(*us + kMillisecondUs, 3) &&
                      tell(*us - 2 * kMillisecondUs, 3) && tell(*us + 2 * kMillisecondUs, 3));
    return;
  }
  constexpr std::int64_t kStepsMax = 1500;
  for (const std::int64_t second : {1, 2, 3}) {
    if (!tell(*us - (second * 1'000'000), 0) || !tell(*us + (second * 1'000'000), 0)) {
      return;
    }
  }
  const unsigned decimals = time->value.size() > 21 ? 6 : 3;
  for (std::int64_t step = 1; step <= kStepsMax; ++step) {
    if (!tell(*us - (step * kMillisecondUs), 3) || !tell(*us + (step * kMillisecondUs), 3) ||
        (decimals == 6 && (!tell(*us - step, 6) || !tell(*us + step, 6)))) {
      return;
    }
  }
}

void tags(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  if (reach == Reach::kLikely) {
    static_cast<void>(emit(joined(form, "\x01", true)) &&
                      emit(joined(form, "\x01", true) + "\x01") && emit(joined(form, "|", true)) &&
                      emit(joined(form, "|", true) + "|"));
  }
}

void last_soh(const Scene& /*scene*/, const std::string& text, Reach reach, const EmitText& emit) {
  if (reach == Reach::kLikely) {
    static_cast<void>(emit(text + "\x01") && emit("\x01" + text));
  }
}

void sequence(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  const auto number = std::ranges::find(form.fields, "34", &Field::name);
  if (number == form.fields.end() || !is_digits(number->value) || number->value.size() > 9) {
    return;
  }
  const auto at = static_cast<std::size_t>(number - form.fields.begin());
  const std::int64_t sent = std::strtoll(number->value.c_str(), nullptr, 10);
  Form other = form;
  const auto tell = [&](std::int64_t value) {
    other.fields[at].value = std::to_string(value);
    return value < 0 || value == sent || emit(other);
  };
  const std::int64_t from = reach == Reach::kLikely ? 1 : 4;
  const std::int64_t to = reach == Reach::kLikely ? 3 : 20;
  for (std::int64_t step = from; step <= to; ++step) {
    if (!tell(sent - step) || !tell(sent + step)) {
      return;
    }
  }
  if (reach == Reach::kFar) {
    static_cast<void>(tell(0) && tell(1));
    other.fields[at].value = std::string(9 - number->value.size(), '0') + number->value;
    emit(other);
  }
}

// ---- what is seen

std::optional<std::string> garbled(const Scene& scene) {
  return !scene.reading.fix || !scene.reading.fix->whole ? std::optional<std::string>("")
                                                         : std::nullopt;
}

std::optional<std::string> data_length(const Scene& scene) {
  if (!scene.reading.fix || !scene.reading.fix->find(96)) {
    return std::nullopt;
  }
  const std::string right = std::to_string(scene.reading.fix->find(96)->size());
  const auto sent = scene.reading.fix->find(95);
  return sent == right ? std::nullopt
                       : std::optional("95=" + std::string(sent.value_or("")) + ", and 96 has " +
                                       right + " characters");
}

std::optional<std::string> sequence_not_one(const Scene& scene) {
  const auto sent = scene.reading.fix ? scene.reading.fix->find(34) : std::nullopt;
  return sent && *sent != "1" ? std::optional("34=" + std::string(*sent)) : std::nullopt;
}

std::optional<std::string> no_credentials(const Scene& scene) {
  const bool both = scene.reading.fix && !scene.reading.fix->find(96).value_or("").empty() &&
                    !scene.reading.fix->find(553).value_or("").empty();
  return scene.reading.fix && !both ? std::optional<std::string>("") : std::nullopt;
}

std::optional<std::string> comp_id(const Scene& scene) {
  return scene.history.comp_id_in_use ? std::optional<std::string>("") : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"fix-garbled-message", kProved, kOnFix, "BodyLength (9), CheckSum (10) or the order of the first fields is wrong.", "both, counted again",
     "Count the bytes with SOH as one byte each, and let the engine write 9 and 10 last.", Remedy::kFixLogon, SeeFact{garbled}},
    {"fix-logon-without-credentials", kProved, kOnFix, "The Logon has no Username (553) or no RawData (96).", "absence",
     "Set 553, 95 and 96 in the engine's hook for administrative messages.", Remedy::kFixLogon, SeeFact{no_credentials}},
    {"fix-raw-data-length-wrong", kProved, kOnFix, "RawDataLength (95) is not the length of RawData (96).", "95, and the characters of 96",
     "Write the length of the base64 text: 88.", Remedy::kFixLogon, SeeFact{data_length}},
    {"fix-wrong-delimiter", kProved, kOnFix, "The values were joined with something else than SOH.", "the signature is right with that delimiter",
     "Join the values with the byte 0x01.", Remedy::kFixLogon, RenderForm{delimiter}},
    {"fix-field-order", kProved, kOnFix, "The values were signed in another order.", "the signature is right for another order of the five values",
     "Sign 35, 49, 56, 34, 52 in this order.", Remedy::kFixLogon, EditForm{order}},
    {"fix-seq-num-mismatch", kProved, kOnFix, "Another MsgSeqNum (34) was signed than sent.", "the signature is right for a neighbouring number",
     "Take 34 from the header that is sent.", Remedy::kFixLogon, EditForm{sequence}},
    {"fix-sending-time-mismatch", kProved, kOnFix, "Another SendingTime (52) was signed than sent: the engine stamps again, or with other decimals.", "the signature is right for a time nearby",
     "Sign in the hook that sees the final header.", Remedy::kFixLogon, EditForm{sending_time}},
    {"fix-signed-tag-value-pairs", kProved, kOnFix, "The tags were signed too: 35=A instead of A.", "the signature is right for tag=value",
     "Sign the values only.", Remedy::kFixLogon, RenderForm{tags}},
    {"fix-trailing-soh", kProved, kOnFix, "An SOH was signed behind the last value.", "the signature is right with it",
     "Join with SOH; none at the end.", Remedy::kFixLogon, WrapText{last_soh}},
    {"fix-seq-num-not-one", kProved, kOnFix, "The sequence was continued from the last session.", "34 is not 1",
     "Reset the sequence on logon (141=Y, 34=1).", Remedy::kFixLogon, SeeFact{sequence_not_one}},
    {"fix-comp-id-in-use", kProved, kOnFix, "Another session of this account uses the same SenderCompID.", "the table of sessions",
     "Use one SenderCompID a session, and send Logout before reconnecting.", Remedy::kFixLogon, SeeFact{comp_id}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> fix_causes() { return kRows; }

}  // namespace counterfoil::autopsy
