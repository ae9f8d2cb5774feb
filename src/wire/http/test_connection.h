#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http/body.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {

// ReceivedRequest is all that the parsers tell of one request, in copies.
struct ReceivedRequest {
  Method method;
  TargetForm target_form;
  std::string target;
  std::string path;
  std::string query;
  std::string host;
  int minor_version;
  bool keep_alive;
  bool expect_continue;
  bool query_has_high_bytes;
  bool query_has_broken_escapes;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  bool operator==(const ReceivedRequest&) const = default;
};

// Reception is what a connection's bytes come to. `consumed` counts the bytes of whole requests.
struct Reception {
  std::vector<ReceivedRequest> requests;
  std::optional<Refusal> refusal;
  std::size_t consumed = 0;

  bool operator==(const Reception&) const = default;
};

// TestConnection reads requests one after another as a door does, from pieces of a stream. Every
// piece moves the unread bytes to a new place in memory, so that a view into the old one is found.
class TestConnection {
 public:
  explicit TestConnection(const Limits& limits = {}, FieldRules rules = {});

  // feed takes the next bytes; after a refusal it reads nothing more.
  void feed(std::string_view piece);
  [[nodiscard]] const Reception& reception() const { return reception_; }

 private:
  bool read_head();
  bool read_body();
  void take(std::size_t size);

  Limits limits_;
  RequestHead head_;
  BodyReader body_;
  bool in_body_ = false;
  std::vector<char> unread_;
  ReceivedRequest request_{};
  std::size_t taken_ = 0;
  Reception reception_;
};

// receive reads the stream as one piece; receive_cut as two, the first `size` bytes long;
// receive_bytewise byte by byte.
[[nodiscard]] Reception receive(std::string_view stream, const Limits& limits = {});
[[nodiscard]] Reception receive_cut(std::string_view stream, std::size_t size,
                                    const Limits& limits = {});
[[nodiscard]] Reception receive_bytewise(std::string_view stream, const Limits& limits = {});

// expect_same_however_cut fails the test unless the stream is read alike whole, byte by byte and
// cut into two at every position.
void expect_same_however_cut(std::string_view stream, const Limits& limits = {});

}  // namespace counterfoil::http
