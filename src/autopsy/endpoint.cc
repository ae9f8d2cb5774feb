// Whether the endpoint exists and reads what was sent. Of the vendor's REST API the autopsy knows
// the spot endpoints wholly; of other paths it says nothing.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "autopsy/cause.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::string_view kSpot = "/api/v3/";

struct Endpoint {
  std::string_view path;  // behind kSpot
  std::string_view methods;
  bool is_public;
  std::string_view parameters;  // blanks between and around; empty: not told
};

#define ORDER_PARAMETERS                                                                        \
  " symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId "     \
  "strategyType stopPrice trailingDelta icebergQty newOrderRespType selfTradePreventionMode "   \
  "pegPriceType pegOffsetValue pegOffsetType computeCommissionRates sideEffectType isIsolated " \
  "orderId origClientOrderId cancelRestrictions "

// clang-format off
constexpr auto kEndpoints = std::to_array<Endpoint>({
    {"ping",                      "GET",             true,  ""},
    {"time",                      "GET",             true,  ""},
    {"exchangeInfo",              "GET",             true,  ""},
    {"depth",                     "GET",             true,  ""},
    {"trades",                    "GET",             true,  ""},
    {"historicalTrades",          "GET",             true,  ""},
    {"aggTrades",                 "GET",             true,  ""},
    {"klines",                    "GET",             true,  ""},
    {"uiKlines",                  "GET",             true,  ""},
    {"avgPrice",                  "GET",             true,  ""},
    {"ticker",                    "GET",             true,  ""},
    {"ticker/24hr",               "GET",             true,  ""},
    {"ticker/tradingDay",         "GET",             true,  ""},
    {"ticker/price",              "GET",             true,  ""},
    {"ticker/bookTicker",         "GET",             true,  ""},
    {"order",                     "GET POST DELETE", false, ORDER_PARAMETERS},
    {"order/test",                "POST",            false, ORDER_PARAMETERS},
    {"order/cancelReplace",       "POST",            false, ""},
    {"order/amend/keepPriority",  "PUT",             false, ""},
    {"order/amendments",          "GET",             false, " symbol orderId fromExecutionId limit "},
    {"order/oco",                 "POST",            false, ""},
    {"orderList",                 "GET DELETE",      false, " symbol orderListId listClientOrderId origClientOrderId newClientOrderId "},
    {"orderList/oco",             "POST",            false, ""},
    {"orderList/oto",             "POST",            false, ""},
    {"orderList/otoco",           "POST",            false, ""},
    {"orderList/opo",             "POST",            false, ""},
    {"orderList/opoco",           "POST",            false, ""},
    {"allOrderList",              "GET",             false, " fromId startTime endTime limit "},
    {"openOrderList",             "GET",             false, ""},
    {"openOrders",                "GET DELETE",      false, " symbol "},
    {"allOrders",                 "GET",             false, " symbol orderId startTime endTime limit "},
    {"sor/order",                 "POST",            false, ORDER_PARAMETERS},
    {"sor/order/test",            "POST",            false, ORDER_PARAMETERS},
    {"account",                   "GET",             false, " omitZeroBalances "},
    {"account/commission",        "GET",             false, " symbol "},
    {"myTrades",                  "GET",             false, " symbol orderId startTime endTime fromId limit "},
    {"rateLimit/order",           "GET",             false, ""},
    {"myPreventedMatches",        "GET",             false, ""},
    {"myAllocations",             "GET",             false, ""},
    {"myFilters",                 "GET",             false, " symbol "},
    {"userDataStream",            "POST PUT DELETE", false, ""},
    {"userDataStream/subscribe",  "POST",            false, ""},
});
// clang-format on
#undef ORDER_PARAMETERS

const Endpoint* endpoint_of(const Scene& scene) {
  const std::string_view path = scene.request.path;
  if (!path.starts_with(kSpot)) {
    return nullptr;
  }
  const auto* const found =
      std::ranges::find(kEndpoints, path.substr(kSpot.size()), &Endpoint::path);
  return found == kEndpoints.end() ? nullptr : &*found;
}

bool lists(std::string_view words, std::string_view word) {
  return (" " + std::string(words) + " ").contains(" " + std::string(word) + " ");
}

std::optional<std::string> wrong_path(const Scene& scene) {
  const std::string_view path = scene.request.path;
  if (path.empty() || scene.rules.is_routed || endpoint_of(scene) != nullptr) {
    return std::nullopt;
  }
  constexpr auto kProducts = std::to_array<std::string_view>(
      {"/sapi/v", "/fapi/v", "/dapi/v", "/eapi/v", "/papi/v", "/futures/data/"});
  const bool known = std::ranges::any_of(
      kProducts, [&](std::string_view product) { return path.starts_with(product); });
  return known ? std::nullopt : std::optional(std::string(path));
}

std::optional<std::string> wrong_method(const Scene& scene) {
  const Endpoint* const endpoint = endpoint_of(scene);
  return endpoint != nullptr && !scene.rules.is_routed &&
                 !lists(endpoint->methods, scene.request.method)
             ? std::optional(scene.request.method + "; it takes " + std::string(endpoint->methods))
             : std::nullopt;
}

std::optional<std::string> needs_none(const Scene& scene) {
  const Endpoint* const endpoint = endpoint_of(scene);
  return endpoint != nullptr && endpoint->is_public && scene.reading.signature
             ? std::optional<std::string>("")
             : std::nullopt;
}

std::optional<std::string> unread(const Scene& scene) {
  const Endpoint* const endpoint = endpoint_of(scene);
  if (endpoint == nullptr || endpoint->parameters.empty() ||
      scene.outcome != SignatureOutcome::kRight || scene.has("wrong-http-method")) {
    return std::nullopt;
  }
  for (const Field& field : scene.reading.form.fields) {
    if (field.has_equals && !lists(endpoint->parameters, field.name) &&
        field.role == Role::kOther) {
      return field.name;
    }
  }
  return std::nullopt;
}

std::optional<std::string> doubled(const Scene& scene) {
  const auto& fields = scene.reading.form.fields;
  for (const Field& one : fields) {
    if (one.role == Role::kSignature) {
      return one.name;  // One was taken out; this is another.
    }
    for (const Field& two : fields) {
      if (&one < &two && one.name == two.name && one.in_body == two.in_body && one.has_equals &&
          !scene.request.path.contains("/asset/dust")) {
        return one.name;
      }
    }
  }
  return std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"wrong-host-or-path", kProved, kOnRest, "There is no such path.", "no route fits",
     "Correct the path and its version.", Remedy::kNone, SeeFact{wrong_path}},
    {"wrong-http-method", kProved, kOnRest, "The endpoint takes another HTTP method.", "the endpoint's methods",
     "Use the method of the documents: POST for new orders.", Remedy::kNone, SeeFact{wrong_method}},
    {"signed-unsigned-endpoint", kProved, kOnRest, "The endpoint takes no signature.", "the endpoint is public",
     "Send no timestamp and no signature.", Remedy::kNone, SeeFact{needs_none}},
    {"duplicate-param", kProved, kOnRest | kOnWebSocket, "A parameter was sent twice.", "two equal names in one part of the request",
     "Send each parameter once; look whether the library adds it too.", Remedy::kSignWhatIsSent, SeeFact{doubled}},
    {"unread-parameter", kProved, kOnRest, "The endpoint does not know a parameter.", "its name is not among those of the endpoint",
     "Correct the name, or leave it out.", Remedy::kNone, SeeFact{unread}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> endpoint_causes() { return kRows; }

}  // namespace counterfoil::autopsy
