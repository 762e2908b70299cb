#include "carillon/ws/client_handshake.h"

#include <gtest/gtest.h>

#include "carillon/ws/handshake.h"

namespace carillon::ws {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

UpgradeRequest request(bool offer_deflate = false) {
  UpgradeRequest request;
  request.host = "localhost:8000";
  request.target = "/ws/dashboard/";
  request.key = kKey;
  request.offer_deflate = offer_deflate;
  return request;
}

UpgradeResponse response() {
  return {101, "websocket", "Upgrade", kAccept, ""};
}

UpgradeError error_of(const UpgradeResponse& response, bool offer_deflate = false) {
  const auto checked = check_upgrade_response(request(offer_deflate), response);
  EXPECT_FALSE(checked);
  return checked.error();
}

// What comes of an answer's extensions when deflate was offered.
std::string agreed(std::string_view extensions) {
  UpgradeResponse answer = response();
  answer.extensions = extensions;
  const auto checked = check_upgrade_response(request(true), answer);
  if (!checked) return "refused";
  return checked->deflate ? "deflate" : "plain";
}

TEST(ClientKey, IsValidAndFresh) {
  EXPECT_TRUE(is_valid_key(make_key()));
  EXPECT_NE(make_key(), make_key());
}

TEST(UpgradeRequest, HasWhatTheRfcAsksFor) {  // §4.1
  EXPECT_EQ(make_upgrade_request(request()),
            "GET /ws/dashboard/ HTTP/1.1\r\nHost: localhost:8000\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

TEST(UpgradeRequest, HasWhatTheCallerAsksFor) {
  UpgradeRequest full = request(true);
  full.origin = "http://localhost:8000";
  full.bearer_token = "a.b.c";
  full.subprotocols = "carillon.v1";
  const std::string head = make_upgrade_request(full);
  EXPECT_NE(head.find("\r\nOrigin: http://localhost:8000\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nAuthorization: Bearer a.b.c\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nSec-WebSocket-Protocol: carillon.v1\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nSec-WebSocket-Extensions: permessage-deflate; "), std::string::npos);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(UpgradeResponse, IsAcceptedWhenItAnswersOurKey) {
  const auto checked = check_upgrade_response(request(), response());
  ASSERT_TRUE(checked);
  EXPECT_FALSE(checked->deflate);
}

TEST(UpgradeResponse, ComparesFieldsAsHttpDoes) {  // §4.1: ASCII case-insensitive
  UpgradeResponse answer = response();
  answer.upgrade = "WebSocket";
  answer.connection = "keep-alive,\tupgrade ";
  answer.accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo= ";
  EXPECT_TRUE(check_upgrade_response(request(), answer));
}

TEST(UpgradeResponse, IsRefusedForEachReason) {  // §4.1
  UpgradeResponse answer = response();
  answer.status = 401;
  EXPECT_EQ(error_of(answer), UpgradeError::kStatus);
  answer = response();
  answer.upgrade = "h2c";
  EXPECT_EQ(error_of(answer), UpgradeError::kNotUpgrade);
  answer = response();
  answer.connection = "keep-alive, upgrades";
  EXPECT_EQ(error_of(answer), UpgradeError::kNotUpgrade);
  answer = response();
  answer.accept = "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  EXPECT_EQ(error_of(answer), UpgradeError::kBadAccept);
  answer = response();
  answer.extensions = "permessage-deflate; server_no_context_takeover";
  EXPECT_EQ(error_of(answer), UpgradeError::kExtension);  // not offered
}

TEST(UpgradeResponse, AgreesToDeflateWithoutContextOnly) {  // RFC 7692 §7.1
  EXPECT_EQ(agreed(""), "plain");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover"), "deflate");
  EXPECT_EQ(agreed("permessage-deflate; client_no_context_takeover; server_no_context_takeover; "
                   "server_max_window_bits=10"),
            "deflate");
  EXPECT_EQ(agreed("permessage-deflate"), "refused");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover; client_max_window_bits=15"),
            "refused");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover=1"), "refused");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover; server_max_window_bits"),
            "refused");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover; server_max_window_bits=16"),
            "refused");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover, permessage-deflate"),
            "refused");
  EXPECT_EQ(agreed("x-other"), "refused");
  EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover;"), "refused");
}

TEST(UpgradeResponse, MeetsOurOwnServer) {
  const std::string head = make_upgrade_request(request(true));
  const std::string name = "Sec-WebSocket-Extensions: ";
  const size_t begin = head.find(name) + name.size();
  const auto agreement = negotiate_deflate(head.substr(begin, head.find("\r\n", begin) - begin));
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreed(agreement->header), "deflate");
}

}  // namespace
}  // namespace carillon::ws
