// Target: fix::read_fields(). Property: the fields, written again, are the message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/fix/fix_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto fields = counterfoil::fix::read_fields(input);
  if (!fields) {
    return 0;
  }
  const char* last = input.data();
  for (const auto& field : fields->all) {
    const char* const end = field.value.data() + field.value.size();
    if (field.value.data() < last || end >= input.data() + size || *end != counterfoil::fix::kSoh ||
        *(field.value.data() - 1) != '=') {
      std::abort();
    }
    last = end;
  }
  if (last + 1 != input.data() + size) {
    std::abort();
  }
  return 0;
}
