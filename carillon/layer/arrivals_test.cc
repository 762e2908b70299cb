#include "carillon/layer/arrivals.h"

#include <gtest/gtest.h>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::layer {
namespace {

class ArrivalsTest : public testing::Test {
 protected:
  EventPtr accept(std::string_view text) {
    auto object = json::parse(text);
    EXPECT_TRUE(object) << text;
    return arrivals_.accept(std::move(*object));
  }
  int64_t refused_count() const { return registry_.total("carillon_layer_events_refused_total"); }

  metrics::Registry registry_;
  Arrivals arrivals_{registry_};
};

TEST_F(ArrivalsTest, TakesInWhatAPublisherMaySend) {
  for (const char* text : {R"({"type":"chat.message","n":1})", R"({"n":1,"type":"x"})"}) {
    const EventPtr event = accept(text);
    ASSERT_NE(event, nullptr) << text;
    EXPECT_EQ(json::to_json(event->object()), text);
  }
  EXPECT_EQ(refused_count(), 0);
}

TEST_F(ArrivalsTest, DropsAndCountsWhatOnlyTheServerMaySend) {
  int64_t refused = 0;
  for (const char* text :
       {R"({"type":"websocket.disconnect"})", R"({"type":"carillon.x"})", R"({"type":"pong"})",
        R"({"type":"error"})", R"({"type":"unread_count"})", R"({"type":"auth.ok"})",
        R"({"type":"_x"})", R"({"type":".x"})", R"({"type":""})", R"({"type":7})", R"({"n":1})",
        "[]", "null"}) {
    EXPECT_EQ(accept(text), nullptr) << text;
    EXPECT_EQ(refused_count(), ++refused) << text;
  }
  arrivals_.refuse();
  EXPECT_EQ(refused_count(), refused + 1);
}

}  // namespace
}  // namespace carillon::layer
