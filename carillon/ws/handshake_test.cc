#include "carillon/ws/handshake.h"

#include <gtest/gtest.h>

namespace carillon::ws {
namespace {

constexpr std::string_view kAnswer =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer(std::string_view header) {
  const auto agreement = negotiate_deflate(header);
  return agreement ? agreement->header : "none";
}

// The parameters beyond those that are always there.
std::string bits_in(std::string_view header) {
  const std::string full = answer(header);
  return full.starts_with(kAnswer) ? full.substr(kAnswer.size()) : full;
}

TEST(AcceptKey, IsTheOneOfTheRfc) {  // §1.3
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Key, Is16BytesOfBase64) {  // §4.1
  EXPECT_TRUE(is_valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_valid_key("+/+/+/+/+/+/+/+/+/+/+A=="));
  EXPECT_TRUE(is_valid_key("abcdefghijklmnopqrstuv=="));  // spare bits
  for (const char* key :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZXM=",
        "dGhlIHNhbXBsZSBub25jZXMh", "dGhlIHNhbXBsZSBub25jZQ== ", " dGhlIHNhbXBsZSBub25jZQ==",
        "dGhlIHNhbXBsZSBub25j-_==", "dGhlIHNhbXBsZSBub25=ZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub2 jZQ=="}) {
    EXPECT_FALSE(is_valid_key(key)) << key;
  }
}

TEST(NegotiateDeflate, NeedsAnOffer) {
  EXPECT_EQ(answer(""), "none");
  EXPECT_EQ(answer("  "), "none");
  EXPECT_EQ(answer(","), "none");
  EXPECT_EQ(answer("x-webkit-deflate-frame"), "none");
  EXPECT_EQ(answer("permessage-bzip2"), "none");
}

TEST(NegotiateDeflate, NeverKeepsContext) {  // RFC 7692 §7.1.1
  EXPECT_EQ(answer("permessage-deflate"), kAnswer);
  EXPECT_EQ(answer("permessage-deflate; server_no_context_takeover"), kAnswer);
  EXPECT_EQ(answer("permessage-deflate; client_no_context_takeover"), kAnswer);
  EXPECT_EQ(answer("permessage-deflate;client_no_context_takeover;server_no_context_takeover"),
            kAnswer);
}

TEST(NegotiateDeflate, AnswersTheClientsWindowOnlyWhenOffered) {  // §7.1.2.2
  EXPECT_EQ(bits_in("permessage-deflate"), "");
  EXPECT_EQ(bits_in("permessage-deflate; client_max_window_bits"), "; client_max_window_bits=15");
  EXPECT_EQ(bits_in("permessage-deflate; client_max_window_bits=8"), "; client_max_window_bits=8");
  EXPECT_EQ(bits_in("permessage-deflate; client_max_window_bits=10"),
            "; client_max_window_bits=10");
}

TEST(NegotiateDeflate, KeepsToTheWindowAskedOfTheServer) {  // §7.1.2.1
  for (int bits = 9; bits <= 15; ++bits) {
    const std::string param = "server_max_window_bits=" + std::to_string(bits);
    const auto agreement = negotiate_deflate("permessage-deflate; " + param);
    ASSERT_TRUE(agreement);
    EXPECT_EQ(agreement->server_window_bits, bits);
    EXPECT_EQ(agreement->header, std::string(kAnswer) + "; " + param);
  }
  EXPECT_EQ(negotiate_deflate("permessage-deflate")->server_window_bits, 15);
}

TEST(NegotiateDeflate, TakesTheFirstOfferItCanMeet) {  // §5
  EXPECT_EQ(bits_in("permessage-deflate; server_max_window_bits=8, permessage-deflate"), "");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=8"), "none");
  EXPECT_EQ(bits_in("permessage-deflate; server_max_window_bits=10, permessage-deflate"),
            "; server_max_window_bits=10");
  EXPECT_EQ(bits_in("permessage-deflate; mystery, other; a=b, permessage-deflate; "
                    "client_max_window_bits"),
            "; client_max_window_bits=15");
}

TEST(NegotiateDeflate, DeclinesAnOfferWithAWrongParameter) {  // §7.1
  for (const char* param : {"unknown",
                            "unknown=1",
                            "Server_no_context_takeover",
                            "server_no_context_takeover=1",
                            "client_no_context_takeover=true",
                            "server_no_context_takeover; server_no_context_takeover",
                            "client_no_context_takeover; client_no_context_takeover",
                            "server_max_window_bits",
                            "server_max_window_bits=7",
                            "server_max_window_bits=16",
                            "server_max_window_bits=09",
                            "server_max_window_bits=0",
                            "server_max_window_bits=115",
                            "server_max_window_bits=1a",
                            "server_max_window_bits=10; server_max_window_bits=10",
                            "client_max_window_bits=7",
                            "client_max_window_bits=16",
                            "client_max_window_bits=010",
                            "client_max_window_bits=-9",
                            "client_max_window_bits; client_max_window_bits=9"}) {
    EXPECT_EQ(answer(std::string("permessage-deflate; ") + param), "none") << param;
  }
}

TEST(NegotiateDeflate, ReadsQuotedValuesAndWhiteSpace) {  // RFC 6455 §9.1
  EXPECT_EQ(bits_in("permessage-deflate; server_max_window_bits=\"12\""),
            "; server_max_window_bits=12");
  EXPECT_EQ(bits_in("permessage-deflate; server_max_window_bits=\"1\\2\""),
            "; server_max_window_bits=12");
  EXPECT_EQ(bits_in(" ,\tpermessage-deflate ;\tserver_max_window_bits = 12 , , x"),
            "; server_max_window_bits=12");
}

TEST(NegotiateDeflate, LeavesAMalformedHeaderAlone) {  // RFC 6455 §9.1
  for (const char* header :
       {"permessage-deflate;", "permessage-deflate; ;", "permessage-deflate; =1",
        "permessage-deflate; client_max_window_bits=", "permessage-deflate x",
        "permessage-deflate; client_max_window_bits=\"1", "permessage-deflate; a=\"\"",
        "permessage-deflate; a=\"b c\"", "permessage-deflate; a=\"b\\", "permessage-deflate, @",
        "permessage-deflate, a=b", "\"permessage-deflate\"", "permessage-deflate\r\n",
        "permessage-deflate; a=\"b\"c", "permessage-deflate; \xc3\xa9"}) {
    EXPECT_EQ(answer(header), "none") << header;
  }
  EXPECT_EQ(answer(std::string_view("permessage-deflate\0", 19)), "none");
}

TEST(NegotiateDeflate, SurvivesALongHeader) {
  std::string header;
  for (int i = 0; i < 5000; ++i) header += "permessage-deflate;x,";
  EXPECT_EQ(answer(header), "none");
  EXPECT_EQ(answer(header + "permessage-deflate"), kAnswer);
  EXPECT_EQ(answer("permessage-deflate" + std::string(32768, ';')), "none");
}

}  // namespace
}  // namespace carillon::ws
