#include "carillon/api/publish_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace carillon::api {
namespace {

using publish::PublishResult;
using publish::PublishStatus;

std::string_view retry_after(const http::Response& response) {
  const auto found = std::ranges::find(response.headers, "Retry-After",
                                       [](const auto& header) { return header.first; });
  return found == response.headers.end() ? std::string_view() : std::string_view(found->second);
}

TEST(PublishAnswer, NamesWhatWasAccepted) {
  const http::Response one = answer_for({.ids = {"a-1"}}, false);
  EXPECT_EQ(one.status, 202);
  EXPECT_EQ(one.body, R"({"accepted":true,"id":"a-1"})");
  EXPECT_EQ(retry_after(one), "");
  const http::Response batch = answer_for({.ids = {"a-1", "a-2"}, .over_capacity_count = 3}, true);
  EXPECT_EQ(batch.status, 202);
  EXPECT_EQ(batch.body, R"({"accepted":true,"ids":["a-1","a-2"],"over_capacity":3})");
}

TEST(PublishAnswer, SaysWhatBecameOfEachEventOfABatchThatWasAcceptedInPart) {
  const http::Response response = answer_for(
      {.status = PublishStatus::kPartial, .ids = {"a-1", "", "a-2"}, .trouble = "No server at b."},
      true);
  EXPECT_EQ(response.status, 207);
  EXPECT_EQ(response.body,
            R"({"accepted":false,"detail":"A part of the channel layer cannot be reached; send )"
            R"(again what was not accepted. No server at b.","results":[)"
            R"({"accepted":true,"id":"a-1"},{"accepted":false,"code":"layer_unavailable"},)"
            R"({"accepted":true,"id":"a-2"}]})");
  EXPECT_EQ(retry_after(response), "1");
}

TEST(PublishAnswer, SaysWhyNothingWasAcceptedAndWhenToTryAgain) {
  struct Case {
    PublishStatus status;
    int http_status;
    std::string code;
    std::string retry_after;
  };
  const Case cases[] = {
      {PublishStatus::kNoRoom, 503, "no_room", "1"},
      {PublishStatus::kUnavailable, 503, "layer_unavailable", "1"},
      {PublishStatus::kKeyReused, 422, "key_reused", ""},
      {PublishStatus::kKeyInProgress, 409, "key_in_progress", "1"},
      {PublishStatus::kRateLimited, 429, "throttled", "1"},
  };
  for (const Case& expected : cases) {
    const http::Response response = answer_for({.status = expected.status}, false);
    EXPECT_EQ(response.status, expected.http_status) << expected.code;
    EXPECT_NE(response.body.find("\"code\":\"" + expected.code + "\""), std::string::npos)
        << response.body;
    EXPECT_EQ(retry_after(response), expected.retry_after) << expected.code;
  }
}

TEST(PublishAnswer, TellsWhatAilsTheChannelLayer) {
  const http::Response response = answer_for(
      {.status = PublishStatus::kUnavailable, .trouble = "No server at b: start it."}, false);
  EXPECT_EQ(response.body, R"({"detail":"The channel layer cannot be reached; nothing was sent. )"
                           R"(No server at b: start it.","code":"layer_unavailable"})");
}

}  // namespace
}  // namespace carillon::api
