#include "carillon/ws/client_handshake.h"

#include <algorithm>
#include <array>

#include "carillon/base/base64.h"
#include "carillon/base/random.h"
#include "carillon/ws/extension_reader.h"
#include "carillon/ws/handshake.h"
#include "carillon/ws/window_bits.h"

namespace carillon::ws {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool list_has(std::string_view list, std::string_view token) noexcept {
  for (;;) {
    const size_t comma = list.find(',');
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

// RFC 7692 §7.1: what a server may answer to our offer, which has no client_max_window_bits.
bool is_acceptable(const ExtensionReader::Param& param) {
  if (param.name == "server_max_window_bits") {
    return param.value && parse_window_bits(*param.value) != 0;
  }
  return !param.value &&
         (param.name == "server_no_context_takeover" || param.name == "client_no_context_takeover");
}

Result<UpgradeAgreement, UpgradeError> check_extensions(const UpgradeRequest& request,
                                                        std::string_view extensions) {
  UpgradeAgreement agreement;
  ExtensionReader reader(extensions);
  while (const auto name = reader.next_extension()) {
    if (!request.offer_deflate || agreement.deflate || *name != "permessage-deflate") {
      return Err(UpgradeError::kExtension);
    }
    agreement.deflate = true;
    bool starts_afresh = false;
    while (const auto param = reader.next_param()) {
      if (!is_acceptable(*param)) return Err(UpgradeError::kExtension);
      starts_afresh = starts_afresh || param->name == "server_no_context_takeover";
    }
    // §7.1.1.1: an offer with this parameter is accepted with it or not at all.
    if (!starts_afresh) return Err(UpgradeError::kExtension);
  }
  if (reader.is_malformed()) return Err(UpgradeError::kExtension);
  return agreement;
}

}  // namespace

std::string make_key() {
  std::array<std::byte, 16> nonce;
  fill_random(nonce);
  return base64_encode(nonce);
}

std::string make_upgrade_request(const UpgradeRequest& request) {
  std::string head = "GET ";
  head.append(request.target).append(" HTTP/1.1\r\n");
  const auto add = [&head](std::string_view name, std::string_view before, std::string_view value) {
    if (!value.empty()) head.append(name).append(": ").append(before).append(value).append("\r\n");
  };
  add("Host", "", request.host);
  add("Upgrade", "", "websocket");
  add("Connection", "", "Upgrade");
  add("Sec-WebSocket-Version", "", "13");
  add("Sec-WebSocket-Key", "", request.key);
  add("Origin", "", request.origin);
  add("Authorization", "Bearer ", request.bearer_token);
  add("Sec-WebSocket-Protocol", "", request.subprotocols);
  if (request.offer_deflate) {
    add("Sec-WebSocket-Extensions", "permessage-deflate; ",
        "server_no_context_takeover; client_no_context_takeover");
  }
  return head.append("\r\n");
}

Result<UpgradeAgreement, UpgradeError> check_upgrade_response(const UpgradeRequest& request,
                                                              const UpgradeResponse& response) {
  if (response.status != 101) return Err(UpgradeError::kStatus);
  if (!equals_ignoring_case(trimmed(response.upgrade), "websocket") ||
      !list_has(response.connection, "upgrade")) {
    return Err(UpgradeError::kNotUpgrade);
  }
  if (trimmed(response.accept) != accept_key(request.key)) return Err(UpgradeError::kBadAccept);
  return check_extensions(request, response.extensions);
}

}  // namespace carillon::ws
