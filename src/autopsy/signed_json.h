#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "autopsy/cause.h"
#include "autopsy/form.h"

namespace counterfoil::autopsy {

// each_json gives the JSON texts that programs write of a form's parameters: compact or spaced,
// numbers bare or as texts, in their order or sorted, non-ASCII as it is or as \u escapes.
// Values of a REST form are encoded, those of a WebSocket frame are plain.
enum class Values : std::uint8_t { kEncoded, kPlain };
void each_json(const Form& form, Values values, Reach reach, const EmitText& emit);

// quoted_json writes a text as a JSON text, non-ASCII as it is or as \u escapes.
enum class NonAscii : std::uint8_t { kRaw, kEscaped };
[[nodiscard]] std::string quoted_json(std::string_view text, NonAscii non_ascii);

}  // namespace counterfoil::autopsy
