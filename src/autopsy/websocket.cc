// Mistakes of the WebSocket API.
#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/documented_order.h"
#include "autopsy/escapes.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/respelling.h"
#include "autopsy/scene.h"
#include "autopsy/signed_json.h"
#include "autopsy/sort_stably.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::size_t kPermutedMax = 7;

std::vector<Field> with_key_at(std::vector<Field> fields, bool first) {
  const auto key = std::ranges::find(fields, Role::kApiKey, &Field::role);
  if (key != fields.end()) {
    Field field = std::move(*key);
    fields.erase(key);
    fields.insert(first ? fields.begin() : fields.end(), std::move(field));
  }
  return fields;
}

void unsorted(const Scene& /*scene*/, const Form& form, Reach reach, const EmitText& emit) {
  const std::vector<Field> sorted = sorted_by_name(form.fields);
  std::vector<Field> reversed = sorted;
  std::ranges::reverse(reversed);
  std::vector<Field> any_case = form.fields;
  sort_stably(any_case, [](const Field& field) { return lower(field.name); });
  if (reach == Reach::kLikely) {
    for (const auto& fields :
         {form.fields, with_key_at(form.fields, true), with_key_at(form.fields, false),
          documented_order(form.fields), any_case, reversed, with_key_at(sorted, false),
          with_key_at(documented_order(form.fields), false)}) {
      if (!emit(join_pairs(fields))) {
        return;
      }
    }
    return;
  }
  for (const auto& base : {form.fields, sorted}) {
    for (std::size_t from = 0; from < base.size(); ++from) {
      for (std::size_t to = 0; to < base.size(); ++to) {
        std::vector<Field> moved = base;
        moved.erase(moved.begin() + static_cast<std::ptrdiff_t>(from));
        moved.insert(moved.begin() + static_cast<std::ptrdiff_t>(to), base[from]);
        if (!emit(join_pairs(moved))) {
          return;
        }
      }
    }
  }
  std::vector<std::size_t> order(form.fields.size());
  std::iota(order.begin(), order.end(), 0U);
  while (order.size() <= kPermutedMax && std::ranges::next_permutation(order).found) {
    std::vector<Field> fields;
    fields.reserve(order.size());
    for (const std::size_t at : order) {
      fields.push_back(form.fields[at]);
    }
    if (!emit(join_pairs(fields))) {
      return;
    }
  }
}

void without_key(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach == Reach::kLikely) {
    Form less = form;
    std::erase_if(less.fields, is_api_key);
    emit(std::move(less));
  }
}

void encoded(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  for (const std::string_view kept : {kKeptByComponent, kKeptByRfc3986, kKeptByQuote, kKeptByForm,
                                      kKeptByUri, std::string_view("-._~[],:")}) {
    for (const Blank blank : {Blank::kPercent, Blank::kPlus}) {
      for (const HexCase hex : {HexCase::kUpper, HexCase::kLower}) {
        if (!respell(
                form, [&](const std::string& value) { return escaped(value, kept, blank, hex); },
                emit)) {
          return;
        }
      }
    }
  }
}

void numbers(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  for (const Spelling& spelling : number_spellings(reach)) {
    if (!respell(form, spelling, emit)) {
      return;
    }
  }
  // The time as a number with a point.
  for (const std::string_view tail : {".0", ".00", ".000"}) {
    Form all = form;
    for (std::size_t at = 0; at < form.fields.size(); ++at) {
      if (!form.fields[at].is_text && is_digits(form.fields[at].value)) {
        Form one = form;
        one.fields[at].value += tail;
        all.fields[at].value += tail;
        if (!emit(std::move(one))) {
          return;
        }
      }
    }
    if (!emit(std::move(all))) {
      return;
    }
  }
}

