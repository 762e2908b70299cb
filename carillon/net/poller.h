// The one place that asks the kernel: which descriptors are ready, and send these frames.
// Sessions see nothing but this, so that another mechanism (io_uring) fits behind it.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "carillon/base/error.h"
#include "carillon/base/result.h"

namespace carillon::net {

// Bits of what a descriptor is watched for, and of what it is ready for.
enum Readiness : uint8_t { kNothing = 0, kReadable = 1, kWritable = 2, kBroken = 4 };

// What the loop calls when a watched descriptor is ready. It must outlive the turn of the loop in
// which it stopped watching: a call may still be under way (EventLoop::destroy_later).
class IoHandler {
 public:
  virtual void on_ready(uint8_t readiness) = 0;

 protected:
  ~IoHandler() = default;
};

struct ReadyEvent {
  IoHandler* handler;
  uint8_t readiness;
};

// One socket's share of a batch of sends. `buffers` is borrowed until the batch returns.
struct SendRequest {
  int fd;
  uint32_t buffer_count;
  const iovec* buffers;
  ssize_t result;  // bytes taken by the kernel, or -errno
};

// One per loop; used on the loop's thread alone. Level-triggered.
class Poller {
 public:
  virtual ~Poller() = default;
  virtual void watch(int fd, IoHandler& handler, uint8_t interest) = 0;
  virtual void change(int fd, IoHandler& handler, uint8_t interest) = 0;
  virtual void forget(int fd) = 0;
  // Waits up to `timeout_ms` (-1: without end) and fills `ready`; returns how many it filled.
  virtual size_t wait(int timeout_ms, std::span<ReadyEvent> ready) = 0;
  // Sends what the kernel takes now of each request; never blocks.
  virtual void send(std::span<SendRequest> batch) = 0;
};

Result<std::unique_ptr<Poller>, Error> make_epoll_poller();

}  // namespace carillon::net
