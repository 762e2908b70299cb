#include "cmd/bench_upgrade.h"

#include "carillon/ws/client_handshake.h"

namespace carillon::bench {

// One key for all requests of the thread: it protects caches on the way, of which there are none.
Upgrade::Upgrade(const Run& run) : run_(run), key_(ws::make_key()) {}

std::string Upgrade::make_request(uint32_t connection_index) const {
  std::string path = run_.options.endpoint;
  if (!run_.options.plain_upgrade)
    path.append("?token=").append(run_.credentials.tokens[connection_index]);
  ws::UpgradeRequest request;
  request.host = run_.target.host;
  request.target = path;
  request.key = key_;
  return ws::make_upgrade_request(request);
}

Result<size_t, std::string> Upgrade::check_answer(std::string_view bytes) {
  head_.clear();
  size_t scanned = 0;
  const auto parsed = http::parse_response_head(bytes, http::Limits{}, head_, scanned);
  if (!parsed) return Err("not HTTP: " + std::string(http::explain(parsed.error())));
  if (!*parsed) return size_t{0};
  if (head_.status != 101) {
    std::string answer = std::to_string(head_.status) + " " + std::string(head_.reason);
    const std::string_view body = bytes.substr(head_.head_bytes);
    return Err(answer + " " + std::string(body.substr(0, 200)));
  }
  ws::UpgradeRequest request;
  request.key = key_;
  ws::UpgradeResponse response;
  response.status = head_.status;
  response.upgrade = head_.header("Upgrade");
  response.connection = head_.header("Connection");
  response.accept = head_.header("Sec-WebSocket-Accept");
  response.extensions = head_.header("Sec-WebSocket-Extensions");
  if (!ws::check_upgrade_response(request, response))
    return Err(std::string("101 without a valid Sec-WebSocket-Accept"));
  return head_.head_bytes;
}

}  // namespace carillon::bench
