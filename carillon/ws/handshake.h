// The server's half of the opening handshake (RFC 6455 §4.2, RFC 7692 §5 and §7.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::ws {

// Whether `key` is what a Sec-WebSocket-Key may be: 16 bytes in base64 (§4.1). The four bits that
// are not part of the value may be anything; some clients do not clear them.
bool is_valid_key(std::string_view key) noexcept;

// The Sec-WebSocket-Accept that answers `key` (§4.2.2).
std::string accept_key(std::string_view key);

struct DeflateAgreement {
  int server_window_bits = 15;  // what the client can inflate: pass it to Deflater
  std::string header;           // value of Sec-WebSocket-Extensions in the answer
};

// Picks the first offer of permessage-deflate that can be met, always without context takeover in
// both directions. `extensions_header` is the client's Sec-WebSocket-Extensions, several joined by
// commas; it may be hostile. Empty: no extension, because none was offered, or each offer has an
// unknown, repeated or badly valued parameter (RFC 7692 §7.1) or asks for a window of 8 bits,
// or the header is malformed.
std::optional<DeflateAgreement> negotiate_deflate(std::string_view extensions_header);

}  // namespace carillon::ws
