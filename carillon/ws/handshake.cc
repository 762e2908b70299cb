#include "carillon/ws/handshake.h"

#include <utility>

#include "carillon/base/base64.h"
#include "carillon/crypto/hash.h"
#include "carillon/ws/deflate.h"
#include "carillon/ws/extension_reader.h"
#include "carillon/ws/window_bits.h"

namespace carillon::ws {
namespace {

// One offer of permessage-deflate (RFC 7692 §7.1).
class Offer {
 public:
  // False when the parameter makes the whole offer unusable.
  bool add(const ExtensionReader::Param& param) {
    if (param.name == "server_no_context_takeover") {
      return !param.value && first(server_takeover_seen_);
    }
    if (param.name == "client_no_context_takeover") {
      return !param.value && first(client_takeover_seen_);
    }
    if (param.name == "server_max_window_bits") {
      if (!param.value || !first(server_bits_seen_)) return false;
      server_bits_ = parse_window_bits(*param.value);
      // §7.1.2.1: the answer's window is at most the one asked for, and ours starts at 9.
      return server_bits_ >= kWindowBitsMin;
    }
    if (param.name == "client_max_window_bits") {
      if (!first(client_bits_seen_)) return false;
      if (param.value) client_bits_ = parse_window_bits(*param.value);
      return client_bits_ != 0;
    }
    return false;
  }

  DeflateAgreement agree() const {
    DeflateAgreement agreement{
        server_bits_, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"};
    const auto append_bits = [&](std::string_view name, int bits) {
      agreement.header.append("; ").append(name).append("=").append(std::to_string(bits));
    };
    if (server_bits_seen_) append_bits("server_max_window_bits", server_bits_);
    // §7.1.2.2: never without having been offered.
    if (client_bits_seen_) append_bits("client_max_window_bits", client_bits_);
    return agreement;
  }

 private:
  static bool first(bool& seen) noexcept { return !std::exchange(seen, true); }

  int server_bits_ = kWindowBitsMax;
  int client_bits_ = kWindowBitsMax;
  bool server_takeover_seen_ = false;
  bool client_takeover_seen_ = false;
  bool server_bits_seen_ = false;
  bool client_bits_seen_ = false;
};

}  // namespace

bool is_valid_key(std::string_view key) noexcept {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") &&
         key.substr(0, 22).find_first_not_of(kDigits) == std::string_view::npos;
}

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return base64_encode(crypto::sha1(as_bytes(text)));
}

std::optional<DeflateAgreement> negotiate_deflate(std::string_view extensions_header) {
  ExtensionReader reader(extensions_header);
  std::optional<DeflateAgreement> agreement;
  while (const auto name = reader.next_extension()) {
    bool is_usable = *name == "permessage-deflate";
    Offer offer;
    while (const auto param = reader.next_param()) is_usable = is_usable && offer.add(*param);
    // §5: the client's offers come in the order of its preference.
    if (is_usable && !agreement) agreement = offer.agree();
  }
  // RFC 6455 §9.1 lets nobody act on a header with an error in it, even after a good offer.
  if (reader.is_malformed()) return std::nullopt;
  return agreement;
}

}  // namespace carillon::ws
