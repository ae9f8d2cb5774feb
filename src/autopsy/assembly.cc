// How the parameters were put together to one text, and what was put around it.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"
#include "autopsy/signed_json.h"
#include "base/bytes.h"
#include "crypto/digest.h"

namespace counterfoil::autopsy {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += part;
  }
  return text;
}

constexpr auto kNoGlue = std::to_array<std::string_view>({""});
constexpr auto kOtherGlues = std::to_array<std::string_view>({"&", ",", "|", "\n", " ", ":"});

bool has_both_parts(const Form& form) {
  const auto in_body = [](const Field& field) { return field.in_body; };
  return std::ranges::any_of(form.fields, in_body) && !std::ranges::all_of(form.fields, in_body);
}

void only_query(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  if (reach == Reach::kLikely && has_both_parts(form)) {
    emit(query_of(form));
  }
}
void only_body(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  if (reach == Reach::kLikely && has_both_parts(form)) {
    emit(body_of(form));
  }
}
void body_first(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  if (reach == Reach::kLikely && has_both_parts(form)) {
    emit(body_of(form) + query_of(form));
  }
}
void ampersand_between(const Scene& /*scene*/, const Form& form, Reach reach,
                       const EmitText& emit) {
  if (reach == Reach::kLikely && has_both_parts(form)) {
    static_cast<void>(emit(query_of(form) + "&" + body_of(form)) &&
                      emit(body_of(form) + "&" + query_of(form)));
  }
}

void as_json(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  each_json(form, Values::kEncoded, reach, emit);
}

void values_alone(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  const auto values = [](const std::vector<Field>& fields, std::string_view glue, bool decode) {
    std::string text;
    for (const Field& field : fields) {
      text += text.empty() && &field == &fields.front() ? "" : glue;
      text += decode ? decoded(field.value) : field.value;
    }
    return text;
  };
  std::vector<Field> times;
  std::vector<Field> window_first;
  for (const Role role : {Role::kTimestamp, Role::kRecvWindow}) {
    if (const auto found = std::ranges::find(form.fields, role, &Field::role);
        found != form.fields.end()) {
      times.push_back(*found);
      window_first.insert(window_first.begin(), *found);
    }
  }
  const std::vector<Field> sorted = sorted_by_name(form.fields);
  const auto glues = reach == Reach::kLikely ? std::span<const std::string_view>(kNoGlue)
                                             : std::span<const std::string_view>(kOtherGlues);
  for (const std::string_view glue : glues) {
    for (const auto& fields : {form.fields, sorted, times, window_first}) {
      if (!fields.empty() &&
          (!emit(values(fields, glue, true)) || !emit(values(fields, glue, false)))) {
        return;
      }
    }
  }
}

// ---- around the text

void with_path(const Scene& scene, const std::string& text, Reach reach, const EmitText& emit) {
  const std::string& path = scene.request.path;
  const std::string& method = scene.request.method;
  const std::string host = scene.host();
  if (path.empty()) {
    return;
  }
  if (reach == Reach::kLikely) {
    static_cast<void>(emit(path + "?" + text) && emit(path + text) &&
                      emit("https://" + host + path + "?" + text) &&
                      emit(method + path + "?" + text) && emit(method + path + text) &&
                      emit(method + " " + path + "?" + text));
    return;
  }
  for (const std::string_view other :
       {std::string_view(host), std::string_view("api.binance.com"),
        std::string_view("testnet.binance.vision"), std::string_view("api1.binance.com"),
        std::string_view("fapi.binance.com")}) {
    for (const std::string_view scheme : {"https://", "http://", ""}) {
      const std::string url = joined({scheme, other, path});
      if (!emit(joined({url, "?", text})) || !emit(url + text) ||
          !emit(joined({method, url, "?", text})) || !emit(joined({method, " ", url, "?", text})) ||
          !emit(joined({method, "\n", url, "?", text}))) {
        return;
      }
    }
  }
  for (const std::string_view glue : {"\n", "|", "&", " ", ":"}) {
    const std::string start = joined({method, glue, path});
    if (!emit(joined({start, glue, text})) || !emit(joined({path, glue, text})) ||
        !emit(joined({start, "?", text})) || !emit(joined({lower(method), path, "?", text})) ||
        !emit(joined({path.substr(1), "?", text}))) {
      return;
    }
  }
}

void question_mark(const Scene& /*scene*/, const std::string& text, Reach reach,
                   const EmitText& emit) {
  if (reach == Reach::kLikely) {
    emit("?" + text);
  }
}

