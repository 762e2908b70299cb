// The floor: what the kernel allows. A bare WebSocket upgrade, and on an HTTP POST one prebuilt
// frame to every socket, one send() per socket (or one batched io_uring submission). It has no
// authentication, groups, queues or timers, takes each request in one segment, and trusts its
// peers. Every performance ratio of Carillon is against this program.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#ifdef CARILLON_FLOOR_URING
#include <liburing.h>
#endif

namespace {

struct Options {
  int port = 9100;
  int threads = 1;
  int batch = 4096;  // io_uring submissions between two calls of the kernel
  bool use_uring = false;
  bool fixed_files = false;
  bool own_fds = false;                // a descriptor table for each thread
  bool merge = false;                  // what one recv() brought leaves in one send() per socket
  const char* congestion = nullptr;    // TCP_CONGESTION
  uint32_t descriptors_max = 1 << 20;  // lowered to the hard limit
};
Options options;

struct Frame {
  std::string bytes;
};
using FramePtr = std::shared_ptr<Frame>;

struct Loop {
  int epoll_fd = -1, listen_fd = -1, event_fd = -1;
  std::vector<int> members;  // upgraded sockets
  std::mutex mutex;          // guards `inbox`: only for the hand-over between threads
  std::vector<FramePtr> inbox;
  uint64_t sent = 0, refused = 0;
#ifdef CARILLON_FLOOR_URING
  io_uring ring;
#endif
};
std::vector<std::unique_ptr<Loop>> loops;

// Descriptor -> index in Loop::members + 1; 0: not upgraded.
thread_local uint32_t* positions;

uint32_t& position_of(int fd) {
  return positions[static_cast<size_t>(fd)];
}

bool send_now(int fd, std::string_view bytes, int flags = MSG_DONTWAIT) {
  return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | flags) ==
         static_cast<ssize_t>(bytes.size());
}

std::string accept_key(std::string_view key) {
  std::string salted(key);
  salted += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[20], text[32];
  SHA1(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), digest);
  const int length = EVP_EncodeBlock(text, digest, 20);
  return std::string(reinterpret_cast<char*>(text), static_cast<size_t>(length));
}

std::string make_frame(std::string_view payload, uint8_t opcode = 1) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  const size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame += static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127);
  for (int i = length_bytes - 1; i >= 0; i--) frame += static_cast<char>(uint64_t{size} >> (8 * i));
  frame.append(payload);
  return frame;
}

