#include "carillon/layer/event.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "carillon/json/reader.h"

namespace carillon::layer {
namespace {

json::Value value(std::string_view text) {
  auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return std::move(*parsed);
}

std::optional<EventError> error_of(std::string_view text) {
  const auto event = Event::make(value(text));
  return event ? std::nullopt : std::optional(event.error());
}

TEST(Event, TakesAnObjectWithAType) {
  for (const char* text :
       {R"({"type":"grade_received"})", R"({"grade":1,"type":"grade.received"})", R"({"type":"a"})",
        R"({"type":"websocket"})", R"({"type":"carillonic.x"})", R"({"type":"x.websocket.send"})",
        R"({"type":"pongs"})", R"({"type":"notification"})", R"({"type":"a_"})",
        R"({"type":"Пинг"})"}) {
    EXPECT_EQ(error_of(text), std::nullopt) << text;
  }
}

TEST(Event, SaysWhatIsWrong) {
  const std::map<std::string, EventError> wrong = {
      {"[]", EventError::kNotAnObject},
      {"\"type\"", EventError::kNotAnObject},
      {"null", EventError::kNotAnObject},
      {"{}", EventError::kTypeMissing},
      {R"({"Type":"x"})", EventError::kTypeMissing},
      {R"({"type":1})", EventError::kTypeNotAString},
      {R"({"type":null})", EventError::kTypeNotAString},
      {R"({"type":["x"]})", EventError::kTypeNotAString},
      {R"({"type":""})", EventError::kTypeEmpty},
      {R"({"type":"_private"})", EventError::kTypePrivate},
      {R"({"type":".private"})", EventError::kTypePrivate},
      {R"({"type":"."})", EventError::kTypePrivate},
      {R"({"type":"websocket.send"})", EventError::kTypeReserved},
      {R"({"type":"websocket."})", EventError::kTypeReserved},
      {R"({"type":"carillon.x"})", EventError::kTypeReserved},
  };
  for (const auto& [text, error] : wrong) {
    EXPECT_EQ(error_of(text), error) << text;
    EXPECT_FALSE(explain(error).empty());
  }
}

TEST(Event, KeepsTheServersOwnTypesToTheServer) {
  for (const char* type : {"connection_established", "connection.established", "pong", "error",
                           "unread_count", "unread.count", "disconnect", "subscribed"}) {
    EXPECT_EQ(error_of(R"({"type":")" + std::string(type) + "\"}"), EventError::kTypeReserved)
        << type;
  }
}

TEST(Event, IsBuiltFromATypeAndFields) {
  const auto event = Event::make("grade.received", value(R"({"z":1,"a":[2],"m":{"type":"x"}})"));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type(), "grade.received");
  EXPECT_EQ(event->object(), value(R"({"type":"grade.received","z":1,"a":[2],"m":{"type":"x"}})"));
}

TEST(Event, RefusesATypeAmongTheFields) {
  EXPECT_EQ(Event::make("x", value(R"({"type":"y"})")).error(), EventError::kTypeReserved);
  EXPECT_EQ(Event::make("x", value("[]")).error(), EventError::kNotAnObject);
  EXPECT_EQ(Event::make("", value("{}")).error(), EventError::kTypeEmpty);
  EXPECT_EQ(Event::make(".x", value("{}")).error(), EventError::kTypePrivate);
}

TEST(Event, MayBeOfAnyTypeWhenTheServerMadeIt) {
  EXPECT_EQ(Event::make_internal(value(R"({"type":"unread_count"})")).type(), "unread_count");
  EXPECT_EQ(Event::make_internal(value("{}")).type(), "");
}

TEST(HandlerName, HasUnderscoresForDots) {
  EXPECT_EQ(handler_name("chat.message"), "chat_message");
  EXPECT_EQ(handler_name("a.b.c_d"), "a_b_c_d");
  EXPECT_EQ(handler_name(""), "");
}

std::string rendered(std::string_view text) {
  const auto event = Event::make(value(text));
  EXPECT_TRUE(event) << text;
  return render(*event);
}

TEST(Render, ReplacesTheDotsOfTheTypeOnly) {
  EXPECT_EQ(rendered(R"({"a.b":"c.d","type":"e.f.g","h":{"type":"i.j"}})"),
            R"({"a.b":"c.d","type":"e_f_g","h":{"type":"i.j"}})");
}

TEST(Render, KeepsThePublishersOrderAndNumbers) {
  for (const char* text :
       {R"({"z":1,"type":"x","a":2})", R"({"type":"x","n":18446744073709551615,"f":1.0,"e":1e3})",
        R"({"type":"x","text":"ü\n\"","nothing":null,"list":[true,false,{}]})"}) {
    EXPECT_EQ(rendered(text), text);
  }
}

TEST(Render, LeavesTheEventAsItWas) {
  const auto event = Event::make(value(R"({"type":"a.b"})"));
  EXPECT_EQ(render(*event), R"({"type":"a_b"})");
  EXPECT_EQ(event->type(), "a.b") << "the layer carries it as sent";
}

}  // namespace
}  // namespace carillon::layer
