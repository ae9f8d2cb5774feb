// Target: parse_revocation_log and ending_in. The input is read as a log as it stands; then each of
// its lines is taken for the JSON of a line and chained, so that their reading is reached as well.
// Property: endings lie in sections, and whatever was read is written again as the same JSON.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "backup/revocation_lines.h"
#include "base/bytes.h"
#include "crypto/digest.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text(ByteView(data, size));
  (void)parse_revocation_log(text, "input");
  std::string chained;
  Digest hash{};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view json = text.substr(0, end);
    (void)ending_in(json);
    hash = revocation_hash(hash, json);
    chained.append(revocation_line(hash, json)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const auto log = parse_revocation_log(chained, "input");
  if (!log) {
    return 0;
  }
  for (const RevocationSection& section : log->sections) {
    require(section.from_seq <= section.seen_seq);
    for (const Ending& ending : section.endings) {
      require(chained.contains(ending_json(ending)));
    }
  }
  return 0;
}
