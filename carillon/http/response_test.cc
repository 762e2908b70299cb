#include "carillon/http/response.h"

#include <gtest/gtest.h>

namespace carillon::http {
namespace {

std::string bytes_of(const Response& response, bool keep_alive, bool head_only = false) {
  std::string out;
  append_response(out, response, keep_alive, head_only);
  return out;
}

TEST(Response, PrintsStatusHeadersLengthAndBody) {
  EXPECT_EQ(bytes_of({200, {{"Content-Type", "text/plain"}}, "hello"}, true),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\nhello");
}

TEST(Response, SaysWhenItCloses) {
  EXPECT_EQ(bytes_of({404, {}, ""}, false),
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
}

TEST(Response, KeepsTheLengthForHead) {
  const std::string bytes = bytes_of({200, {}, "hello"}, true, true);
  EXPECT_NE(bytes.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(Response, HasNoBodyWhereNoneMayBe) {  // RFC 9110 §8.6
  for (const int status : {100, 101, 204, 304}) {
    const std::string bytes = bytes_of({status, {}, "ignored"}, true);
    EXPECT_EQ(bytes.find("Content-Length"), std::string::npos);
    EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
  }
}

TEST(Response, LeavesConnectionToTheUpgrade) {
  EXPECT_EQ(bytes_of({101, {{"Connection", "Upgrade"}}, ""}, false),
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n");
}

TEST(Response, CannotBeGivenAnotherLine) {
  const std::string bytes = bytes_of({200, {{"X\r\nY", std::string("a\r\nb\0c", 6)}}, ""}, true);
  EXPECT_NE(bytes.find("X  Y: a  b c\r\n"), std::string::npos);
}

TEST(Response, AppendsToWhatIsThere) {
  std::string out = "before";
  append_response(out, {204, {}, ""}, true);
  EXPECT_EQ(out, "beforeHTTP/1.1 204 No Content\r\n\r\n");
}

TEST(Response, CarriesJson) {
  const auto response = json_response(202, json::Value::object({{"accepted", true}}));
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, R"({"accepted":true})");
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].second, "application/json");
}

TEST(Response, TellsAProblem) {
  EXPECT_EQ(problem(403, "No \"role\".", "permission_denied").body,
            R"({"detail":"No \"role\".","code":"permission_denied"})");
  EXPECT_EQ(problem(404, "Not found.", "").body, R"({"detail":"Not found."})");
}

TEST(Response, KnowsThePhrases) {
  EXPECT_EQ(reason_phrase(426), "Upgrade Required");
  EXPECT_EQ(reason_phrase(503), "Service Unavailable");
  EXPECT_EQ(reason_phrase(299), "");
}

}  // namespace
}  // namespace carillon::http
