// The compact form of a signed token (RFC 7515 §7.1) and its header. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/json/value.h"
#include "carillon/jwt/error.h"

namespace carillon::jwt {

// Views into the token's text.
struct CompactToken {
  std::string_view header;         // base64url
  std::string_view payload;        // base64url
  std::string_view signature;      // base64url
  std::string_view signing_input;  // header, dot and payload: what is signed
};

// Three non-empty parts, or two and an empty signature, which then cannot verify. Five are a JWE:
// kUnsupported.
Result<CompactToken, JwtError> split_compact(std::string_view token);

// What of a JOSE header matters here. `jku`, `x5u`, `jwk`, `x5c` are never looked at: a token does
// not say where its key is (RFC 8725 §3.10).
struct Header {
  std::string alg;  // as sent; nothing is trusted to it but a comparison
  std::optional<std::string> kid;
};

// `text` is base64url. A header with `crit` is kUnsupported: no extension is understood here
// (RFC 7515 §4.1.11).
Result<Header, JwtError> parse_header(std::string_view text);

// Base64url of a JSON object without duplicate members.
Result<json::Value, JwtError> parse_object(std::string_view text);

}  // namespace carillon::jwt
