#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "authority/issuer.h"
#include "doors/management/api_fault.h"
#include "doors/management/json_value.h"
#include "keys/key_format.h"

namespace counterfoil {

// The rows of a bulk import: one JSON object a line, with the members of POST /api/v1/keys/import.
inline constexpr std::size_t kImportLineBytesMax = 16UL * 1024;  // without its line end
inline constexpr std::string_view kLineTooLong = "line_too_long";
inline constexpr std::string_view kLineTooLongText =
    "a row has at most 16 KiB; is there a line end missing?";

// read_imported_key reads the members of one key made elsewhere: "api_key", "secret" or
// "public_key", and those of read_new_key.
[[nodiscard]] std::expected<ImportedKey, ApiFault> read_imported_key(JsonValue& body);

// ImportRow is one line as it was read. `api_key` is there to find the row again, empty unless it
// has the form of one and is no secret of ours: what stands in a file in the wrong column is not
// repeated.
struct ImportRow {
  std::string api_key;
  std::expected<ImportedKey, ApiFault> key;
};

// read_import_row reads a line without its line end. Faults: those of parse_json and of the
// members, line_too_long, no_secret_memory (503). The caller wipes the line.
[[nodiscard]] ImportRow read_import_row(std::string_view line, const KeyFormat& format);

// member_of is the member that a refusal of the authority is about, or empty.
[[nodiscard]] std::string_view member_of(std::string_view reason);

}  // namespace counterfoil
