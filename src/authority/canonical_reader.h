#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// CanonicalReader reads JSON in the one form that RFC 8785 allows, without copying: no blanks, the
// shortest escapes, valid UTF-8. It knows what must come, so it needs no tree: the audit log's
// lines have fixed members in a fixed order. Once something else came it has failed, and every
// further call gives nothing.
class CanonicalReader {
 public:
  explicit CanonicalReader(std::string_view text) : rest_(text) {}

  // literal passes over exactly these bytes: punctuation and the names of members.
  CanonicalReader& literal(std::string_view expected);
  // string gives the text between the quotes as it stands, escapes included (see unescape_json).
  [[nodiscard]] std::string_view string();
  // number reads an integer of 0 to 2^64 - 1.
  [[nodiscard]] std::uint64_t number();
  // starts_with looks at what comes next.
  [[nodiscard]] bool starts_with(std::string_view text) const {
    return !failed_ && rest_.starts_with(text);
  }

  [[nodiscard]] bool failed() const { return failed_; }
  // done: everything was read, and nothing else came.
  [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }

 private:
  void fail() { failed_ = true; }

  std::string_view rest_;
  bool failed_ = false;
};

// unescape_json gives the text that CanonicalReader::string() stands for.
[[nodiscard]] std::string unescape_json(std::string_view escaped);

}  // namespace counterfoil
