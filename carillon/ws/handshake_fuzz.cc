// Keys and extension headers from strangers, on either end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "carillon/base/assert.h"
#include "carillon/base/base64.h"
#include "carillon/ws/client_handshake.h"
#include "carillon/ws/handshake.h"

namespace {

using namespace carillon;
using namespace carillon::ws;

void check_negotiation(std::string_view header) {
  const auto agreement = negotiate_deflate(header);
  if (!agreement) return;
  CARILLON_ASSERT(agreement->server_window_bits >= 9 && agreement->server_window_bits <= 15);
  CARILLON_ASSERT(header.find("permessage-deflate") != std::string_view::npos);
  // The answer is an offer that would be answered by itself.
  const auto again = negotiate_deflate(agreement->header);
  CARILLON_ASSERT(again && again->header == agreement->header &&
                  again->server_window_bits == agreement->server_window_bits);
}

void check_key(std::string_view key) {
  CARILLON_ASSERT(accept_key(key).size() == 28);
  const auto bytes = base64_decode(key);
  if (bytes && bytes->size() == 16) CARILLON_ASSERT(is_valid_key(key));
  CARILLON_ASSERT(!is_valid_key(key) || key.size() == 24);
}

// The fields of an answer, one a line.
void check_answer(std::string_view lines, bool offer_deflate, bool is_ours) {
  UpgradeRequest request;
  request.host = "localhost";
  request.target = "/ws/";
  const std::string key = make_key();
  request.key = key;
  request.offer_deflate = offer_deflate;
  const std::string head = make_upgrade_request(request);
  CARILLON_ASSERT(head.ends_with("\r\n\r\n") && is_valid_key(key));

  UpgradeResponse response;
  response.status = 101;
  const std::string accept = accept_key(key);
  for (auto* field :
       {&response.upgrade, &response.connection, &response.accept, &response.extensions}) {
    *field = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), field->size() + 1));
  }
  if (is_ours) response.accept = accept;
  const auto checked = check_upgrade_response(request, response);
  if (checked) CARILLON_ASSERT(is_ours && (offer_deflate || !checked->deflate));
  response.status = 200;
  CARILLON_ASSERT(check_upgrade_response(request, response).error() == UpgradeError::kStatus);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 3 == 0) check_negotiation(text);
  if (data[0] % 3 == 1) check_key(text);
  if (data[0] % 3 == 2) check_answer(text, (data[0] & 4) != 0, (data[0] & 8) != 0);
  return 0;
}
