// Counters, gauges and histograms that a loop updates without locks, summed when they are scraped.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::metrics {

// Cells have one writer, the thread that registered them, and any number of readers: an update is a
// relaxed load and store, never a locked instruction. Each cell has its own cache line, so that two
// workers never share one.

class alignas(64) Counter {
 public:
  void add(uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  // Takes over a count that is kept elsewhere; it must not fall.
  void set(uint64_t count) noexcept { value_.store(count, std::memory_order_relaxed); }
  uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class alignas(64) Gauge {
 public:
  void add(int64_t change) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  void set(int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

class alignas(64) Histogram {
 public:
  // `bounds` ascend; a value counts in the first bucket whose bound is not below it.
  explicit Histogram(std::vector<double> bounds);
  void observe(double value) noexcept;

  std::span<const double> bounds() const noexcept { return bounds_; }
  // Of the bucket itself, not cumulative; the last one (index bounds().size()) is +Inf.
  uint64_t bucket(size_t index) const noexcept;
  double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  std::unique_ptr<std::atomic<uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

enum class Kind : uint8_t { kCounter, kGauge, kHistogram };

// Owns every cell of the process; cells live as long as it does. Registering locks, so do it when a
// worker starts, not in its loop; updating a cell never does. Any thread may register and scrape.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Each call makes a new cell for the calling thread. Cells of one name and one set of labels are
  // summed in the exposition. A name has one kind, help and (for histograms) set of bounds.
  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  Histogram& histogram(std::string_view name,
                       std::string_view help,
                       std::vector<double> bounds,
                       Labels labels = {});

  // Prometheus text format 0.0.4, families sorted by name.
  std::string exposition() const;
  // The sum of a counter's or gauge's cells with these labels, or over all; 0 when none is. For
  // tests and the statistics route.
  int64_t total(std::string_view name, const Labels& labels = {}) const;

 private:
  struct Family;
  Family& family(std::string_view name, std::string_view help, Kind kind);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Family>> families_;  // guarded by mutex_
};

}  // namespace carillon::metrics
