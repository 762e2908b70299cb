// The client's half of the opening handshake (RFC 6455 §4.1), for our own commands and benchmarks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/result.h"

namespace carillon::ws {

// A fresh Sec-WebSocket-Key from the kernel's randomness.
std::string make_key();

// Values go onto the wire as they are: the caller vouches that none holds a line break.
struct UpgradeRequest {
  std::string_view host;    // "127.0.0.1:8000"
  std::string_view target;  // "/ws/dashboard/?token=…"
  std::string_view key;     // from make_key()
  std::string_view origin;  // left out when empty, as are the next two
  std::string_view bearer_token;
  std::string_view subprotocols;  // "carillon.v1, bearer.…"
  bool offer_deflate = false;     // without context takeover, both ways
};

// The request's whole head, blank line included.
std::string make_upgrade_request(const UpgradeRequest& request);

// The values of the answer's header fields, empty where absent.
struct UpgradeResponse {
  int status = 0;
  std::string_view upgrade;
  std::string_view connection;
  std::string_view accept;      // Sec-WebSocket-Accept
  std::string_view extensions;  // Sec-WebSocket-Extensions
};

enum class UpgradeError : uint8_t {
  kStatus,      // not 101
  kNotUpgrade,  // Upgrade is not websocket, or Connection lacks upgrade
  kBadAccept,   // not the answer to our key: a cache, or no WebSocket server
  kExtension,   // an extension that was not offered, or with parameters that were not
};

// What a server agreed to.
struct UpgradeAgreement {
  bool deflate = false;
};

// Checks an answer to `request` as §4.1 asks.
Result<UpgradeAgreement, UpgradeError> check_upgrade_response(const UpgradeRequest& request,
                                                              const UpgradeResponse& response);

}  // namespace carillon::ws
