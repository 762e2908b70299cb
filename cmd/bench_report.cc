#include "cmd/bench_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "carillon/json/writer.h"

namespace carillon::bench {
namespace {

// Enough digits to compare, not more.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10, 4 - std::ceil(std::log10(std::fabs(value))));
  return scale > 1 ? std::round(value * scale) / scale : std::round(value);
}

std::string printed(const json::Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  return json::to_json(value);
}

}  // namespace

Report::Report(const Options& options) {
  add("scenario", "scenario", options.scenario);
  add("url", "server", options.url);
  add("connections", "connections", options.connections);
}

void Report::add(std::string key, std::string label, json::Value value) {
  if (const auto number = value.as_double(); number && !value.as_int64()) {
    const double shorter = rounded(*number);
    const bool is_whole = shorter == std::floor(shorter) && std::fabs(shorter) < 1e15;
    value = is_whole ? json::Value(static_cast<int64_t>(shorter)) : json::Value(shorter);
  }
  rows_.push_back({std::move(label), printed(value)});
  object_.set(std::move(key), std::move(value));
}

void Report::add_hidden(std::string key, json::Value value) {
  object_.set(std::move(key), std::move(value));
}

void Report::warn(std::string text) {
  remarks_.push_back("! " + std::move(text));
}

void Report::fail(std::string text) {
  has_failed_ = true;
  remarks_.push_back("✗ " + std::move(text));
}

void Report::add_cost(const Cost& cost) {
  add("wall_s", "duration, s", cost.wall_s);
  if (cost.server_cpu_s)
    add("server_cpu_percent", "server CPU, % of one", *cost.server_cpu_s / cost.wall_s * 100);
  add("generator_cpu_percent", "generator CPU, %", cost.generator_cpu_share * 100);
  const bool is_lower_bound = cost.generator_cpu_share > kGeneratorShareMax;
  object_.set("is_lower_bound", is_lower_bound);
  if (is_lower_bound)
    warn("the generator was at its limit: what the server can do is more (lower bound)");
}

void Report::add_latency(const Histogram& latency) {
  const auto ms = [](uint64_t ns) { return static_cast<double>(ns) / 1e6; };
  add("p50_ms", "latency p50, ms", ms(latency.percentile(50)));
  add("p99_ms", "latency p99, ms", ms(latency.percentile(99)));
  add("p999_ms", "latency p99.9, ms", ms(latency.percentile(99.9)));
  add("max_ms", "latency max, ms", ms(latency.max()));
}

void Report::add_order(const Tally& tally) {
  uint64_t closed = tally.ended + tally.reset;
  for (const auto& entry : tally.closes) closed += entry.second;
  add("lost", "lost", tally.lost);
  add("duplicated", "duplicated", tally.duplicated);
  add("reordered", "out of order", tally.reordered);
  add("closed", "closed by the server", closed);
  add("errors", "error frames", tally.error_frames);
  if (tally.lost + tally.duplicated + tally.reordered > 0)
    fail(fmt::format("{} lost, {} duplicated, {} out of order", tally.lost, tally.duplicated,
                     tally.reordered));
  if (closed > 0) fail(fmt::format("{} members that read were closed by the server", closed));
}

std::string Report::to_table() const {
  size_t width = 0;
  for (const Row& row : rows_) width = std::max(width, row.label.size());
  std::string text;
  for (const Row& row : rows_) text += fmt::format("{:<{}}  {}\n", row.label, width, row.value);
  for (const std::string& remark : remarks_) text += remark + "\n";
  return text;
}

std::string Report::to_json() const {
  json::Value object = object_;
  json::Value::Array remarks(remarks_.begin(), remarks_.end());
  object.set("remarks", json::Value::array(std::move(remarks)));
  object.set("ok", !has_failed_);
  return json::to_json(object) + "\n";
}

}  // namespace carillon::bench
