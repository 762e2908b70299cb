// Structured lines on standard error: `2026-11-22T20:26:45.123Z warn handshake refused
// reason=host`.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "carillon/base/clock.h"
#include "carillon/base/secret.h"

namespace carillon::log {

enum class Level : uint8_t { kDebug, kInfo, kWarn, kError };

// "debug", "info", "warn" (and "warning"), "error"; nothing for any other text.
std::optional<Level> level_from_text(std::string_view text);
std::string_view level_text(Level level);

// What a field says. Text is borrowed: it must outlive the call that logs it.
class FieldValue {
 public:
  using Variant = std::variant<std::string_view, int64_t, uint64_t, double, bool>;

  FieldValue(std::string_view text) : value_(text) {}
  FieldValue(const std::string& text) : value_(std::string_view(text)) {}
  FieldValue(const char* text) : value_(std::string_view(text)) {}
  FieldValue(bool value) : value_(value) {}
  FieldValue(double value) : value_(value) {}
  template <std::signed_integral T>
  FieldValue(T value) : value_(static_cast<int64_t>(value)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  FieldValue(T value) : value_(static_cast<uint64_t>(value)) {}
  FieldValue(const Secret& secret) : value_(secret.masked()) {}

  const Variant& get() const { return value_; }

 private:
  Variant value_;
};

struct Field {
  std::string_view key;
  FieldValue value;
};
using Fields = std::initializer_list<Field>;

// One whole line without its newline; a text value is quoted where it would not read as one word.
// Pure: any thread.
std::string format_line(int64_t wall_ms, Level level, std::string_view message, Fields fields);

struct LoggerOptions {
  Level level = Level::kInfo;  // lines below it cost a comparison
  std::function<void(std::string_view line)>
      write{};                   // empty: standard error. Called by any thread
  const Clock* clock = nullptr;  // borrowed; null: the machine's
};

// Any thread may log through one logger; passed by reference, lives as long as the process or test.
class Logger {
 public:
  explicit Logger(LoggerOptions options = {});
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void debug(std::string_view message, Fields fields = {}) const;
  void info(std::string_view message, Fields fields = {}) const;
  void warn(std::string_view message, Fields fields = {}) const;
  void error(std::string_view message, Fields fields = {}) const;
  void write(Level level, std::string_view message, Fields fields = {}) const;

  // Ask before building a field that costs something.
  bool is_enabled(Level level) const noexcept { return level >= level_; }

 private:
  struct Sink;
  Level level_;
  const Clock& clock_;
  std::unique_ptr<Sink> sink_;
};

// Logs a condition that lasts (descriptors exhausted, layer unreachable) once when it begins and
// once when it ends, however often it is reported. One thread; `logger` must outlive it.
class StateLog {
 public:
  explicit StateLog(const Logger& logger) : logger_(logger) {}

  // Warns when the last report was a good one; else only counts.
  void unwell(std::string_view message, Fields fields = {});
  // Says so when the last report was a bad one; else does nothing.
  void well(std::string_view message, Fields fields = {});
  bool is_well() const noexcept { return unwell_count_ == 0; }
  // Bad reports since the condition began.
  uint64_t unwell_count() const noexcept { return unwell_count_; }

 private:
  const Logger& logger_;
  uint64_t unwell_count_ = 0;
};

}  // namespace carillon::log
