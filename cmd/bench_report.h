// What a scenario found, as a table for people or JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "carillon/json/value.h"
#include "cmd/bench_measurement.h"
#include "cmd/bench_tally.h"

namespace carillon::bench {

// Rows in the order in which they were added.
class Report {
 public:
  explicit Report(const Options& options);

  // `key` is the JSON member; units are part of it ("wall_s").
  void add(std::string key, std::string label, json::Value value);
  // In JSON only.
  void add_hidden(std::string key, json::Value value);
  // A line that the reader must not miss, and whether the run still counts as correct.
  void warn(std::string text);
  void fail(std::string text);

  void add_cost(const Cost& cost);
  void add_latency(const Histogram& latency);
  // Counts of frames that went wrong; any of them fails the run.
  void add_order(const Tally& tally);

  bool has_failed() const { return has_failed_; }
  std::string to_table() const;
  std::string to_json() const;

 private:
  struct Row {
    std::string label, value;
  };
  std::vector<Row> rows_;
  std::vector<std::string> remarks_;
  json::Value object_ = json::Value::object();
  bool has_failed_ = false;
};

}  // namespace carillon::bench
