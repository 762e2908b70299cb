#include "carillon/metrics/registry.h"

#include <algorithm>
#include <map>

#include "carillon/base/assert.h"
#include "carillon/metrics/text.h"

namespace carillon::metrics {

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)),
      buckets_(std::make_unique<std::atomic<uint64_t>[]>(bounds_.size() + 1)) {
  CARILLON_ASSERT(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) noexcept {
  const auto place = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  auto& bucket = buckets_[static_cast<size_t>(place - bounds_.begin())];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

uint64_t Histogram::bucket(size_t index) const noexcept {
  return buckets_[index].load(std::memory_order_relaxed);
}

// All cells of one name and one set of labels: they are summed.
struct Series {
  std::vector<std::unique_ptr<Counter>> counters;
  std::vector<std::unique_ptr<Gauge>> gauges;
  std::vector<std::unique_ptr<Histogram>> histograms;

  int64_t sum() const {
    int64_t sum = 0;
    for (const auto& cell : counters) sum += static_cast<int64_t>(cell->value());
    for (const auto& cell : gauges) sum += cell->value();
    return sum;
  }
};

struct Registry::Family {
  std::string name;
  std::string help;
  Kind kind;
  std::map<std::string, Series> series;  // by rendered labels
};

namespace {

void append_histogram(std::string& out,
                      const std::string& name,
                      const std::string& labels,
                      const Series& series) {
  const auto bounds = series.histograms.front()->bounds();
  const std::string prefix = labels.empty() ? "" : labels + ",";
  uint64_t count = 0;
  double sum = 0;
  for (size_t i = 0; i <= bounds.size(); ++i) {
    for (const auto& cell : series.histograms) count += cell->bucket(i);
    out += name + "_bucket{" + prefix + "le=\"";
    if (i < bounds.size()) {
      append_number(out, bounds[i]);
    } else {
      out += "+Inf";
    }
    out += "\"} " + std::to_string(count) + '\n';
  }
  for (const auto& cell : series.histograms) sum += cell->sum();
  const std::string suffix = labels.empty() ? " " : "{" + labels + "} ";
  out += name + "_sum" + suffix;
  append_number(out, sum);
  out += '\n';
  out += name + "_count" + suffix + std::to_string(count) + '\n';
}

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return "counter";
    case Kind::kGauge:
      return "gauge";
    case Kind::kHistogram:
      return "histogram";
  }
  return "untyped";
}

}  // namespace

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Family& Registry::family(std::string_view name, std::string_view help, Kind kind) {
  CARILLON_ASSERT(is_metric_name(name));
  const auto place =
      std::lower_bound(families_.begin(), families_.end(), name,
                       [](const auto& a, std::string_view b) { return a->name < b; });
  if (place != families_.end() && (*place)->name == name) {
    CARILLON_ASSERT((*place)->kind == kind);
    return **place;
  }
  auto made = std::make_unique<Family>();
  made->name = name;
  made->help = help;
  made->kind = kind;
  return **families_.insert(place, std::move(made));
}

Counter& Registry::counter(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, Kind::kCounter).series[render_labels(std::move(labels))];
  return *series.counters.emplace_back(std::make_unique<Counter>());
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, Kind::kGauge).series[render_labels(std::move(labels))];
  return *series.gauges.emplace_back(std::make_unique<Gauge>());
}

Histogram& Registry::histogram(std::string_view name,
                               std::string_view help,
                               std::vector<double> bounds,
                               Labels labels) {
  const std::lock_guard lock(mutex_);
  Series& series = family(name, help, Kind::kHistogram).series[render_labels(std::move(labels))];
  auto& cell = *series.histograms.emplace_back(std::make_unique<Histogram>(std::move(bounds)));
  CARILLON_ASSERT(std::ranges::equal(cell.bounds(), series.histograms.front()->bounds()));
  return cell;
}

std::string Registry::exposition() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& family : families_) {
    out += "# HELP " + family->name + ' ' + escape_help(family->help) + '\n';
    out += "# TYPE " + family->name + ' ';
    out += kind_text(family->kind);
    out += '\n';
    for (const auto& [labels, series] : family->series) {
      if (family->kind == Kind::kHistogram) {
        append_histogram(out, family->name, labels, series);
      } else {
        out += family->name + (labels.empty() ? " " : "{" + labels + "} ");
        out += std::to_string(series.sum()) + '\n';
      }
    }
  }
  return out;
}

int64_t Registry::total(std::string_view name, const Labels& labels) const {
  const std::string wanted = render_labels(labels);
  const std::lock_guard lock(mutex_);
  int64_t sum = 0;
  for (const auto& family : families_) {
    if (family->name != name) continue;
    for (const auto& [series_labels, series] : family->series) {
      if (wanted.empty() || wanted == series_labels) sum += series.sum();
    }
  }
  return sum;
}

}  // namespace carillon::metrics
