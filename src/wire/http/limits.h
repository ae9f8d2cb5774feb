#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace counterfoil::http {

// Limits of one listener: what a peer may send before it is refused. The parsers check them while
// reading, not after (control S-37); the times and the counts of a connection are the door's to
// keep. The defaults are the product's. A limit is the largest value that still passes.
struct Limits {
  // Lines are counted without their CRLF.
  std::size_t request_line_bytes_max = 8UZ * 1024;  // 414; status line of an answer too
  std::size_t field_line_bytes_max = 8UZ * 1024;    // 431
  // All header lines of one head with their CRLFs, less the empty line at the end: 431.
  std::size_t fields_bytes_max = 32UZ * 1024;
  // Header lines of one head, dropped ones included: 431. Above MessageHead::kFieldsCapacity it
  // counts as that.
  std::size_t fields_max = 100;
  std::uint64_t body_bytes_max = 1024UZ * 1024;  // decoded: 413

  // Chunked bodies, all 400. The size line is counted without its CRLF, extensions from their
  // semicolon, trailer lines with their CRLF.
  std::size_t chunk_line_bytes_max = 256;
  std::size_t chunk_extensions_bytes_max = 4UZ * 1024;  // of one body
  std::size_t trailers_bytes_max = 4UZ * 1024;

  std::chrono::milliseconds head_time_max{10'000};        // first byte to empty line: 408
  std::chrono::milliseconds body_idle_max{10'000};        // between two bytes: 408
  std::uint64_t body_bytes_per_second_min = 240;          // 408
  std::chrono::milliseconds keep_alive_idle_max{60'000};  // between two requests: close
  std::uint32_t requests_per_connection_max = 10'000;     // then close

  // head_bytes_max is how far a caller's buffer has to grow for the longest head that passes: two
  // empty lines, request line, header lines, empty line.
  [[nodiscard]] constexpr std::size_t head_bytes_max() const {
    constexpr std::size_t kLineEnds = 8;
    return request_line_bytes_max + fields_bytes_max + kLineEnds;
  }
};

}  // namespace counterfoil::http
