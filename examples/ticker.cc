// Publishes from a thread of its own, and answers from blocking work: ./ticker [--port N], then
//   wscat -c ws://127.0.0.1:9003/ws/ticker/
// and type a number to learn, slowly, how many primes there are below it.
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

#include "carillon/publish/notify.h"
#include "carillon/server/server.h"

namespace {

using carillon::json::Value;

int count_primes(int below) {
  int count = 0;
  for (int n = 2; n < below; ++n) {
    bool is_prime = true;
    for (int d = 2; d * d <= n && is_prime; ++d) is_prime = n % d != 0;
    count += is_prime ? 1 : 0;
  }
  return count;
}

class Ticker : public carillon::consumer::Consumer {
  void receive(std::string_view text) override {
    int below = 0;
    std::from_chars(text.data(), text.data() + text.size(), below);
    // The loop must not block: the counting runs elsewhere, the answer comes back here.
    const bool is_accepted = scope().defer([below] { return count_primes(below); },
                                           [this](int count) { send(std::to_string(count)); });
    if (!is_accepted) send("busy");
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bool has_port = argc == 3 && std::strcmp(argv[1], "--port") == 0;
  carillon::config::Settings settings;
  settings.bind = {std::string("127.0.0.1:") + (has_port ? argv[2] : "9003")};
  carillon::server::Server server(settings);
  auto running =
      server.add_endpoint<Ticker>({.path = "/ws/ticker/", .groups = {"ticks"}, .is_relay = true});
  if (running) running = server.start();
  if (!running) {
    std::fprintf(stderr, "ticker: %s\n", running.error().what.c_str());
    return 3;
  }
  std::jthread publisher([&server](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    for (int tick = 0; !stop.stop_requested(); ++tick) {
      Value event = Value::object();
      event.set("type", Value("tick"));
      event.set("count", Value(tick));
      server.publisher().publish(*carillon::publish::group_send("ticks", std::move(event)));
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, std::chrono::milliseconds(200), [] { return false; });
    }
  });
  server.wait_for_signal();
}
