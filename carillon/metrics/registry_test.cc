#include "carillon/metrics/registry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "carillon/metrics/text.h"

namespace carillon::metrics {
namespace {

TEST(Registry, SumsTheCellsOfOneNameAndLabels) {
  Registry registry;
  Counter& first = registry.counter("events_total", "Events.", {{"endpoint", "dashboard"}});
  Counter& second = registry.counter("events_total", "Events.", {{"endpoint", "dashboard"}});
  Counter& other = registry.counter("events_total", "Events.", {{"endpoint", "mentor"}});
  first.add();
  second.add(41);
  other.add(7);
  EXPECT_EQ(registry.exposition(),
            "# HELP events_total Events.\n"
            "# TYPE events_total counter\n"
            "events_total{endpoint=\"dashboard\"} 42\n"
            "events_total{endpoint=\"mentor\"} 7\n");
  EXPECT_EQ(registry.total("events_total"), 49);
}

TEST(Registry, AddsGaugesUpAcrossWorkers) {
  Registry registry;
  registry.gauge("connections", "Open.").add(3);
  Gauge& second = registry.gauge("connections", "Open.");
  second.set(5);
  second.add(-1);
  EXPECT_EQ(registry.exposition(),
            "# HELP connections Open.\n# TYPE connections gauge\nconnections 7\n");
}

TEST(Registry, WritesHistogramsCumulatively) {
  Registry registry;
  Histogram& first = registry.histogram("turn_seconds", "Turns.", {0.001, 0.25}, {{"worker", "0"}});
  Histogram& second =
      registry.histogram("turn_seconds", "Turns.", {0.001, 0.25}, {{"worker", "0"}});
  first.observe(0.001);  // a bound belongs to its own bucket
  first.observe(0.5);
  second.observe(0.125);
  EXPECT_EQ(registry.exposition(),
            "# HELP turn_seconds Turns.\n"
            "# TYPE turn_seconds histogram\n"
            "turn_seconds_bucket{worker=\"0\",le=\"0.001\"} 1\n"
            "turn_seconds_bucket{worker=\"0\",le=\"0.25\"} 2\n"
            "turn_seconds_bucket{worker=\"0\",le=\"+Inf\"} 3\n"
            "turn_seconds_sum{worker=\"0\"} 0.626\n"
            "turn_seconds_count{worker=\"0\"} 3\n");
}

TEST(Registry, ListsFamiliesByName) {
  Registry registry;
  registry.counter("b_total", "B.");
  registry.counter("a_total", "A.");
  const std::string text = registry.exposition();
  EXPECT_LT(text.find("a_total 0"), text.find("b_total 0"));
}

TEST(Registry, GivesOneSpellingToOneSetOfLabels) {
  Registry registry;
  registry.counter("c_total", "C.", {{"x", "1"}, {"a", "2"}}).add();
  registry.counter("c_total", "C.", {{"a", "2"}, {"x", "1"}}).add();
  EXPECT_NE(registry.exposition().find("c_total{a=\"2\",x=\"1\"} 2\n"), std::string::npos);
}

TEST(Registry, TotalOfAnUnknownNameIsZero) {
  EXPECT_EQ(Registry().total("nothing"), 0);
}

TEST(MetricsText, EscapesLabelValuesAndHelp) {
  EXPECT_EQ(render_labels({{"path", "a\"b\\c\nd"}}), "path=\"a\\\"b\\\\c\\nd\"");
  EXPECT_EQ(escape_help("a\"b\\c\nd"), "a\"b\\\\c\\nd");
}

TEST(MetricsText, SpellsTheNumbersThatAreNone) {
  std::string out;
  append_number(out, std::numeric_limits<double>::infinity());
  append_number(out, -std::numeric_limits<double>::infinity());
  append_number(out, std::nan(""));
  append_number(out, 0.1);
  EXPECT_EQ(out, "+Inf-InfNaN0.1");
}

TEST(MetricsText, KnowsALegalName) {
  EXPECT_TRUE(is_metric_name("carillon_connections:rate5m"));
  EXPECT_FALSE(is_metric_name(""));
  EXPECT_FALSE(is_metric_name("5xx_total"));
  EXPECT_FALSE(is_metric_name("with-dash"));
}

}  // namespace
}  // namespace carillon::metrics
