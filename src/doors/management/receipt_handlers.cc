#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/problem.h"
#include "authority/receipts.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/query.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

// sees_object: `object` is an API key or an account of those that the asker sees.
std::expected<bool, ApiFault> sees_object(const Call& call, const std::string& object) {
  const auto bound = bound_account(call.asker);
  if (!bound) {
    return true;
  }
  if (!ApiKeyId::parse(object)) {
    return sees(call.parts, bound, object);
  }
  const auto stored = call.parts.issuer.stored_key(object);
  if (stored) {
    return sees(call.parts, bound, stored->key.account.text());
  }
  return stored.error().kind == Problem::Kind::kNotFound
             ? std::expected<bool, ApiFault>(false)
             : std::unexpected(fault_of(stored.error()));
}

}  // namespace

Outcome list_receipts(const Call& call) {
  const auto object = call.query.text("object");
  const std::size_t limit = page_size(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (!object) {
    return std::unexpected(
        bad_input("object_missing", "name the API key or account: object=<its id>"));
  }
  const auto visible = sees_object(call, *object);
  if (!visible) {
    return std::unexpected(visible.error());
  }
  if (!*visible) {
    return reply_list(call, Json::array(), std::nullopt);  // as for one that does not exist
  }
  const auto lines = call.parts.receipts.of(*object, limit);
  if (!lines) {
    return std::unexpected(fault_of(lines.error()));
  }
  Json items = Json::array();
  for (const std::string& line : *lines) {
    items.push_back(Json::parse(line));
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome show_receipt(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto line = call.parts.receipts.find(call.id);
  if (!line) {
    return std::unexpected(fault_of(line.error()));
  }
  return reply(Json::parse(*line));
}

Outcome show_receipt_key(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply({{"public_key", call.parts.receipts.public_key()}});
}

}  // namespace counterfoil
