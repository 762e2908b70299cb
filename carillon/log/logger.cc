#include "carillon/log/logger.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace carillon::log {

struct Logger::Sink {
  std::function<void(std::string_view)> write;
};

namespace {

// spdlog serialises the threads and writes each line whole; the line itself is made by format_line.
std::function<void(std::string_view)> stderr_writer() {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("carillon", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  return [logger](std::string_view line) {
    logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  };
}

}  // namespace

Logger::Logger(LoggerOptions options)
    : level_(options.level),
      clock_(options.clock != nullptr ? *options.clock : system_clock()),
      sink_(std::make_unique<Sink>()) {
  sink_->write = options.write ? std::move(options.write) : stderr_writer();
}

Logger::~Logger() = default;

void Logger::debug(std::string_view message, Fields fields) const {
  write(Level::kDebug, message, fields);
}

void Logger::info(std::string_view message, Fields fields) const {
  write(Level::kInfo, message, fields);
}

void Logger::warn(std::string_view message, Fields fields) const {
  write(Level::kWarn, message, fields);
}

void Logger::error(std::string_view message, Fields fields) const {
  write(Level::kError, message, fields);
}

void Logger::write(Level level, std::string_view message, Fields fields) const {
  if (!is_enabled(level)) return;
  sink_->write(format_line(clock_.wall_ms(), level, message, fields));
}

void StateLog::unwell(std::string_view message, Fields fields) {
  if (unwell_count_++ == 0) logger_.warn(message, fields);
}

void StateLog::well(std::string_view message, Fields fields) {
  if (is_well()) return;
  unwell_count_ = 0;
  logger_.info(message, fields);
}

}  // namespace carillon::log
