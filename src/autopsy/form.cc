#include "autopsy/form.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/sort_stably.h"
#include "base/percent.h"

namespace counterfoil::autopsy {
namespace {

std::string joined(const Form& form, bool in_body) {
  std::vector<Field> part;
  std::ranges::copy_if(form.fields, std::back_inserter(part),
                       [&](const Field& field) { return field.in_body == in_body; });
  return join_pairs(part);
}

}  // namespace

void split_pairs(std::string_view text, bool in_body, Form& form) {
  for (bool more = !text.empty(); more;) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    more = end != std::string_view::npos;
    text.remove_prefix(more ? end + 1 : text.size());
    const std::size_t equals = pair.find('=');
    const bool has_equals = equals != std::string_view::npos;
    form.fields.push_back({.name = std::string(pair.substr(0, equals)),
                           .value = std::string(has_equals ? pair.substr(equals + 1) : ""),
                           .has_equals = has_equals,
                           .in_body = in_body});
  }
}

std::string join_pairs(const std::vector<Field>& fields, std::string_view glue) {
  std::string text;
  std::size_t size = 0;
  for (const Field& field : fields) {
    size += field.name.size() + field.value.size() + glue.size() + 1;
  }
  text.reserve(size);
  for (const Field& field : fields) {
    if (&field != &fields.front()) {
      text += glue;
    }
    text += field.name;
    if (field.has_equals) {
      text += '=';
      text += field.value;
    }
  }
  return text;
}

std::string query_of(const Form& form) { return joined(form, false); }
std::string body_of(const Form& form) { return joined(form, true); }

std::string rest_text(const Form& form) {
  const bool one_part = std::ranges::all_of(form.fields, [&](const Field& field) {
    return field.in_body == form.fields.front().in_body;
  });
  return one_part ? join_pairs(form.fields) : query_of(form) + body_of(form);
}

std::vector<Field> sorted_by_name(std::vector<Field> fields) {
  sort_stably(fields, [](const Field& field) { return std::string_view(field.name); });
  return fields;
}

std::string websocket_text(const Form& form) { return join_pairs(sorted_by_name(form.fields)); }

std::string fix_text(const Form& form) {
  std::string text;
  for (const Field& field : form.fields) {
    if (&field != &form.fields.front()) {
      text += '\x01';
    }
    text += field.value;
  }
  return text;
}

std::string decoded(std::string_view value) {
  return form_decode(value).value_or(std::string(value));
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  return is_digits(text.substr(0, point)) &&
         (point == std::string_view::npos || is_digits(text.substr(point + 1)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c < 0x80 ? std::tolower(c) : c);
  });
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c < 0x80 ? std::toupper(c) : c);
  });
  return out;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return out.append(text);
}

}  // namespace counterfoil::autopsy
