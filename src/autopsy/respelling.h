#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/form.h"

namespace counterfoil::autopsy {

// Spelling writes the same value in another way; nullopt: not a value of its kind.
using Spelling = std::function<std::optional<std::string>(const std::string& value)>;

// respell tells of the forms in which one value, and in which every value, is spelled so. false:
// the emitter had enough.
bool respell(const Form& form, const Spelling& spelling, const EmitForm& emit);

// number_spellings gives the ways in which programs write numbers without an exponent: with zeros
// at the end, without, with a fixed number of places, as the text of a binary fraction.
[[nodiscard]] const std::vector<Spelling>& number_spellings(Reach reach);

// exponent_spellings gives 1e-05 and its like, and the way back.
[[nodiscard]] const std::vector<Spelling>& exponent_spellings();
[[nodiscard]] bool has_exponent(std::string_view value);

}  // namespace counterfoil::autopsy
