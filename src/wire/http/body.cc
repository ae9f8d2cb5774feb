#include "wire/http/body.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/chunked.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

// take_length gives how much of `input` belongs to a body of which `remaining` bytes are due.
std::size_t take_length(std::string_view input, std::uint64_t& remaining) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), remaining));
  remaining -= size;
  return size;
}

bool is_over(BodyMode mode, std::uint64_t remaining, const ChunkedDecoder& chunks) {
  switch (mode) {
    case BodyMode::kNone:
      return true;
    case BodyMode::kLength:
      return remaining == 0;
    case BodyMode::kChunked:
      return chunks.complete();
    case BodyMode::kUntilClose:
      return true;
  }
  return false;
}

}  // namespace

std::optional<std::string_view> body_in_place(const BodyFraming& framing, std::string_view input) {
  if (framing.mode == BodyMode::kNone) {
    return input.substr(0, 0);
  }
  if (framing.mode == BodyMode::kLength && framing.length <= input.size()) {
    return input.substr(0, static_cast<std::size_t>(framing.length));
  }
  return std::nullopt;
}

std::expected<void, Refusal> BodyReader::begin(const BodyFraming& framing, const Limits& limits) {
  mode_ = framing.mode;
  remaining_ = mode_ == BodyMode::kLength ? framing.length : limits.body_bytes_max;
  if (mode_ == BodyMode::kChunked) {
    chunks_.begin(limits);
  }
  if (remaining_ > limits.body_bytes_max) {
    return std::unexpected(refuse(RefusalKind::kBodyTooLarge));
  }
  return {};
}

std::expected<BodyProgress, Refusal> BodyReader::read(std::string_view input, std::string& body) {
  switch (mode_) {
    case BodyMode::kNone:
      return BodyProgress{.consumed = 0, .complete = true};
    case BodyMode::kChunked:
      return read_chunked(input, body);
    case BodyMode::kLength: {
      const std::size_t size = take_length(input, remaining_);
      body.append(input.substr(0, size));
      return BodyProgress{.consumed = size, .complete = remaining_ == 0};
    }
    case BodyMode::kUntilClose:
      break;
  }
  if (input.size() > remaining_) {
    return std::unexpected(refuse(RefusalKind::kBodyTooLarge));
  }
  remaining_ -= input.size();
  body.append(input);
  return BodyProgress{.consumed = input.size(), .complete = false};
}

std::expected<BodyProgress, Refusal> BodyReader::read_chunked(std::string_view input,
                                                              std::string& body) {
  std::size_t at = 0;
  while (at < input.size() && !chunks_.complete()) {
    const auto piece = chunks_.next(input.substr(at));
    if (!piece) {
      return std::unexpected(piece.error());
    }
    const std::size_t size = piece->data.size();
    // What a chunk announces counts before its bytes are there.
    if (size > remaining_ || chunks_.announced() > remaining_ - size) {
      return std::unexpected(refuse(RefusalKind::kBodyTooLarge));
    }
    remaining_ -= size;
    body.append(piece->data);
    at += piece->consumed;
  }
  return BodyProgress{.consumed = at, .complete = chunks_.complete()};
}

bool BodyReader::may_end_at_close() const { return is_over(mode_, remaining_, chunks_); }

void BodyFramer::begin(const BodyFraming& framing, const Limits& limits) {
  mode_ = framing.mode;
  remaining_ = framing.length;
  if (mode_ == BodyMode::kChunked) {
    chunks_.begin(limits);
  }
}

std::expected<BodyProgress, Refusal> BodyFramer::advance(std::string_view input) {
  switch (mode_) {
    case BodyMode::kNone:
      return BodyProgress{.consumed = 0, .complete = true};
    case BodyMode::kLength: {
      const std::size_t size = take_length(input, remaining_);
      return BodyProgress{.consumed = size, .complete = remaining_ == 0};
    }
    case BodyMode::kUntilClose:
      return BodyProgress{.consumed = input.size(), .complete = false};
    case BodyMode::kChunked:
      break;
  }
  std::size_t at = 0;
  while (at < input.size() && !chunks_.complete()) {
    const auto piece = chunks_.next(input.substr(at));
    if (!piece) {
      return std::unexpected(piece.error());
    }
    at += piece->consumed;
  }
  return BodyProgress{.consumed = at, .complete = chunks_.complete()};
}

bool BodyFramer::may_end_at_close() const { return is_over(mode_, remaining_, chunks_); }

}  // namespace counterfoil::http
