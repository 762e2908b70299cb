// What the heads of requests and responses have in common (RFC 9112 §2, §5): where they end, their
// lines and their header fields. For the two parsers only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/http/header.h"
#include "carillon/http/http_error.h"
#include "carillon/http/limits.h"

namespace carillon::http {

// RFC 9110 §5.6.2: what names and methods are made of.
bool is_token_char(char c) noexcept;

// The end of the head at the front of `bytes` (past its empty line), or 0 when that has not come.
// `start` is where the first line begins; `scanned` as in parse_head(). Refuses a line that ends
// without CR and heads over a limit, in an order that does not depend on how the bytes arrived.
Result<size_t, HttpError> find_head_end(std::string_view bytes,
                                        size_t start,
                                        const Limits& limits,
                                        size_t& scanned);

// Takes the next line off `head`, without its CR LF. `head` must hold one.
std::string_view take_line(std::string_view& head) noexcept;

// Fills `headers` from the field lines in `fields`, which ends with the empty line.
Result<void, HttpError> parse_fields(std::string_view fields,
                                     size_t header_count_max,
                                     std::vector<Header>& headers);

// "1*DIGIT" (§6.2): empty when it is anything else. What exceeds 64 bits is the largest value.
std::optional<uint64_t> parse_content_length(std::string_view value) noexcept;

// HTTP/1.0 or HTTP/1.1 as 0 or 1; kUnsupportedVersion for another, `malformed` for no version.
Result<int, HttpError> parse_version(std::string_view text, HttpError malformed) noexcept;

}  // namespace carillon::http