#ifdef CARILLON_FLOOR_URING
void broadcast_uring(Loop& loop, std::string_view bytes) {
  unsigned queued = 0;
  for (int fd : loop.members) {
    io_uring_sqe* entry = io_uring_get_sqe(&loop.ring);
    if (!entry) {
      io_uring_submit(&loop.ring);
      entry = io_uring_get_sqe(&loop.ring);
    }
    io_uring_prep_send(entry, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    if (options.fixed_files) entry->flags |= IOSQE_FIXED_FILE;
    if (++queued % static_cast<unsigned>(options.batch) == 0) io_uring_submit(&loop.ring);
  }
  io_uring_submit(&loop.ring);
  io_uring_cqe* completion;
  while (io_uring_peek_cqe(&loop.ring, &completion) == 0) {
    loop.refused++;
    io_uring_cqe_seen(&loop.ring, completion);
  }
  loop.sent += loop.members.size();
}

void set_fixed_file(Loop& loop, int fd, bool present) {
  const int value = present ? fd : -1;
  if (options.fixed_files)
    io_uring_register_files_update(&loop.ring, static_cast<unsigned>(fd), &value, 1);
}

void set_up_uring(Loop& loop) {
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  int rc = io_uring_queue_init_params(static_cast<unsigned>(options.batch), &loop.ring, &params);
  if (rc == 0 && options.fixed_files)
    rc = io_uring_register_files_sparse(&loop.ring, options.descriptors_max);
  if (rc < 0) {
    fprintf(stderr, "floor: io_uring: %s\n", strerror(-rc));
    exit(1);
  }
}
#else
void broadcast_uring(Loop&, std::string_view) {}
void set_fixed_file(Loop&, int, bool) {}
void set_up_uring(Loop&) {}
#endif

void broadcast(Loop& loop, const Frame& frame) {
  if (options.use_uring) return broadcast_uring(loop, frame.bytes);
  const std::string_view bytes = frame.bytes;
  for (int fd : loop.members) {
    if (send_now(fd, bytes))
      loop.sent++;
    else
      loop.refused++;
  }
}

void drop(Loop& loop, int fd) {
  if (uint32_t position = position_of(fd)) {
    const int last = loop.members.back();
    loop.members[position - 1] = last;
    position_of(last) = position;
    loop.members.pop_back();
    position_of(fd) = 0;
    set_fixed_file(loop, fd, false);
  }
  close(fd);
}

std::string_view header(std::string_view head, const char* name) {
  const size_t name_bytes = strlen(name);
  for (size_t i = head.find("\r\n"); i != head.npos; i = head.find("\r\n", i)) {
    i += 2;
    if (head.size() - i > name_bytes && strncasecmp(head.data() + i, name, name_bytes) == 0 &&
        head[i + name_bytes] == ':') {
      const size_t begin = head.find_first_not_of(' ', i + name_bytes + 1);
      return head.substr(begin, head.find("\r\n", i) - begin);
    }
  }
  return {};
}

// Echoes text, answers ping and close; whole frames only.
void on_frames(Loop& loop, int fd, char* bytes, size_t size) {
  size_t offset = 0;
  while (size - offset >= 6) {
    const auto byte_at = [&](size_t i) { return static_cast<uint8_t>(bytes[offset + i]); };
    const uint8_t opcode = byte_at(0) & 15;
    size_t length = byte_at(1) & 127, header_bytes = 2;
    if (length == 126) {
      length = static_cast<size_t>(byte_at(2) << 8 | byte_at(3));
      header_bytes = 4;
    }
    if (length == 127 || size - offset < header_bytes + 4 + length) return drop(loop, fd);
    const char* mask = bytes + offset + header_bytes;
    char* payload = bytes + offset + header_bytes + 4;
    for (size_t i = 0; i < length; i++) payload[i] = static_cast<char>(payload[i] ^ mask[i & 3]);
    if (opcode == 8) return drop(loop, fd);
    if (opcode == 1 || opcode == 2 || opcode == 9) {
      const uint8_t answer = opcode == 9 ? 10 : opcode;
      if (!send_now(fd, make_frame({payload, length}, answer))) loop.refused++;
    }
    offset += header_bytes + 4 + length;
  }
}

void hand_to_other_loops(const Loop& self, const FramePtr& frame) {
  for (auto& other : loops) {
    if (other.get() == &self) continue;
    {
      std::lock_guard guard(other->mutex);
      other->inbox.push_back(frame);
    }
    const uint64_t one = 1;
    if (write(other->event_fd, &one, sizeof one) != sizeof one) abort();
  }
}

// Requests may be pipelined; each lies whole in what one recv() returned.
void on_publish(Loop& loop, int fd, std::string_view bytes) {
  static const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  FramePtr frame;
  std::string answers;
  while (!bytes.empty()) {
    const size_t head_end = bytes.find("\r\n\r\n");
    if (head_end == bytes.npos) return drop(loop, fd);
    const std::string length_text(header(bytes.substr(0, head_end + 2), "Content-Length"));
    const size_t length = strtoul(length_text.c_str(), nullptr, 10);
    if (bytes.size() < head_end + 4 + length) return drop(loop, fd);
    if (!frame) frame = std::make_shared<Frame>();
    frame->bytes += make_frame(bytes.substr(head_end + 4, length));
    bytes.remove_prefix(head_end + 4 + length);
    answers += kAnswer;
    if (options.merge && !bytes.empty()) continue;
    hand_to_other_loops(loop, frame);
    broadcast(loop, *frame);
    frame.reset();
    send_now(fd, answers, 0);
    answers.clear();
  }
}

void on_upgrade(Loop& loop, int fd, std::string_view head) {
  const std::string_view key = header(head, "Sec-WebSocket-Key");
  if (key.empty()) return drop(loop, fd);
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept_key(key) + "\r\n\r\n";
  send_now(fd, answer, 0);
  loop.members.push_back(fd);
  position_of(fd) = static_cast<uint32_t>(loop.members.size());
  set_fixed_file(loop, fd, true);
}

void on_bytes(Loop& loop, int fd, char* bytes, size_t size) {
  if (position_of(fd)) return on_frames(loop, fd, bytes, size);
  const std::string_view request(bytes, size);
  const size_t head_end = request.find("\r\n\r\n");
  if (head_end == request.npos) return drop(loop, fd);
  if (request.starts_with("POST")) return on_publish(loop, fd, request);
  on_upgrade(loop, fd, request.substr(0, head_end + 2));
}

void watch(const Loop& loop, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(loop.epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void accept_all(const Loop& loop) {
  for (int i = 0; i < 256; i++) {
    const int fd = accept4(loop.listen_fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (static_cast<uint32_t>(fd) >= options.descriptors_max) {
      close(fd);
      continue;
    }
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(loop, fd, EPOLLIN | EPOLLRDHUP);
  }
}

void on_inbox(Loop& loop) {
  uint64_t wakes;
  if (read(loop.event_fd, &wakes, sizeof wakes) != sizeof wakes) return;
  std::vector<FramePtr> frames;
  {
    std::lock_guard guard(loop.mutex);
    frames.swap(loop.inbox);
  }
  for (const auto& frame : frames) broadcast(loop, *frame);
}

[[noreturn]] void fail(const char* what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

void listen_on_loopback(Loop& loop) {
  loop.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(loop.listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(loop.listen_fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  if (const char* name = options.congestion) {
    const auto size = static_cast<socklen_t>(strlen(name));
    if (setsockopt(loop.listen_fd, IPPROTO_TCP, TCP_CONGESTION, name, size) < 0)
      fail("TCP_CONGESTION");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(options.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(loop.listen_fd, generic, sizeof address) < 0) fail("bind");
  if (listen(loop.listen_fd, 4096) < 0) fail("listen");
}

void set_up(Loop& loop, bool is_first) {
  if (options.own_fds && !is_first && unshare(CLONE_FILES) < 0) fail("unshare");
  positions =
      static_cast<uint32_t*>(mmap(nullptr, options.descriptors_max * sizeof(uint32_t),
                                  PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  listen_on_loopback(loop);
  watch(loop, loop.listen_fd, EPOLLIN);
  watch(loop, loop.event_fd, EPOLLIN);
  if (options.use_uring) set_up_uring(loop);
}

[[noreturn]] void run(Loop& loop, bool is_first) {
  set_up(loop, is_first);
  constexpr size_t kBufferBytes = 65536;
  char* buffer = static_cast<char*>(malloc(kBufferBytes));
  epoll_event events[512];
  for (;;) {
    const int count = epoll_wait(loop.epoll_fd, events, 512, -1);
    for (int i = 0; i < count; i++) {
      const int fd = events[i].data.fd;
      if (fd == loop.listen_fd) {
        accept_all(loop);
      } else if (fd == loop.event_fd) {
        on_inbox(loop);
      } else {
        const ssize_t size = recv(fd, buffer, kBufferBytes, MSG_DONTWAIT);
        if (size > 0)
          on_bytes(loop, fd, buffer, static_cast<size_t>(size));
        else if (size == 0 || errno != EAGAIN)
          drop(loop, fd);
      }
    }
  }
}

bool parse_options(int argc, char** argv) {
  for (int i = 1; i < argc; i++) {
    const std::string_view name = argv[i];
    const auto next = [&] {
      return i + 1 < argc ? static_cast<int>(strtol(argv[++i], nullptr, 10)) : 0;
    };
    if (name == "--port")
      options.port = next();
    else if (name == "--threads")
      options.threads = next();
    else if (name == "--batch")
      options.batch = next();
    else if (name == "--uring")
      options.use_uring = true;
    else if (name == "--fixed")
      options.fixed_files = true;
    else if (name == "--own-fds")
      options.own_fds = true;
    else if (name == "--merge")
      options.merge = true;
    else if (name == "--cc" && i + 1 < argc)
      options.congestion = argv[++i];
    else
      return false;
  }
#ifndef CARILLON_FLOOR_URING
  if (options.use_uring) fprintf(stderr, "floor: built without io_uring\n");
  return !options.use_uring;
#else
  return true;
#endif
}

void raise_descriptor_limit() {
  rlimit limit{options.descriptors_max, options.descriptors_max};
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  options.descriptors_max = static_cast<uint32_t>(limit.rlim_cur);
}

}  // namespace

int main(int argc, char** argv) {
  if (!parse_options(argc, argv)) {
    fprintf(stderr,
            "usage: carillon_floor [--port P] [--threads N [--own-fds]] [--merge]\n"
            "                      [--uring [--batch N] [--fixed]] [--cc reno|cubic|bbr]\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  for (int i = 0; i < options.threads; i++) {
    auto loop = std::make_unique<Loop>();
    loop->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loops.push_back(std::move(loop));
  }
  std::vector<std::thread> threads;
  for (size_t i = 1; i < loops.size(); i++) threads.emplace_back([i] { run(*loops[i], false); });
  run(*loops[0], true);
}
