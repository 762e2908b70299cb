// Base64 and base64url (RFC 4648 §4 and §5), strict: one text for each value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"

namespace carillon {

// With padding, without line breaks.
std::string base64_encode(ByteView bytes);

// Empty unless `text` is exactly what base64_encode() makes: padded, no white space, no other
// alphabet, unused bits zero.
std::optional<std::string> base64_decode(std::string_view text);

// Without padding.
std::string base64url_encode(ByteView bytes);

// Empty unless `text` is exactly what base64url_encode() makes (RFC 7515 §2: no padding).
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace carillon