void stray_ampersand(const Scene& /*scene*/, const std::string& text, Reach reach,
                     const EmitText& emit) {
  if (reach == Reach::kLikely) {
    static_cast<void>(emit(text + "&") && emit("&" + text));
  } else {
    static_cast<void>(emit("&" + text + "&") && emit("?" + text + "&") && emit(text + "&&") &&
                      emit("?&" + text));
  }
}

void trailing_newline(const Scene& /*scene*/, const std::string& text, Reach reach,
                      const EmitText& emit) {
  if (reach == Reach::kLikely) {
    static_cast<void>(emit(text + "\n") && emit(text + "\r\n"));
  } else {
    static_cast<void>(emit(text + "\r") && emit(text + "\n\n") && emit(text + " ") &&
                      emit(text + "\\n") && emit("\n" + text));
  }
}

void body_newline(const Scene& /*scene*/, const std::string& text, Reach reach,
                  const EmitText& emit) {
  if (reach == Reach::kLikely) {
    if (text.ends_with("\r\n")) {
      emit(text.substr(0, text.size() - 2));
    } else if (text.ends_with('\n')) {
      emit(text.substr(0, text.size() - 1));
    }
  }
}

void signature_name(const Scene& /*scene*/, const std::string& text, Reach reach,
                    const EmitText& emit) {
  if (reach == Reach::kLikely) {
    static_cast<void>(emit(text + "&signature=") && emit("signature=&" + text) &&
                      emit(text + "&signature"));
  } else {
    for (const std::string_view value : {"null", "undefined", "None", "{{signature}}", "''"}) {
      if (!emit(joined({text, "&signature=", value}))) {
        return;
      }
    }
  }
}

