// Target: json_text::read_object(). Property: each value that it gives stands in the text it read,
// in order, and the object made of them is read as the same members again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/json/json_members.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto members = counterfoil::json_text::read_object(input);
  if (!members) {
    return 0;
  }
  const char* last = input.data();
  std::string again = "{";
  for (const auto& member : *members) {
    if (member.raw.data() < last || member.raw.data() + member.raw.size() > input.data() + size) {
      std::abort();
    }
    last = member.raw.data() + member.raw.size();
    again += again.size() > 1 ? "," : "";
    again.append("\"m\":").append(member.raw);
  }
  again += "}";
  const auto second = counterfoil::json_text::read_object(again);
  if (!second || second->size() != members->size()) {
    std::abort();
  }
  for (std::size_t at = 0; at < members->size(); ++at) {
    if ((*second)[at].text != (*members)[at].text || (*second)[at].kind != (*members)[at].kind) {
      std::abort();
    }
  }
  return 0;
}
