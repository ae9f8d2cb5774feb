#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "wire/json/json_members.h"
#include "wire/pasted/pasted.h"
#include "wire/pasted/pieces.h"

// Text frames of the WebSocket API: JSON objects with "method" and "params", one a line of a log or
// one over several lines.
namespace counterfoil::pasted {
namespace {

// What may be searched for the ends of objects that go over several lines, in bytes of all
// attempts: enough for every frame a person pastes, and a bound for a text made of braces.
constexpr std::size_t kSearchedBytesMax = std::size_t{4} * 1024 * 1024;
constexpr int kObjectsOnLineMax = 4;

bool is_frame(std::string_view object, const Names& names) {
  const auto members = json_text::read_object(object);
  if (!members) {
    return false;
  }
  const auto has = [&](std::string_view name, json_text::Kind kind) {
    return std::ranges::any_of(*members, [&](const json_text::Member& member) {
      return member.name == name && member.kind == kind;
    });
  };
  return has("method", json_text::Kind::kText) &&
         (has("params", json_text::Kind::kObject) || has(names.signature, json_text::Kind::kText));
}

class FrameFinder {
 public:
  FrameFinder(std::string_view text, const Names& names) : text_(text), names_(names) {}

  Done find(Requests& out) {
    std::size_t begin = 0;
    while (begin < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      std::size_t next = end + 1;
      std::size_t at = text_.find('{', begin);
      for (int tries = 0; at < end && tries < kObjectsOnLineMax; ++tries) {
        const std::string_view object = object_from(at, end);
        if (is_frame(object, names_)) {
          Request request = request_on(line_of(text_, at), Form::kWebSocketFrame);
          request.message = std::string(object);
          if (Done done = add(std::move(request), out); !done) {
            return done;
          }
          next = std::max(next, at + object.size());
        }
        at = text_.find('{', at + std::max<std::size_t>(object.size(), 1));
      }
      begin = next;
    }
    return {};
  }

 private:
  // object_from gives the object that begins at `at`: on its line, or over several.
  std::string_view object_from(std::size_t at, std::size_t line_end) {
    const std::string_view line = text_.substr(0, line_end);
    if (const std::string_view object = object_at(line, at); !object.empty()) {
      return object;
    }
    const std::string_view window = text_.substr(0, std::min(text_.size(), at + kRequestBytesMax));
    const std::size_t costs = window.size() - at;
    if (searched_ + costs > kSearchedBytesMax) {
      return {};
    }
    searched_ += costs;
    return object_at(window, at);
  }

  std::string_view text_;
  const Names& names_;
  std::size_t searched_ = 0;
};

}  // namespace

Done read_frames(std::string_view text, const Names& names, Requests& out) {
  return FrameFinder(text, names).find(out);
}

}  // namespace counterfoil::pasted
