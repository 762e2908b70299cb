// Real Redis servers for tests: each in a directory of its own, ended by its process id.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "carillon/net/child_process_test.h"
#include "carillon/redis/blocking.h"
#include "carillon/redis/location.h"

namespace carillon::redis {

// redis-server without persistence, on 127.0.0.1 and on a Unix-domain socket.
class RedisServer {
 public:
  // `options` as on its command line: {"--requirepass", "secret"}.
  explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
    start();
  }

  // At the old port again, with nothing in it.
  void start() {
    std::vector<std::string> command = {"redis-server",
                                        "--bind",
                                        "127.0.0.1",
                                        "--port",
                                        std::to_string(port_),
                                        "--unixsocket",
                                        unix_path(),
                                        "--dir",
                                        directory_.file(""),
                                        "--save",
                                        "",
                                        "--appendonly",
                                        "no",
                                        "--repl-diskless-sync-delay",
                                        "0"};
    command.insert(command.end(), options_.begin(), options_.end());
    process_ = net::ChildProcess(std::move(command));
    const std::string printed = process_.read_until("Ready to accept connections");
    EXPECT_NE(printed.find("Ready to accept connections"), std::string::npos) << printed;
  }
  void kill() { process_.kill(); }
  void pause() { process_.signal(SIGSTOP); }
  void resume() { process_.signal(SIGCONT); }

  uint16_t port() const { return port_; }
  std::string unix_path() const { return directory_.file("redis.sock"); }
  Location location() const {
    Location location;
    location.server = {"127.0.0.1", port_};
    return location;
  }
  // "redis://CREDENTIALS127.0.0.1:port", with "user:password@" before the host.
  std::string url(const std::string& credentials = "") const {
    return "redis://" + credentials + "127.0.0.1:" + std::to_string(port_);
  }

  // Runs one command as an administrator would.
  resp::Reply run(std::vector<std::string> command, const Location& as) const {
    const std::vector<std::vector<std::string>> commands = {std::move(command)};
    auto results = run_commands(as, commands, 60'000);
    if (!results) {
      ADD_FAILURE() << results.error().what;
      return {};
    }
    if (!(*results)[0]) {
      ADD_FAILURE() << (*results)[0].error().text;
      return {};
    }
    return *std::move((*results)[0]);
  }
  resp::Reply run(std::vector<std::string> command) const {
    return run(std::move(command), location());
  }

 private:
  const net::TemporaryDirectory directory_;
  const std::vector<std::string> options_;
  const uint16_t port_ = net::free_port();
  net::ChildProcess process_;
};

// One Sentinel that is enough to decide, and decides fast.
class SentinelServer {
 public:
  static constexpr const char* kMasterName = "mymaster";

  explicit SentinelServer(const RedisServer& master, const std::string& extra_config = "") {
    const std::string name = kMasterName;
    const std::string config = directory_.write(
        "sentinel.conf", "bind 127.0.0.1\nport " + std::to_string(port_) + "\ndir " +
                             directory_.file("") + "\nsentinel monitor " + name + " 127.0.0.1 " +
                             std::to_string(master.port()) +
                             " 1\nsentinel down-after-milliseconds " + name +
                             " 500\nsentinel failover-timeout " + name + " 5000\n" + extra_config);
    process_ = net::ChildProcess({"redis-server", config, "--sentinel"});
    const std::string printed = process_.read_until("+monitor master");
    EXPECT_NE(printed.find("+monitor master"), std::string::npos) << printed;
  }
  void kill() { process_.kill(); }
  // Waits until it says `event` of its log ("+switch-master").
  void wait_for(const std::string& event) {
    const std::string printed = process_.read_until(event);
    EXPECT_NE(printed.find(event), std::string::npos) << printed;
  }

  uint16_t port() const { return port_; }
  HostPort address() const { return {"127.0.0.1", port_}; }

 private:
  const net::TemporaryDirectory directory_;
  const uint16_t port_ = net::free_port();
  net::ChildProcess process_;
};

}  // namespace carillon::redis
