#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cmd/bench_event.h"
#include "cmd/bench_scenarios.h"

namespace carillon::bench {
namespace {

// A storm of handshakes: each connection is closed as soon as it is upgraded, and the next begins
// in its place.
class Storm {
 public:
  explicit Storm(const Run& run)
      : run_(run),
        upgrade_(run),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        slots_(std::min(run.options.concurrency, run.options.connections)) {}

  void blow() {
    for (uint32_t i = 0; i < slots_.size(); i++) begin(i);
    while (done_ < run_.options.connections) {
      epoll_event events[256];
      const int patience_ms = static_cast<int>(run_.options.timeout_s) * 1'000;
      const int count = epoll_wait(epoll_.fd(), events, 256, patience_ms);
      if (count == 0) return;
      for (int i = 0; i < count; i++) on_event(events[i].data.u32, events[i].events);
    }
  }

  uint64_t upgraded() const { return latency_.count(); }
  const Histogram& latency() const { return latency_; }
  const std::string& first_failure() const { return first_failure_; }

 private:
  struct Slot {
    Socket socket;
    uint64_t begun_ns = 0;
    std::string unsent, unread;
  };

  void begin(uint32_t index) {
    while (begun_ < run_.options.connections) {
      Slot& slot = slots_[index];
      slot.begun_ns = now_ns();
      auto socket = open_connection(run_.target, {.source = begun_});
      slot.unsent = upgrade_.make_request(begun_++);
      slot.unread.clear();
      if (socket) {
        slot.socket = std::move(*socket);
        if (write_some(slot)) return watch(index, EPOLL_CTL_ADD);
      }
      fail(socket ? errno : socket.error());
      slot.socket.close();
    }
  }

  void fail(int error) { fail(std::string(strerror(error))); }
  void fail(std::string why) {
    done_++;
    if (first_failure_.empty()) first_failure_ = std::move(why);
  }

  // False when the connection has failed; nothing is sent while it is still being made.
  bool write_some(Slot& slot) {
    const ssize_t size =
        send(slot.socket.fd(), slot.unsent.data(), slot.unsent.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == ENOTCONN;
    slot.unsent.erase(0, static_cast<size_t>(size));
    return true;
  }

  void watch(uint32_t index, int operation) {
    epoll_event event{};
    event.events = slots_[index].unsent.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
    event.data.u32 = index;
    epoll_ctl(epoll_.fd(), operation, slots_[index].socket.fd(), &event);
  }

  void on_event(uint32_t index, uint32_t events) {
    Slot& slot = slots_[index];
    if ((events & EPOLLOUT) && !slot.unsent.empty()) {
      if (!write_some(slot)) return end(index, strerror(errno));
      watch(index, EPOLL_CTL_MOD);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_answer(index);
  }

  void read_answer(uint32_t index) {
    Slot& slot = slots_[index];
    char buffer[4'096];
    const ssize_t size = recv(slot.socket.fd(), buffer, sizeof buffer, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return end(index, size < 0 ? strerror(errno) : "closed by the server");
    slot.unread.append(buffer, static_cast<size_t>(size));
    const auto head = upgrade_.check_answer(slot.unread);
    if (!head) return end(index, head.error());
    if (*head == 0) return;
    latency_.add(now_ns() - slot.begun_ns);
    end(index, {});
  }

  void end(uint32_t index, std::string failure) {
    slots_[index].socket.close();
    if (failure.empty())
      done_++;
    else
      fail(std::move(failure));
    begin(index);
  }

  const Run& run_;
  Upgrade upgrade_;
  Socket epoll_;
  std::vector<Slot> slots_;
  uint32_t begun_ = 0, done_ = 0;
  std::string first_failure_;
  Histogram latency_;
};

}  // namespace

Result<Report, Error> run_handshakes(const Run& run) {
  const Measurement measurement(run, 1);
  Storm storm(run);
  storm.blow();
  const Cost cost = measurement.finish();
  if (storm.upgraded() == 0)
    return Err(Error{"refused", "no handshake succeeded: " + storm.first_failure()});

  Report report(run.options);
  report.add("concurrency", "under way at once", run.options.concurrency);
  report.add("upgraded", "handshakes done", storm.upgraded());
  report.add("handshakes_per_s", "handshakes/s", double(storm.upgraded()) / cost.wall_s);
  if (cost.server_cpu_s)
    report.add("server_cpu_us_per_handshake", "server CPU per handshake, µs",
               *cost.server_cpu_s * 1e6 / double(storm.upgraded()));
  report.add_cost(cost);
  report.add_latency(storm.latency());
  if (storm.upgraded() < run.options.connections)
    report.fail(std::to_string(run.options.connections - storm.upgraded()) +
                " handshakes failed: " + storm.first_failure());
  return report;
}

}  // namespace carillon::bench