std::string iso_time(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

// Recipes of other exchanges, with our request's parts in the places of theirs.
void foreign_scheme(const Scene& scene, const Form& form, Reach reach, const EmitText& emit) {
  if (reach != Reach::kLikely || scene.request.transport != Transport::kRest) {
    return;
  }
  const std::string& path = scene.request.path;
  const std::string method = scene.request.method;
  const std::string host = scene.host();
  const std::string& key = scene.reading.api_key;
  const Field* const window = scene.reading.find(Role::kRecvWindow);
  const std::string receive = window != nullptr ? window->value : "5000";
  Form untimed = form;
  std::erase_if(untimed.fields, is_timestamp);
  Form bare = untimed;
  std::erase_if(bare.fields, is_recv_window);
  std::vector<std::string> stamps;
  if (const auto stamp = scene.stamp_ms()) {
    stamps = {std::to_string(*stamp), std::to_string(*stamp / 1000), iso_time(*stamp),
              fmt::format("{}.{:03}", *stamp / 1000, *stamp % 1000)};
  }
  for (const Form* part :
       {&form, static_cast<const Form*>(&untimed), static_cast<const Form*>(&bare)}) {
    const std::string text = rest_text(*part);
    const std::string query = query_of(*part);
    const std::string body = body_of(*part);
    const std::string target = joined({path, query.empty() ? "" : "?", query, body});
    // Lines with method, host, path and text.
    const std::string sorted = join_pairs(sorted_by_name(part->fields));
    for (const std::string& lines : {joined({method, "\n", host, "\n", path, "\n", text}),
                                     joined({method, "\n", host, "\n", path, "\n", sorted}),
                                     joined({method, "\n", lower(host), "\n", path, "\n", text}),
                                     joined({method, "\napi.binance.com\n", path, "\n", text}),
                                     joined({method, "\n", path, "\n", text}),
                                     joined({method, "\n", path, "\n", query, "\n", body})}) {
      if (!emit(lines)) {
        return;
      }
    }
    for (const std::string& stamp : stamps) {
      for (const std::string& recipe :
           {joined({stamp, method, target}), joined({stamp, method, path, text}),
            joined({stamp, method, path}), joined({stamp, key, receive, text}),
            joined({stamp, key, text}), joined({key, stamp, receive, text}),
            joined({stamp, lower(method), target}), joined({stamp, text}), joined({stamp, target}),
            joined({method, target, stamp}), joined({method, path, stamp, text}),
            joined({key, stamp, text}), joined({stamp, path, text}),
            joined({method, "|", path, "|", stamp, "|", receive, "|", text}),
            joined({stamp, "\n", method, "\n", target}),
            joined({stamp, "\n", method, "\n", path, "\n", text})}) {
        if (!emit(recipe)) {
          return;
        }
      }
    }
  }
  // A path followed by the hash of nonce and text.
  for (const std::string& stamp : stamps) {
    const Digest digest = sha256(as_bytes(stamp + rest_text(form)));
    if (!emit(joined({path, as_text(digest)}))) {
      return;
    }
  }
}

void one_of_two(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (std::size_t at = 0; at < form.fields.size(); ++at) {
    const auto same = [&](const Field& field) { return field.name == form.fields[at].name; };
    if (std::ranges::count_if(form.fields, same) > 1) {
      Form less = form;
      less.fields.erase(less.fields.begin() + static_cast<std::ptrdiff_t>(at));
      if (!emit(std::move(less))) {
        return;
      }
    }
  }
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"body-not-signed", kProved, kOnRest, "Only the query was signed, and the body holds parameters too.", "the signature is right for the query alone",
     "Sign the query and, directly behind it, the body.", Remedy::kSignWhatIsSent, RenderForm{only_query}},
    {"query-not-signed", kProved, kOnRest, "Only the body was signed, and the query holds parameters too.", "the signature is right for the body alone",
     "Sign the query and, directly behind it, the body.", Remedy::kSignWhatIsSent, RenderForm{only_body}},
    {"body-before-query", kProved, kOnRest, "Body and query were joined in the wrong order.", "the signature is right for the body followed by the query",
     "Sign the query first, then the body.", Remedy::kSignWhatIsSent, RenderForm{body_first}},
    {"ampersand-between-query-and-body", kProved, kOnRest, "An & was signed between query and body, and they were sent in two parts.", "the signature is right with & between the two",
     "Put all parameters into one place, or join the two without &.", Remedy::kSignWhatIsSent, RenderForm{ampersand_between}},
    {"duplicate-param", kProved, kOnRest | kOnWebSocket, "A parameter was sent twice.", "two equal names in one part of the request",
     "Send each parameter once; look whether the library adds it too.", Remedy::kSignWhatIsSent, EditForm{one_of_two}},
    {"question-mark-in-payload", kProved, kOnRest, "The ? before the query was signed too.", "the signature is right with a leading ?",
     "Cut the ? before signing.", Remedy::kSignWhatIsSent, WrapText{question_mark}},
    {"stray-ampersand-in-payload", kProved, kOnRest | kOnWebSocket, "A loop left an & at an end of the signed text.", "the signature is right with an & at an end",
     "Join the parameters with & instead of appending one to each.", Remedy::kSignWhatIsSent, WrapText{stray_ampersand}},
    {"trailing-newline-in-payload", kProved, kOnAll, "A line end was signed behind the payload.", "the signature is right with a line end",
     "Use printf %s instead of echo, and strip what is read from files.", Remedy::kSignWhatIsSent, WrapText{trailing_newline}},
    {"body-trailing-newline", kProved, kOnRest, "The body was sent with the final line end of a file, which was not signed.", "the signature is right without it",
     "Strip the file, or build the body in memory.", Remedy::kSendForm, WrapText{body_newline}},
    {"signature-key-in-payload", kProved, kOnRest | kOnWebSocket, "An empty parameter signature stood in the signed text.", "the signature is right with signature= in the text",
     "Add the signature after signing.", Remedy::kSignWhatIsSent, WrapText{signature_name}},
    {"path-in-signed-payload", kProved, kOnRest, "The path, the URL or the method was signed too.", "the signature is right with it before the payload",
     "Sign only the query and the body.", Remedy::kSignWhatIsSent, WrapText{with_path}},
    {"json-payload-signed", kProved, kOnRest, "The parameters were signed as JSON, and sent as a query or form.", "the signature is right for the JSON text of the parameters",
     "Sign the text that is sent: name=value joined by &.", Remedy::kSignWhatIsSent, RenderForm{as_json}},
    {"values-only-signed", kProved, kOnRest | kOnWebSocket, "Only the values were signed, without their names.", "the signature is right for the values, joined",
     "Sign name=value joined by &.", Remedy::kSignWhatIsSent, RenderForm{values_alone}},
    {"foreign-exchange-signing-scheme", kProved, kOnRest, "The text was put together by another exchange's recipe.", "the signature is right for that recipe's text",
     "Follow this API's recipe: sign the query and the body, nothing else.", Remedy::kSignWhatIsSent, RenderForm{foreign_scheme}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> assembly_causes() { return kRows; }

}  // namespace counterfoil::autopsy
