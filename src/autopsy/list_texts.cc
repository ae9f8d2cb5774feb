#include "autopsy/list_texts.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/form.h"
#include "wire/json/json_members.h"

namespace counterfoil::autopsy {
namespace {

// Respaced copies JSON text with its own blanks taken out, and changes what stands outside of the
// quotes by `outside`.
std::string respaced(std::string_view json, std::string_view comma, std::string_view colon,
                     char quote) {
  std::string out;
  bool within = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (within && c == '\\' && at + 1 < json.size()) {
      out += c;
      out += json[++at];
      continue;
    }
    if (c == '"') {
      within = !within;
      out += quote;
    } else if (!within && c == ',') {
      out += comma;
    } else if (!within && c == ':') {
      out += colon;
    } else if (within || (c != ' ' && c != '\n' && c != '\t')) {
      out += c;
    }
  }
  return out;
}

std::string python(const std::string& json) {
  return replaced(replaced(replaced(json, "true", "True"), "false", "False"), "null", "None");
}

// as_json gives the value as JSON, read from Python's printed form if need be.
std::optional<std::string> as_json(std::string_view value) {
  for (const std::string& text :
       {std::string(value), replaced(value, "'", "\""),
        replaced(replaced(replaced(replaced(value, "'", "\""), "True", "true"), "False", "false"),
                 "None", "null")}) {
    if (json_text::read_array(text) || json_text::read_object(text)) {
      return text;
    }
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& elements, std::string_view glue,
                   std::string_view around) {
  std::string text;
  for (const std::string& element : elements) {
    text.append(text.empty() ? "" : glue).append(around).append(element).append(around);
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) {
      part.remove_prefix(1);
    }
    while (part.ends_with(' ')) {
      part.remove_suffix(1);
    }
    parts.emplace_back(part);
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());
  }
  return parts;
}

void add_flat(const std::vector<std::string>& elements, std::vector<std::string>& texts) {
  for (const std::string_view around : {"", "\"", "'"}) {
    for (const std::string_view glue : {",", ", "}) {
      const std::string list = joined(elements, glue, around);
      texts.push_back("[" + list + "]");
      texts.push_back(list);
      texts.push_back("(" + list + ")");
    }
  }
  for (const std::string_view glue : {"|", ";", " ", "&"}) {
    texts.push_back(joined(elements, glue, ""));
  }
}

}  // namespace

std::vector<std::string> list_elements(std::string_view value) {
  std::vector<std::string> elements;
  if (const auto json = as_json(value)) {
    for (const auto& member :
         json_text::read_array(*json).value_or(std::vector<json_text::Member>{})) {
      if (member.kind == json_text::Kind::kArray || member.kind == json_text::Kind::kObject) {
        return {};
      }
      elements.push_back(member.text);
    }
    return elements;
  }
  if (value.starts_with('[') && value.ends_with(']')) {
    return split(value.substr(1, value.size() - 2));
  }
  return value.contains(',') ? split(value) : elements;
}

std::vector<std::string> list_texts(std::string_view value) {
  std::vector<std::string> texts;
  if (const auto json = as_json(value)) {
    for (const char quote : {'"', '\''}) {
      for (const auto& [comma, colon] : {std::pair<std::string_view, std::string_view>{",", ":"},
                                         {", ", ": "},
                                         {", ", ":"},
                                         {",", ": "}}) {
        const std::string text = respaced(*json, comma, colon, quote);
        texts.push_back(text);
        if (quote == '\'') {
          texts.push_back(python(text));
        }
      }
    }
    texts.emplace_back("[object Object]");
  }
  if (const auto elements = list_elements(value); !elements.empty()) {
    add_flat(elements, texts);
  }
  std::ranges::sort(texts);
  const auto tail = std::ranges::unique(texts);
  texts.erase(tail.begin(), tail.end());
  return texts;
}

}  // namespace counterfoil::autopsy
