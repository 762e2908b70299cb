// What one message may cost (each bound is inclusive).
#pragma once

#include <cstddef>

namespace carillon::http {

struct Limits {
  size_t request_line_bytes_max = 16384;  // without its line end
  size_t head_bytes_max = 32768;          // from the first byte to the end of the empty line
  size_t body_bytes_max = 1 << 20;        // decoded
  size_t header_count_max = 100;
};

}  // namespace carillon::http
