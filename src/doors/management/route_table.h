#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "doors/management/call.h"
#include "doors/management/management_api.h"
#include "doors/management/rights.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// BodyForm kSmallObject: an object of strangers, of at most 4 KiB. kTextObject: an object
// with a long text, at most 1 MiB. kRows: lines of JSON (application/x-ndjson), which the handler
// reads from the request itself.
enum class BodyForm : std::uint8_t { kObject, kSmallObject, kTextObject, kRows };

// RouteRow is one row of the table: what the documents tell of it, who may call it, and who answers
// it.
struct RouteRow {
  ManagementRoute route;
  Outcome (*handler)(const Call&);
  Rights rights;
  BodyForm body = BodyForm::kObject;
};
[[nodiscard]] std::span<const RouteRow> route_rows();

// FoundRoute: `row` is nullptr when no row has this method and path. `id` is what stood at {name}.
struct FoundRoute {
  const RouteRow* row = nullptr;
  std::string_view id;
};

// find_route takes the raw path; a literal segment goes before a {name}. HEAD is served by GET.
[[nodiscard]] FoundRoute find_route(http::Method method, std::string_view path);
// methods_for is "GET, PATCH": every method that a path has; empty when it has none.
[[nodiscard]] std::string methods_for(std::string_view path);

}  // namespace counterfoil
