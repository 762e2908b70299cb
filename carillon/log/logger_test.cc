#include "carillon/log/logger.h"

#include <gtest/gtest.h>

#include <sstream>

namespace carillon::log {
namespace {

constexpr int64_t kWallMs = 1'795'379'205'123;  // 2026-11-22T20:26:45.123Z

std::string line(std::string_view message, Fields fields = {}) {
  return format_line(kWallMs, Level::kWarn, message, fields);
}

TEST(LogLine, StartsWithUtcTimeAndLevel) {
  EXPECT_EQ(line("handshake refused"), "2026-11-22T20:26:45.123Z warn handshake refused");
}

TEST(LogLine, WritesEachKindOfField) {
  EXPECT_EQ(line("m", {{"n", -3}, {"u", uint64_t{1} << 63}, {"f", 0.25}, {"b", true}}),
            "2026-11-22T20:26:45.123Z warn m n=-3 u=9223372036854775808 f=0.25 b=true");
}

TEST(LogLine, QuotesTextThatIsNotOneWord) {
  EXPECT_EQ(line("m", {{"a", "two words"}, {"b", ""}, {"c", "k=v"}, {"d", "plain-1.2/x"}}),
            "2026-11-22T20:26:45.123Z warn m a=\"two words\" b=\"\" c=\"k=v\" d=plain-1.2/x");
}

TEST(LogLine, EscapesWhatAPeerCouldForgeALineWith) {
  EXPECT_EQ(line("a\nb", {{"v", "x\r\n\"\\\x1b[2J\x7f"}}),
            "2026-11-22T20:26:45.123Z warn a\\nb v=\"x\\x0d\\n\\\"\\\\\\x1b[2J\\x7f\"");
}

TEST(LogLine, MasksSecrets) {
  EXPECT_EQ(line("m", {{"key", Secret("hunter2")}}), "2026-11-22T20:26:45.123Z warn m key=***");
}

TEST(Secret, PrintsMaskedAndRevealsOnRequest) {
  std::ostringstream stream;
  stream << Secret("hunter2") << Secret();
  EXPECT_EQ(stream.str(), "***");
  EXPECT_EQ(Secret("hunter2").reveal(), "hunter2");
}

TEST(LogLevel, ReadsBackItsOwnText) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarn, Level::kError}) {
    EXPECT_EQ(level_from_text(level_text(level)), level);
  }
  EXPECT_EQ(level_from_text("warning"), Level::kWarn);
  EXPECT_EQ(level_from_text("verbose"), std::nullopt);
}

class LoggerTest : public testing::Test {
 protected:
  LoggerOptions options(Level level) {
    return {.level = level,
            .write = [this](std::string_view text) { lines_.emplace_back(text); },
            .clock = &clock_};
  }
  FakeClock clock_;
  std::vector<std::string> lines_;
};

TEST_F(LoggerTest, DropsLinesBelowItsLevel) {
  const Logger logger(options(Level::kWarn));
  logger.debug("no");
  logger.info("no");
  logger.warn("yes");
  logger.error("yes");
  EXPECT_EQ(lines_.size(), 2U);
  EXPECT_FALSE(logger.is_enabled(Level::kInfo));
  EXPECT_TRUE(logger.is_enabled(Level::kError));
}

TEST_F(LoggerTest, StampsWithItsClock) {
  clock_.set_wall_ms(kWallMs);
  const Logger logger(options(Level::kInfo));
  logger.info("listening", {{"port", 8000}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0], "2026-11-22T20:26:45.123Z info listening port=8000");
}

TEST_F(LoggerTest, WritesWholeLinesToStandardError) {
  testing::internal::CaptureStderr();
  {
    const Logger logger({.clock = &clock_});
    logger.info("with {} braces", {{"percent", "100%"}});
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.ends_with("Z info with {} braces percent=100%\n")) << text;
}

TEST_F(LoggerTest, StateLogSpeaksOncePerChange) {
  const Logger logger(options(Level::kInfo));
  StateLog state(logger);
  state.well("accepting again");
  EXPECT_TRUE(lines_.empty());
  state.unwell("accepting paused", {{"reason", "EMFILE"}});
  state.unwell("accepting paused", {{"reason", "EMFILE"}});
  EXPECT_EQ(lines_.size(), 1U);
  EXPECT_EQ(state.unwell_count(), 2U);
  EXPECT_FALSE(state.is_well());
  state.well("accepting again");
  state.well("accepting again");
  EXPECT_EQ(lines_.size(), 2U);
  EXPECT_TRUE(state.is_well());
}

}  // namespace
}  // namespace carillon::log
