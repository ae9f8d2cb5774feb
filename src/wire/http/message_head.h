#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wire/http/field_rules.h"

namespace counterfoil::http {

// Field is one header line: the name as written, the value less the white space around it.
struct Field {
  std::string_view name;
  std::string_view value;
};

// MessageHead is what the heads of requests and answers have in common. One object is used for many
// messages and allocates nothing, ever.
//
// The values are those of the last head that its parse function took whole. They are views into the
// buffer given to that call and live as long as those bytes stay where they are. After a refusal,
// or while the head is incomplete, they mean nothing.
class MessageHead {
 public:
  static constexpr std::size_t kFieldsCapacity = 100;

  // fields are the header lines in the order received, without the dropped ones.
  [[nodiscard]] std::span<const Field> fields() const {
    return std::span(fields_).first(fields_count_);
  }
  // find gives the value of the first field called `name` (any letter case), count how many there
  // are.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;

  // has_connection_option reports whether a Connection header lists `option` (any letter case):
  // "close", "upgrade", or the name of a field that must not be passed on.
  [[nodiscard]] bool has_connection_option(std::string_view option) const;

  [[nodiscard]] int minor_version() const { return minor_version_; }  // of HTTP/1.x: 0 or 1
  [[nodiscard]] std::optional<std::uint64_t> content_length() const { return content_length_; }
  [[nodiscard]] bool chunked() const { return chunked_; }
  // keep_alive reports whether the peer will go on with this connection after this message.
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }

  // clear forgets a head that is half read, for a connection that ended. After a complete or a
  // refused head it is not needed: the next parse starts anew.
  void clear();

 protected:
  explicit MessageHead(FieldRules rules) : rules_(rules) {}

 private:
  friend class HeadParser;

  // Where a field stands, counted from the start of the buffer: the caller's buffer may move while
  // the head is incomplete. Heads are far below 4 GiB.
  struct Place {
    std::uint32_t name_at;
    std::uint32_t name_size;
    std::uint32_t value_at;
    std::uint32_t value_size;
  };
  enum class Stage : std::uint8_t { kFirstLine, kFields, kDone };

  FieldRules rules_;

  // How far the reading got; all positions from the start of the buffer.
  Stage stage_ = Stage::kDone;
  std::size_t line_begin_ = 0;
  std::size_t scanned_ = 0;  // no line end before this one
  std::size_t first_line_begin_ = 0;
  std::size_t first_line_size_ = 0;
  std::size_t fields_begin_ = 0;
  std::size_t field_lines_ = 0;  // dropped ones included

  std::size_t fields_count_ = 0;
  std::uint8_t host_lines_ = 0;
  std::uint8_t expect_lines_ = 0;
  bool has_connection_field_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool chunked_ = false;
  bool keep_alive_ = false;
  int minor_version_ = 1;
  std::size_t host_index_ = 0;
  std::optional<std::uint64_t> content_length_;

  std::array<Place, kFieldsCapacity> places_{};
  std::array<Field, kFieldsCapacity> fields_{};
};

}  // namespace counterfoil::http
