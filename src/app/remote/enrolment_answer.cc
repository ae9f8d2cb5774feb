#include "app/remote/enrolment_answer.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/signature_scheme.h"
#include "keys/api_key_id.h"
#include "keys/life.h"
#include "outbound/one_object.h"
#include "outbound/web_url.h"
#include "wire/json/json_members.h"

namespace counterfoil {
namespace {

bool is_plain(std::string_view text) {
  return text.size() <= kEnrolmentTextBytesMax &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::expected<OneObject, std::string> read_answer(std::string_view body) {
  if (body.size() > kEnrolmentAnswerBytesMax) {
    return std::unexpected("is larger than " + std::to_string(kEnrolmentAnswerBytesMax) + " bytes");
  }
  auto object = OneObject::read(body);
  if (!object) {
    return std::unexpected("is not a JSON object");
  }
  return std::move(*object);
}

std::unexpected<std::string> no_such_member(std::string_view name) {
  return std::unexpected("has no usable \"" + std::string(name) + "\"");
}

std::optional<std::string> plain_text(const OneObject& object, std::string_view name) {
  auto text = object.text(name);
  return text && is_plain(*text) && !text->empty() ? std::move(text) : std::nullopt;
}

bool is_null(const OneObject& object, std::string_view name) {
  const json_text::Member* const member = object.find(name);
  return member == nullptr || member->kind == json_text::Kind::kNull;
}

// list_of gives nullopt for what is no list, or has an element that is not `is_fit`.
std::optional<std::vector<std::string>> list_of(const OneObject& object, std::string_view name,
                                                bool (*is_fit)(std::string_view)) {
  auto list = object.texts(name);
  const bool fits = list && list->size() <= kEnrolmentListMax && std::ranges::all_of(*list, is_fit);
  return fits ? std::move(list) : std::nullopt;
}

// origin_of leaves out what a command line could not be made of.
std::string origin_of(const OneObject& object) {
  const auto text = object.text("gateway_url");
  const auto url = text ? WebUrl::parse(*text) : std::nullopt;
  if (!url || url->target != "/") {
    return {};
  }
  return (url->tls ? "https://" : "http://") + url->authority;
}

}  // namespace

std::expected<PreparedKey, std::string> parse_prepared_key(std::string_view body) {
  const auto object = read_answer(body);
  if (!object) {
    return std::unexpected(object.error());
  }
  PreparedKey key;
  for (const auto& [name, text] :
       {std::pair("account", &key.account), std::pair("ends_at", &key.ends_at)}) {
    auto told = plain_text(*object, name);
    if (!told) {
      return no_such_member(name);
    }
    *text = std::move(*told);
  }
  auto label = object->text("label");
  if (label ? !is_label(*label) : !is_null(*object, "label")) {
    return no_such_member("label");
  }
  key.label = std::move(label).value_or("");
  const auto scheme = parse_scheme(object->text("type").value_or(""));
  if (!scheme) {
    return no_such_member("type");
  }
  key.scheme = *scheme;
  auto permissions = list_of(*object, "permissions", is_plain);
  auto allow_list = list_of(*object, "allow_list", is_plain);
  auto symbols = list_of(*object, "symbols", is_symbol);
  if (!permissions || !allow_list || !symbols) {
    return no_such_member(!permissions ? "permissions" : !allow_list ? "allow_list" : "symbols");
  }
  key.permissions = std::move(*permissions);
  key.allow_list = std::move(*allow_list);
  key.symbols = std::move(*symbols);
  key.expires_at = plain_text(*object, "expires_at");
  if (!key.expires_at && !is_null(*object, "expires_at")) {
    return no_such_member("expires_at");
  }
  const json_text::Member* const never = object->find("never_expires");
  key.never_expires = never != nullptr && never->raw == "true";
  key.gateway_url = origin_of(*object);
  return key;
}

std::expected<EnrolmentChallenge, std::string> parse_enrolment_challenge(std::string_view body) {
  const auto object = read_answer(body);
  if (!object) {
    return std::unexpected(object.error());
  }
  auto nonce = plain_text(*object, "nonce");
  if (!nonce) {
    return no_such_member("nonce");
  }
  auto text = object->text("text");
  if (!text || text->empty()) {
    return no_such_member("text");
  }
  return EnrolmentChallenge{.nonce = std::move(*nonce), .text = std::move(*text)};
}

std::expected<EnrolledKey, std::string> parse_enrolled_key(std::string_view body) {
  const auto object = read_answer(body);
  if (!object) {
    return std::unexpected(object.error());
  }
  auto api_key = object->text("api_key");
  if (!api_key || !ApiKeyId::parse(*api_key)) {
    return no_such_member("api_key");
  }
  auto expires_at = plain_text(*object, "expires_at");
  if (!expires_at && !is_null(*object, "expires_at")) {
    return no_such_member("expires_at");
  }
  return EnrolledKey{.api_key = std::move(*api_key), .expires_at = std::move(expires_at)};
}

std::optional<std::string> parse_enrolment_refusal(std::string_view body) {
  const auto object = read_answer(body);
  return object ? plain_text(*object, "detail") : std::nullopt;
}

}  // namespace counterfoil