void json(const Scene& scene, const Form& form, Reach reach, const EmitText& emit) {
  each_json(form, Values::kPlain, reach, emit);
  if (reach == Reach::kLikely) {
    // The texts as the frame itself spells them, and the whole frame.
    for (const auto& [comma, colon] :
         {std::pair<std::string_view, std::string_view>{",", ":"}, {", ", ": "}}) {
      std::string params = "{";
      for (const auto& member : scene.reading.params) {
        if (member.name == scene.request.names.signature) {
          continue;
        }
        const std::string pair =
            "\"" + member.name + "\"" + std::string(colon) + std::string(member.raw);
        params += (params.size() > 1 ? std::string(comma) : "") + pair;
      }
      std::string frame = "{";
      for (const auto& member : scene.reading.envelope) {
        frame += (frame.size() > 1 ? std::string(comma) : "") + "\"" + member.name + "\"" +
                 std::string(colon) +
                 (member.name == "params" ? params + "}" : std::string(member.raw));
      }
      if (!emit(params + "}") || !emit(frame + "}")) {
        return;
      }
    }
  }
}

void envelope(const Scene& scene, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach != Reach::kLikely) {
    return;
  }
  Form both = form;
  for (const auto& member : scene.reading.envelope) {
    if (member.name != "params") {
      Form one = form;
      one.fields.push_back({.name = member.name, .value = member.text});
      both.fields.push_back(one.fields.back());
      if (!emit(std::move(one))) {
        return;
      }
    }
  }
  emit(std::move(both));
}

// ---- the session

std::optional<std::string> not_logged_on(const Scene& scene) {
  const bool signs = scene.reading.signature && !scene.reading.signature->empty();
  return scene.request.session_api_key.empty() && !signs && scene.reading.api_key.empty()
             ? std::optional<std::string>("")
             : std::nullopt;
}

std::optional<std::string> session_revoked(const Scene& scene) {
  const bool by_session = !scene.request.session_api_key.empty() && scene.reading.api_key.empty();
  const bool dead = scene.named != nullptr && (scene.named->state == PairState::kRevoked ||
                                               scene.named->state == PairState::kSuspended ||
                                               scene.named->state == PairState::kRetired);
  const bool expired = scene.named != nullptr && scene.named->expires_at_ms &&
                       scene.now_ms >= *scene.named->expires_at_ms;
  return by_session && (dead || expired) ? std::optional<std::string>("") : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"ws-params-not-sorted", kProved, kOnWebSocket, "The parameters were not sorted by name before signing.", "the signature is right for another order of the same parameters",
     "Sort all parameters but signature by name.", Remedy::kWebSocket, RenderForm{unsorted}},
    {"ws-api-key-not-in-payload", kProved, kOnWebSocket, "apiKey was left out of the signed text.", "the signature is right without apiKey",
     "Sign apiKey too: on the WebSocket it is a parameter.", Remedy::kWebSocket, EditForm{without_key}},
    {"ws-payload-percent-encoded", kProved, kOnWebSocket, "The values were percent-encoded before signing, as REST needs it.", "the signature is right for encoded values",
     "Sign the plain UTF-8 text of the values.", Remedy::kWebSocket, EditForm{encoded}},
    {"ws-number-formatting", kProved, kOnWebSocket, "A number was signed in another spelling than it has in the JSON.", "the signature is right for another text of the same number",
     "Send prices and quantities as JSON texts, and sign those.", Remedy::kTextValues, EditForm{numbers}},
    {"ws-json-signed", kProved, kOnWebSocket, "The JSON text was signed.", "the signature is right for the JSON of the parameters",
     "Sign name=value joined by &, sorted by name.", Remedy::kWebSocket, RenderForm{json}},
    {"ws-envelope-fields-in-payload", kProved, kOnWebSocket, "id or method was signed too.", "the signature is right with them",
     "Sign only the members of params.", Remedy::kWebSocket, EditForm{envelope}},
    {"ws-session-not-logged-on", kProved, kOnWebSocket, "The request has neither key nor signature, and nobody is logged on on this connection.", "the state of the connection",
     "Log on again after every connect, or sign the request.", Remedy::kWebSocketLogon, SeeFact{not_logged_on}},
    {"ws-session-revoked", kProved, kOnWebSocket, "The key that this connection is logged on with is not valid any more.", "the state of the key",
     "Log on with a key that is valid.", Remedy::kWebSocketLogon, SeeFact{session_revoked}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> websocket_causes() { return kRows; }

}  // namespace counterfoil::autopsy
