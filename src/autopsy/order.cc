// Which parameters were signed, and in what order.
#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/documented_order.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"
#include "autopsy/sort_stably.h"

namespace counterfoil::autopsy {
namespace {

using Order = std::vector<std::size_t>;

constexpr std::size_t kPermutedMax = 7;  // 5,040 orders
constexpr std::size_t kSubsetsMax = 9;   // 511 subsets

Form picked(const Form& form, const Order& order) {
  Form out;
  out.fields.reserve(order.size());
  for (const std::size_t at : order) {
    out.fields.push_back(form.fields[at]);
  }
  return out;
}

Form in_one_part(Form form) {
  for (Field& field : form.fields) {
    field.in_body = false;
  }
  return form;
}

// emit_order tells of an order, of both parts by themselves and of all as one text.
bool emit_order(const Form& form, const EmitForm& emit) {
  const bool one_part =
      std::ranges::adjacent_find(form.fields, {}, &Field::in_body) == form.fields.end() ||
      std::ranges::all_of(form.fields, [&](const Field& field) {
        return field.in_body == form.fields.front().in_body;
      });
  return emit(form) && (one_part || emit(in_one_part(form)));
}

bool each_moved(const Form& form, const EmitForm& emit) {
  for (std::size_t from = 0; from < form.fields.size(); ++from) {
    for (std::size_t to = 0; to < form.fields.size(); ++to) {
      Form moved = form;
      const Field field = moved.fields[from];
      moved.fields.erase(moved.fields.begin() + static_cast<std::ptrdiff_t>(from));
      moved.fields.insert(moved.fields.begin() + static_cast<std::ptrdiff_t>(to), field);
      if (!emit_order(moved, emit)) {
        return false;
      }
    }
  }
  return true;
}

std::vector<Form> usual_orders(const Form& form) {
  std::vector<Form> orders(5, form);
  orders[0].fields = sorted_by_name(form.fields);
  orders[1].fields = documented_order(form.fields);
  std::ranges::reverse(orders[2].fields);
  orders[3].fields = orders[0].fields;
  std::ranges::reverse(orders[3].fields);
  sort_stably(orders[4].fields, [](const Field& field) { return lower(field.name); });
  return orders;
}

void other_order(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  const std::vector<Form> orders = usual_orders(form);
  if (reach == Reach::kLikely) {
    for (const Form& order : orders) {
      if (!emit_order(order, emit)) {
        return;
      }
    }
    // The timestamp first, or last.
    const auto time = std::ranges::find(form.fields, Role::kTimestamp, &Field::role);
    if (time != form.fields.end()) {
      Form moved = form;
      std::ranges::rotate(moved.fields, moved.fields.begin() + (time - form.fields.begin()));
      Form first = form;
      first.fields.erase(first.fields.begin() + (time - form.fields.begin()));
      Form last = first;
      first.fields.insert(first.fields.begin(), *time);
      last.fields.push_back(*time);
      static_cast<void>(emit_order(first, emit) && emit_order(last, emit));
    }
    return;
  }
  if (!each_moved(form, emit) || !each_moved(orders[1], emit) || !each_moved(orders[0], emit)) {
    return;
  }
  Order order(form.fields.size());
  std::iota(order.begin(), order.end(), 0U);
  if (order.size() > kPermutedMax) {
    return;
  }
  while (std::ranges::next_permutation(order).found) {
    if (!emit_order(picked(form, order), emit)) {
      return;
    }
  }
}

void beginning(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  constexpr std::size_t kLikelyCut = 2;
  const std::size_t size = form.fields.size();
  for (std::size_t cut = 1; cut < size; ++cut) {
    Form shorter = form;
    shorter.fields.resize(size - cut);
    const bool time_alone = shorter.fields.size() == 1 && is_timestamp(shorter.fields[0]);
    if (!time_alone && (cut <= kLikelyCut) == (reach == Reach::kLikely) &&
        !emit(std::move(shorter))) {
      return;
    }
  }
}

template <typename Wanted>
bool emit_those(const Form& form, const EmitForm& emit, Wanted wanted) {
  Form some;
  std::ranges::copy_if(form.fields, std::back_inserter(some.fields), wanted);
  return emit(std::move(some));
}

bool time_alone(const Form& form, const EmitForm& emit) {
  // With or without the one that names the key.
  for (const bool window : {false, true}) {
    for (const bool key : {false, true}) {
      if (!emit_those(form, emit, [&](const Field& field) {
            return is_timestamp(field) || (window && is_recv_window(field)) ||
                   (key && is_api_key(field));
          })) {
        return false;
      }
    }
  }
  return true;
}

bool without_one(const Form& form, const EmitForm& emit) {
  return std::ranges::all_of(form.fields, [&](const Field& left_out) {
    return emit_those(form, emit, [&](const Field& field) { return &field != &left_out; });
  });
}

bool without_two(const Form& form, const EmitForm& emit) {
  for (const Field& one : form.fields) {
    for (const Field& two : form.fields) {
      if (&one < &two &&
          !emit_those(
              form, emit, [&](const Field& field) { return &field != &one && &field != &two; })) {
        return false;
      }
    }
  }
  return true;
}

bool each_subset(const Form& form, const EmitForm& emit) {
  for (std::size_t mask = 0; mask + 1 < (std::size_t{1} << form.fields.size()); ++mask) {
    if (!emit_those(form, emit, [&](const Field& field) {
          return ((mask >> static_cast<std::size_t>(&field - form.fields.data())) & 1U) != 0;
        })) {
      return false;
    }
  }
  return true;
}

void subset(const Scene& /*scene*/, const Form& form, Reach reach, const EmitForm& emit) {
  if (reach == Reach::kLikely) {
    static_cast<void>(time_alone(form, emit) && without_one(form, emit));
  } else {
    static_cast<void>(form.fields.size() <= kSubsetsMax ? each_subset(form, emit)
                                                        : without_two(form, emit));
  }
}

bool emit_with(const Form& form, std::string_view name, std::string_view value,
               const EmitForm& emit) {
  for (std::size_t at = form.fields.size() + 1; at-- > 0;) {
    Form more = form;
    const bool in_body = !form.fields.empty() && form.fields[at == 0 ? 0 : at - 1].in_body;
    more.fields.insert(
        more.fields.begin() + static_cast<std::ptrdiff_t>(at),
        {.name = std::string(name), .value = std::string(value), .in_body = in_body});
    if (!emit(std::move(more))) {
      return false;
    }
  }
  return true;
}

void dropped(const Scene& scene, const Form& form, Reach reach, const EmitForm& emit) {
  const std::string& window = scene.request.names.recv_window;
  const bool has_window = scene.reading.find(Role::kRecvWindow) != nullptr;
  if (reach == Reach::kLikely) {
    if (!has_window) {
      static_cast<void>(emit_with(form, window, "5000", emit));
    }
    return;
  }
  if (!has_window) {
    for (const std::string_view value :
         {"60000", "10000", "6000", "20000", "30000", "50000", "59999", "15000", "8000", "3000",
          "1000", "", "undefined", "null", "None", "0"}) {
      if (!emit_with(form, window, value, emit)) {
        return;
      }
    }
  }
  constexpr auto kEmpty = std::to_array<std::string_view>({"", "undefined", "null", "None", "NaN"});
  for (const std::string_view value : kEmpty) {
    for (const std::string_view name : documented_names()) {
      if (std::ranges::find(form.fields, name, &Field::name) == form.fields.end() &&
          !emit_with(form, name, value, emit)) {
        return;
      }
    }
  }
  constexpr auto kDefaults = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"newOrderRespType", "FULL"},
       {"newOrderRespType", "RESULT"},
       {"newOrderRespType", "ACK"},
       {"timeInForce", "GTC"},
       {"limit", "500"},
       {"limit", "1000"},
       {"limit", "100"},
       {"omitZeroBalances", "false"},
       {"omitZeroBalances", "true"},
       {"reduceOnly", "false"},
       {"type", "LIMIT"},
       {"positionSide", "BOTH"},
       {"selfTradePreventionMode", "NONE"},
       {"isIsolated", "FALSE"},
       {"current", "1"},
       {"size", "10"}});
  for (const auto& [name, value] : kDefaults) {
    if (std::ranges::find(form.fields, name, &Field::name) == form.fields.end() &&
        !emit_with(form, name, value, emit)) {
      return;
    }
  }
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"params-added-after-signing", kProved, kOnRest, "Parameters were appended after signing.", "the signature is right for the parameters before them",
     "Sign last: nothing may be added after that but the signature.", Remedy::kSignWhatIsSent, EditForm{beginning}},
    {"param-order-mismatch", kProved, kOnRest, "The parameters were signed in another order than sent.", "the signature is right for another order of the same parameters",
     "Build the text once, sign it, and send that very text.", Remedy::kSignWhatIsSent, EditForm{other_order}},
    {"only-some-params-signed", kProved, kOnRest | kOnWebSocket, "Only some of the parameters were signed.", "the signature is right for a part of the parameters",
     "Sign all parameters but signature.", Remedy::kSignWhatIsSent, EditForm{subset}},
    {"signed-param-not-sent", kProved, kOnRest | kOnWebSocket, "A parameter was signed that was not sent: the library dropped an empty or default value.", "the signature is right with that parameter",
     "Drop empty values before signing, and send all that was signed.", Remedy::kSignWhatIsSent, EditForm{dropped}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> order_causes() { return kRows; }

}  // namespace counterfoil::autopsy
