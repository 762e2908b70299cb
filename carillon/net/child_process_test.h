// Other programs that tests talk to: started here, ended here.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "carillon/net/socket.h"

namespace carillon::net {

// Gone with all that is in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "carillon-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

// One process, found through PATH. Killed at the end, and with the test if that crashes.
class ChildProcess {
 public:
  ChildProcess() = default;
  explicit ChildProcess(std::vector<std::string> command) {
    std::vector<char*> argv;
    for (std::string& each : command) argv.push_back(each.data());
    argv.push_back(nullptr);
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    output_ = Fd(pipe[0]);
    const Fd writing(pipe[1]);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(writing.get(), STDOUT_FILENO);
    ::dup2(writing.get(), STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ChildProcess(ChildProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)),
        output_(std::move(other.output_)),
        unread_(std::move(other.unread_)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept {
    kill();
    pid_ = std::exchange(other.pid_, -1);
    output_ = std::move(other.output_);
    unread_ = std::move(other.unread_);
    return *this;
  }
  ~ChildProcess() { kill(); }

  void signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }
  // SIGKILL, and waits until it is gone.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)wait();  // killed: it has no status
  }
  // Its exit status, once it ends by itself.
  int wait() { return wait_for(std::exchange(pid_, -1)); }

  // What it prints next, up to and with `text` (empty: to the end). Shorter when it ends before, or
  // has not come that far in a time that is enough on the slowest machine.
  std::string read_until(const std::string& text) {
    constexpr int kPatienceMs = 60'000;
    std::array<char, 4096> buffer;
    pollfd readable{output_.get(), POLLIN, 0};
    while ((text.empty() || unread_.find(text) == std::string::npos) &&
           ::poll(&readable, 1, kPatienceMs) == 1) {
      const ssize_t count = ::read(output_.get(), buffer.data(), buffer.size());
      if (count <= 0) break;
      unread_.append(buffer.data(), static_cast<size_t>(count));
    }
    const size_t at = text.empty() ? std::string::npos : unread_.find(text);
    const size_t end = at == std::string::npos ? unread_.size() : at + text.size();
    std::string printed = unread_.substr(0, end);
    unread_.erase(0, end);
    return printed;
  }

 private:
  static int wait_for(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  pid_t pid_ = -1;
  Fd output_;
  std::string unread_;
};

// A port that nobody listens on, as far as the kernel knows now.
inline uint16_t free_port() {
  const auto socket = listen_on(*Address::parse("127.0.0.1:0"), {.reuse_port = false});
  EXPECT_TRUE(socket);
  return local_address(*socket)->port();
}

}  // namespace carillon::net
