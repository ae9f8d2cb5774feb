#include "autopsy/reading.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/names.h"
#include "base/percent.h"
#include "wire/fix/fix_fields.h"
#include "wire/json/json_members.h"

namespace counterfoil::autopsy {
namespace {

bool is_form_type(const RefusedRequest& request) {
  return lower(header_of(request, "content-type").value_or(""))
      .starts_with("application/x-www-form-urlencoded");
}

bool looks_like_form(std::string_view body) {
  Form form;
  split_pairs(body, true, form);
  return !form.fields.empty() && std::ranges::all_of(form.fields, [](const Field& field) {
    return field.has_equals && !field.name.empty() &&
           field.name.find_first_of("{}\"<> \r\n") == std::string::npos;
  });
}

// give_roles finds the server's own parameters among the fields.
void give_roles(std::vector<Field>& fields, const Names& names) {
  const std::array<std::pair<std::string_view, Role>, 4> own{
      {{names.timestamp, Role::kTimestamp},
       {names.recv_window, Role::kRecvWindow},
       {names.signature, Role::kSignature},
       {names.api_key_parameter, Role::kApiKey}}};
  for (Field& field : fields) {
    for (const auto& [name, role] : own) {
      if (field.name == name) {
        field.role = role;
      }
    }
  }
}

// take_known fills in what the server reads, from fields that hold it.
void take_known(Reading& reading, const Names& names, bool values_are_decoded = false) {
  auto& fields = reading.form.fields;
  give_roles(fields, names);
  // The final line end of a file is a matter of the body, not of its last value.
  const auto value_of = [](const Field& field) {
    return field.value.substr(0, field.value.find_last_not_of("\r\n") + 1);
  };
  if (const Field* field = reading.find(Role::kTimestamp)) {
    reading.timestamp = value_of(*field);
  }
  if (const Field* field = reading.find(Role::kRecvWindow)) {
    reading.recv_window = value_of(*field);
  }
  if (const Field* field = reading.find("symbol")) {
    reading.symbol = values_are_decoded ? field->value : decoded(field->value);
  }
  const auto signature = std::ranges::find(fields, Role::kSignature, &Field::role);
  if (signature == fields.end()) {
    return;
  }
  reading.signature_written = signature->value;
  reading.signature = values_are_decoded ? signature->value : decoded(signature->value);
  const auto next = signature + 1;
  reading.signature_last = next == fields.end() || next->in_body != signature->in_body;
  fields.erase(signature);
}

Reading plain_reading(const RefusedRequest& request) {
  Reading reading;
  split_pairs(request.query, false, reading.form);
  const bool body_is_read = request.method != "GET" && is_form_type(request);
  if (body_is_read) {
    split_pairs(request.body, true, reading.form);
  }
  take_known(reading, request.names);
  if (!body_is_read && !request.body.empty()) {
    // Not read, but signed like every byte: one nameless field.
    reading.form.fields.push_back(
        {.name = request.body, .value = {}, .has_equals = false, .in_body = true});
  }
  reading.payloads = {rest_text(reading.form)};
  return reading;
}

void add_once(std::vector<std::string>& texts, std::string text) {
  if (std::ranges::find(texts, text) == texts.end()) {
    texts.push_back(std::move(text));
  }
}

// json_of gives the JSON text less its member `signature`, as a program would write it.
std::string json_of(const std::vector<json_text::Member>& members, std::string_view signature,
                    std::string_view comma, std::string_view colon) {
  std::string text = "{";
  for (const json_text::Member& member : members) {
    if (member.name != signature) {
      text.append(text.size() > 1 ? comma : "");
      text.append("\"").append(member.name).append("\"").append(colon).append(member.raw);
    }
  }
  return text + "}";
}

std::optional<Reading> json_body(const RefusedRequest& request) {
  const auto members = json_text::read_object(request.body);
  if (!members || members->empty()) {
    return std::nullopt;
  }
  Reading reading;
  reading.causes = {"json-body-instead-of-form"};
  split_pairs(request.query, false, reading.form);
  Form written = reading.form;
  for (const auto& member : *members) {
    const std::string value = member.text;
    reading.form.fields.push_back({.name = member.name, .value = value, .in_body = true});
    written.fields.push_back(
        {.name = member.name, .value = percent_encode(value), .in_body = true});
  }
  Reading encoded;
  encoded.form = std::move(written);
  take_known(encoded, request.names);
  take_known(reading, request.names, true);
  if (!reading.signature && !encoded.signature) {
    return std::nullopt;
  }
  if (std::ranges::find(*members, request.names.signature, &json_text::Member::name) ==
      members->end()) {
    reading.signature = encoded.signature;  // It stands in the query, encoded.
  }
  const Reading plain = plain_reading(request);
  reading.payloads = plain.payloads;
  const std::string query = query_of(reading.form);
  for (const std::string& text : {rest_text(reading.form), rest_text(encoded.form), query,
                                  query + json_of(*members, request.names.signature, ",", ":"),
                                  query + json_of(*members, request.names.signature, ", ", ": "),
                                  join_pairs(reading.form.fields), websocket_text(reading.form)}) {
    add_once(reading.payloads, text);
  }
  if (plain.signature && plain.timestamp) {
    // All that a signature needs was in the query: what was signed is the query and, or without,
    // the body.
    reading.form = plain.form;
  } else {
    reading.payloads.erase(reading.payloads.begin());
    add_once(reading.payloads, plain.payload());
  }
  return reading;
}

std::optional<Reading> multipart_body(const RefusedRequest& request) {
  if (!lower(header_of(request, "content-type").value_or("")).starts_with("multipart/") &&
      !(request.body.starts_with("--") && request.body.contains("form-data; name="))) {
    return std::nullopt;
  }
  Reading reading;
  reading.causes = {"multipart-body-instead-of-form"};
  split_pairs(request.query, false, reading.form);
  constexpr std::string_view kName = "name=\"";
  std::string_view rest = request.body;
  const std::string_view boundary = rest.substr(0, rest.find_first_of("\r\n"));
  for (std::size_t at = rest.find(kName); at != std::string_view::npos; at = rest.find(kName)) {
    rest.remove_prefix(at + kName.size());
    const std::string_view name = rest.substr(0, rest.find('"'));
    const bool crlf = rest.find("\r\n\r\n") != std::string_view::npos;
    const std::string_view blank = crlf ? "\r\n\r\n" : "\n\n";
    const std::size_t begin = rest.find(blank);
    if (begin == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(begin + blank.size());
    std::string_view value = rest.substr(0, boundary.empty() ? rest.size() : rest.find(boundary));
    value = value.substr(0, value.size() - std::min(value.size(), crlf ? std::size_t{2} : 1));
    reading.form.fields.push_back(
        {.name = std::string(name), .value = std::string(value), .in_body = true});
  }
  if (reading.form.fields.empty()) {
    return std::nullopt;
  }
  Form written = reading.form;
  for (Field& field : written.fields) {
    field.value = field.in_body ? percent_encode(field.value) : field.value;
  }
  take_known(reading, request.names, true);
  std::erase_if(written.fields,
                [&](const Field& field) { return field.name == request.names.signature; });
  reading.payloads = {rest_text(reading.form)};
  add_once(reading.payloads, rest_text(written));
  add_once(reading.payloads, query_of(reading.form));
  add_once(reading.payloads, plain_reading(request).payload());
  return reading;
}

// unread_body reads a form that stands where the server does not look.
std::optional<Reading> unread_body(const RefusedRequest& request) {
  if (request.body.empty() || !looks_like_form(request.body) ||
      (request.method != "GET" && is_form_type(request))) {
    return std::nullopt;
  }
  Reading reading;
  if (request.method == "GET") {
    reading.causes = {"params-in-get-body"};
  } else if (request.method == "DELETE") {
    reading.causes = {"delete-params-in-body"};
  } else {
    reading.causes = {"content-type-wrong"};
  }
  split_pairs(request.query, false, reading.form);
  split_pairs(request.body, true, reading.form);
  take_known(reading, request.names);
  reading.payloads = {rest_text(reading.form)};
  return reading;
}

std::optional<Reading> encoded_query(const RefusedRequest& request) {
  Form outer;
  split_pairs(request.query, false, outer);
  const auto hides = [](const Field& field) {
    const std::string name = lower(field.name);
    return !field.has_equals && name.contains("%3d");
  };
  if (std::ranges::none_of(outer.fields, hides)) {
    return std::nullopt;
  }
  Reading reading;
  reading.causes = {"whole-query-encoded"};
  Form sent;
  for (const Field& field : outer.fields) {
    if (hides(field)) {
      split_pairs(percent_decode(field.name).value_or(field.name), false, reading.form);
    } else {
      reading.form.fields.push_back(field);
    }
    if (field.name != request.names.signature) {
      sent.fields.push_back(field);
    }
  }
  split_pairs(request.body, true, reading.form);
  take_known(reading, request.names);
  reading.payloads = {rest_text(reading.form)};
  add_once(reading.payloads, join_pairs(sent.fields));
  return reading;
}

Reading read_rest(const RefusedRequest& request) {
  Reading reading = plain_reading(request);
  std::optional<Reading> other;
  if (!request.body.empty()) {
    other = json_body(request);
    other = other ? std::move(other) : multipart_body(request);
    other = other ? std::move(other) : unread_body(request);
  }
  if (!other && (!reading.signature || !reading.timestamp)) {
    other = encoded_query(request);
  }
  if (other) {
    reading = std::move(*other);
  }
  reading.api_key = header_of(request, request.names.api_key_header).value_or("");
  return reading;
}

Reading read_websocket(const RefusedRequest& request) {
  Reading reading;
  reading.transport = Transport::kWebSocket;
  reading.envelope =
      json_text::read_object(request.message).value_or(std::vector<json_text::Member>{});
  const auto params = std::ranges::find(reading.envelope, "params", &json_text::Member::name);
  if (params != reading.envelope.end()) {
    reading.params = json_text::read_object(params->raw).value_or(std::vector<json_text::Member>{});
  }
  for (const auto& member : reading.params) {
    reading.form.fields.push_back({.name = member.name,
                                   .value = member.text,
                                   .is_text = member.kind == json_text::Kind::kText});
  }
  take_known(reading, request.names, true);
  reading.signature_last = true;  // Members have no order.
  if (const Field* field = reading.find(Role::kApiKey)) {
    reading.api_key = field->value;
  }
  reading.payloads = {websocket_text(reading.form)};
  return reading;
}

Reading read_fix(const RefusedRequest& request) {
  constexpr std::array<std::pair<std::uint32_t, std::string_view>, 5> kSigned{
      {{35, "35"}, {49, "49"}, {56, "56"}, {34, "34"}, {52, "52"}}};
  Reading reading;
  reading.transport = Transport::kFix;
  reading.fix = fix::read_fields(request.message);
  const auto value = [&](std::uint32_t tag) {
    return std::string(reading.fix ? reading.fix->find(tag).value_or("") : "");
  };
  for (const auto& [tag, name] : kSigned) {
    reading.form.fields.push_back({.name = std::string(name), .value = value(tag)});
  }
  if (reading.fix && reading.fix->find(96)) {
    reading.signature = value(96);
    reading.signature_written = value(96);
  }
  if (reading.fix && reading.fix->find(25000)) {
    reading.recv_window = value(25000);
  }
  if (!value(52).empty()) {
    reading.timestamp = value(52);
  }
  reading.api_key = value(553);
  reading.payloads = {fix_text(reading.form)};
  return reading;
}

}  // namespace

const Field* Reading::find(std::string_view name) const {
  const auto found = std::ranges::find(form.fields, name, &Field::name);
  return found == form.fields.end() ? nullptr : &*found;
}

const Field* Reading::find(Role role) const {
  const auto found = std::ranges::find(form.fields, role, &Field::role);
  return found == form.fields.end() ? nullptr : &*found;
}

Reading read_request(const RefusedRequest& request) {
  switch (request.transport) {
    case Transport::kRest:
      return read_rest(request);
    case Transport::kWebSocket:
      return read_websocket(request);
    case Transport::kFix:
      return read_fix(request);
  }
  std::unreachable();
}

std::optional<std::string_view> header_of(const RefusedRequest& request, std::string_view name) {
  for (const auto& [header, value] : request.headers) {
    if (lower(header) == lower(name)) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace counterfoil::autopsy
