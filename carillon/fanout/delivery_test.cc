#include "carillon/fanout/delivery.h"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>

#include "carillon/base/random.h"
#include "carillon/ws/deflate.h"
#include "carillon/ws/frame_writer.h"

namespace carillon::fanout {
namespace {

constexpr char kTextCompressed = '\xC1';  // FIN, RSV1, opcode 1 (RFC 7692 §6)

PreparedEventPtr event_of(std::string text) {
  json::Value fields = json::Value::object();
  fields.set("text", json::Value(std::move(text)));
  auto event = layer::Event::make("news", std::move(fields));
  EXPECT_TRUE(event);
  return prepare({"room", std::make_shared<const layer::Event>(std::move(*event))}, 0);
}

// An event whose rendered payload has just `payload_bytes`.
PreparedEventPtr event_of_size(size_t payload_bytes) {
  const size_t around = event_of("")->payload().size();
  return event_of(std::string(payload_bytes - around, 'x'));
}

TEST(PreparedEvent, FramesTheRenderedEvent) {
  const auto event = event_of("hi");
  EXPECT_EQ(event->payload(), R"({"type":"news","text":"hi"})");
  EXPECT_EQ(*event->frame, ws::make_frame(ws::Opcode::kText, event->payload()));
  EXPECT_EQ(event->group, "room");
  EXPECT_EQ(event->type, "news");
}

TEST(PreparedEvent, KnowsItsPayloadBehindEachLengthOfHeader) {
  for (const size_t size : {125, 126, 65'535, 65'536}) {
    const auto event = event_of_size(size);
    EXPECT_EQ(event->payload().size(), size);
    EXPECT_EQ(event->header_bytes, ws::frame_header_bytes(size));
    EXPECT_EQ(event->payload().front(), '{');
  }
}

TEST(Delivery, SharesThePlainFrame) {
  ws::Deflater deflater;
  const auto event = event_of(std::string(1000, 'x'));
  Delivery delivery(event, deflater);
  EXPECT_EQ(delivery.frame(kPlainForm), event->frame);
  EXPECT_EQ(delivery.shared_event(), event);
}

TEST(Delivery, CompressesOnceForEachForm) {
  ws::Deflater deflater;
  const auto event = event_of(std::string(1000, 'x'));
  Delivery delivery(event, deflater);
  const FramePtr first = delivery.frame(15);
  EXPECT_EQ(delivery.frame(15), first);
  EXPECT_EQ(first->front(), kTextCompressed);
  EXPECT_NE(delivery.frame(9), first);
  EXPECT_EQ(delivery.frame(9), delivery.frame(9));
}

TEST(Delivery, InflatesToThePlainPayload) {
  ws::Deflater deflater;
  ws::Inflater inflater;
  for (const size_t size : {256, 1'000, 70'000}) {
    const auto event = event_of_size(size);
    Delivery delivery(event, deflater);
    for (FrameForm form = 9; form <= 15; ++form) {
      const FramePtr frame = delivery.frame(form);
      // Well compressed, so the header is the shortest: two bytes, or four from 126 on.
      const size_t header_bytes = frame->size() <= 2 + 125 ? 2 : 4;
      std::string text;
      ASSERT_TRUE(inflater.inflate(std::string_view(*frame).substr(header_bytes), 1 << 20, text));
      EXPECT_EQ(text, event->payload());
    }
  }
}

TEST(Delivery, DoesNotCompressBelow256Bytes) {
  ws::Deflater deflater;
  const auto small = event_of_size(255);
  EXPECT_EQ(Delivery(small, deflater).frame(15), small->frame);
  const auto large = event_of_size(256);
  EXPECT_EQ(Delivery(large, deflater).frame(15)->front(), kTextCompressed);
}

TEST(MakeTextFrame, SendsWhatDoesNotShrinkAsItIs) {
  ws::Deflater deflater;
  std::string noise(300, '\0');
  fill_random(std::as_writable_bytes(std::span(noise)));
  EXPECT_EQ(*make_binary_frame(noise, 15, deflater), ws::make_frame(ws::Opcode::kBinary, noise));
  EXPECT_EQ(*make_text_frame("short", 15, deflater), ws::make_frame(ws::Opcode::kText, "short"));
  const std::string long_text(300, 'x');
  EXPECT_EQ(*make_text_frame(long_text, kPlainForm, deflater),
            ws::make_frame(ws::Opcode::kText, long_text));
  EXPECT_EQ(make_text_frame(long_text, 15, deflater)->front(), kTextCompressed);
}

}  // namespace
}  // namespace carillon::fanout
