#pragma once

#include <nlohmann/json.hpp>  // IWYU pragma: export

namespace counterfoil {

// Json is how answers are built: members stand in the order in which they are written. Only for
// .cc files and headers of this room. Input is read by json_value.h instead.
using Json = nlohmann::ordered_json;

}  // namespace counterfoil
