#include "cmd/bench_swarm.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "carillon/base/assert.h"
#include "carillon/ws/frame_writer.h"
#include "cmd/bench_event.h"

namespace carillon::bench {
namespace {

constexpr uint32_t kOpeningMax = 128;
constexpr size_t kBufferBytes = 256 * 1024;
constexpr uint32_t kWakeMark = UINT32_MAX;

}  // namespace

Swarm::Swarm(const Run& run, Progress& progress, const Share& share)
    : run_(run), progress_(progress), share_(share), upgrade_(run), members_(share.count) {
  for (uint32_t i = 0; i < share.stalled_count; i++)
    members_[share.count - 1 - i].is_stalled = true;
  wake_ = Socket(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  CARILLON_ASSERT(wake_.is_open());
}

void Swarm::start() {
  thread_ = std::thread([this] { run_loop(); });
}

void Swarm::resume_stalled(uint32_t event_count) {
  resume_events_ = event_count;
  eventfd_write(wake_.fd(), 1);
}

void Swarm::start_pings() {
  is_pinging_ = true;
  eventfd_write(wake_.fd(), 1);
}

void Swarm::stop() {
  if (!thread_.joinable()) return;
  is_stopping_ = true;
  eventfd_write(wake_.fd(), 1);
  thread_.join();
}

void Swarm::count_lost(uint32_t event_count) {
  for (const Member& member : members_) {
    Tally& tally = tally_of(member);
    tally.lost += member.order.gap_count();
    if (member.phase == Phase::kOpen)
      tally.lost += event_count - std::min(event_count, member.order.next());
  }
}

void Swarm::run_loop() {
  // From here on the sockets of this thread count against a table of their own.
  if (share_.has_own_descriptors && unshare(CLONE_FILES) != 0) {
    refuse(members_[0], std::string("unshare(CLONE_FILES): ") + strerror(errno));
    progress_.settled.add(share_.count - 1);
    return;
  }
  epoll_ = Socket(epoll_create1(EPOLL_CLOEXEC));
  CARILLON_ASSERT(epoll_.is_open());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = kWakeMark;
  epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wake_.fd(), &event);
  buffer_.resize(kBufferBytes);
  while (!is_stopping_) turn();
  // Closed here, because the descriptors may be of this thread alone.
  for (Member& member : members_) member.socket.close();
  epoll_.close();
}

void Swarm::turn() {
  open_more();
  epoll_event events[1024];
  const timespec wait = wait_time();
  const bool has_deadline = wait.tv_sec >= 0;
  const int count =
      epoll_pwait2(epoll_.fd(), events, 1024, has_deadline ? &wait : nullptr, nullptr);
  for (int i = 0; i < count; i++) {
    const uint32_t mark = events[i].data.u32;
    if (mark == kWakeMark)
      take_orders();
    else
      on_event(members_[mark], events[i].events);
  }
  send_due_pings();
  progress_.answered.add(std::exchange(answered_now_, 0));
}

timespec Swarm::wait_time() const {
  if (!has_pinged_ || is_closed_loop() || pings_sent_ >= pings_total()) return {-1, 0};
  const uint64_t due = next_ping_due_ns();
  const uint64_t now = now_ns();
  const uint64_t left = due > now ? due - now : 0;
  return {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
}

void Swarm::take_orders() {
  eventfd_t count;
  eventfd_read(wake_.fd(), &count);
  if (resume_events_ > 0 && !has_resumed_) {
    has_resumed_ = true;
    for (Member& member : members_)
      if (member.is_stalled && member.phase == Phase::kOpen) watch(member, EPOLLIN, EPOLL_CTL_ADD);
  }
  if (is_pinging_ && !has_pinged_) {
    has_pinged_ = true;
    ping_start_ns_ = now_ns();
    for (Member& member : members_) member.pings_left = run_.options.messages;
    if (is_closed_loop())
      for (Member& member : members_) send_ping(member, now_ns());
  }
}

void Swarm::open_more() {
  while (opening_ < kOpeningMax && opened_ < share_.count) open(opened_++);
}

void Swarm::open(uint32_t index) {
  Member& member = members_[index];
  ConnectOptions options;
  options.source = share_.first + index;
  if (member.is_stalled) options.receive_buffer_bytes = run_.options.receive_buffer_bytes;
  auto socket = open_connection(run_.target, options);
  if (!socket) return refuse(member, std::string("connect: ") + strerror(socket.error()));
  member.socket = std::move(*socket);
  member.phase = Phase::kConnecting;
  opening_++;
  // On loopback the connection mostly stands already: then no EPOLLOUT is needed.
  member.partial = upgrade_.make_request(share_.first + index);
  send_request(member);
  const bool is_sent = member.phase == Phase::kUpgrading;
  if (member.socket.is_open()) watch(member, is_sent ? EPOLLIN : EPOLLOUT, EPOLL_CTL_ADD);
}

void Swarm::send_request(Member& member) {
  const ssize_t sent =
      send(member.socket.fd(), member.partial.data(), member.partial.size(), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
  if (sent < 0) {
    opening_--;
    return refuse(member, std::string("connect: ") + strerror(errno));
  }
  CARILLON_ASSERT(static_cast<size_t>(sent) == member.partial.size());  // a new socket has room
  std::string().swap(member.partial);
  member.phase = Phase::kUpgrading;
}

void Swarm::watch(Member& member, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = static_cast<uint32_t>(&member - members_.data());
  epoll_ctl(epoll_.fd(), operation, member.socket.fd(), &event);
}

void Swarm::on_event(Member& member, uint32_t events) {
  if (member.phase == Phase::kConnecting && (events & (EPOLLOUT | EPOLLERR))) {
    send_request(member);
    if (member.phase == Phase::kUpgrading) watch(member, EPOLLIN, EPOLL_CTL_MOD);
  } else if (member.phase != Phase::kClosed) {
    on_readable(member);
  }
}

void Swarm::on_readable(Member& member) {
  const ssize_t size = recv(member.socket.fd(), buffer_.data(), buffer_.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return on_end(member, size < 0);
  read_ns_ = now_ns();
  if (member.phase == Phase::kOpen) tally_of(member).reads++;
  std::string_view bytes(buffer_.data(), static_cast<size_t>(size));
  if (member.partial.empty()) {
    const size_t taken = take_bytes(member, bytes);
    member.partial = bytes.substr(taken);
  } else {
    member.partial += bytes;
    std::string whole;
    whole.swap(member.partial);
    const size_t taken = take_bytes(member, whole);
    whole.erase(0, taken);
    member.partial = std::move(whole);
  }
}

size_t Swarm::take_bytes(Member& member, std::string_view bytes) {
  size_t taken = 0;
  if (member.phase == Phase::kUpgrading) {
    const auto head = upgrade_.check_answer(bytes);
    if (!head) {
      opening_--;
      refuse(member, head.error());
      return bytes.size();
    }
    if (*head == 0) return 0;
    taken = *head;
    on_upgraded(member);
  }
  ServerFrame frame;
  while (member.phase == Phase::kOpen && read_frame(bytes.substr(taken), frame)) {
    take_frame(member, frame);
    taken += frame.bytes;
  }
  return member.phase == Phase::kOpen ? taken : bytes.size();
}

void Swarm::on_upgraded(Member& member) {
  member.phase = Phase::kOpen;
  opening_--;
  open_count_++;
  // A stalled member stops reading here, whatever has come with the answer.
  if (member.is_stalled) watch(member, 0, EPOLL_CTL_DEL);
  progress_.settled.add(1);
}

void Swarm::take_frame(Member& member, const ServerFrame& frame) {
  Tally& tally = tally_of(member);
  if (const auto stamp = read_stamp(frame.payload)) {
    tally.delivered++;
    tally.payload_bytes += frame.payload.size();
    // The warm-up's events carry no time.
    if (stamp->sent_ns > 0) tally.latency.add(read_ns_ - std::min(read_ns_, stamp->sent_ns));
    member.order.take(stamp->sequence, tally);
    if (!member.is_stalled)
      answered_now_++;
    else if (has_resumed_ && member.order.next() == resume_events_)
      progress_.recovered.add(1);
  } else if (const auto sent_ns = read_pong(frame.payload)) {
    tally.delivered++;
    tally.payload_bytes += frame.payload.size();
    tally.latency.add(read_ns_ - std::min(read_ns_, *sent_ns));
    answered_now_++;
    if (is_closed_loop()) send_ping(member, now_ns());
  } else {
    take_other_frame(member, frame);
  }
}

void Swarm::take_other_frame(Member& member, const ServerFrame& frame) {
  Tally& tally = tally_of(member);
  if (frame.opcode == ws::Opcode::kPing) {
    std::string pong;
    ws::append_masked_frame(pong, ws::Opcode::kPong, frame.payload, 0);
    send(member.socket.fd(), pong.data(), pong.size(), MSG_NOSIGNAL);
  } else if (frame.opcode == ws::Opcode::kClose) {
    const auto byte_at = [&](size_t i) { return static_cast<uint8_t>(frame.payload[i]); };
    const bool has_code = frame.payload.size() >= 2;
    tally.closes[static_cast<uint16_t>(has_code ? byte_at(0) << 8 | byte_at(1) : 1005)]++;
    close(member);
  } else {
    tally.other_frames++;
    if (frame.payload.starts_with(R"({"type":"error")")) {
      tally.error_frames++;
      answered_now_++;
    }
  }
}

void Swarm::on_end(Member& member, bool is_reset) {
  if (member.phase != Phase::kOpen) {
    opening_--;
    return refuse(member, is_reset ? "reset during the handshake" : "closed during the handshake");
  }
  (is_reset ? tally_of(member).reset : tally_of(member).ended)++;
  close(member);
}

void Swarm::refuse(Member& member, std::string why) {
  if (refused_count_++ == 0) first_refusal_ = std::move(why);
  member.phase = Phase::kClosed;
  member.socket.close();
  progress_.settled.add(1);
}

void Swarm::close(Member& member) {
  member.phase = Phase::kClosed;
  member.socket.close();
  if (member.is_stalled && has_resumed_) progress_.recovered.add(1);
}

void Swarm::send_due_pings() {
  if (!has_pinged_ || is_closed_loop()) return;
  const uint64_t now = now_ns();
  while (pings_sent_ < pings_total()) {
    const uint64_t due = next_ping_due_ns();
    if (due > now) return;
    // Stamped with the time at which it was due: a late ping counts as late (no coordinated
    // omission).
    send_ping(members_[pings_sent_ % share_.count], due);
    pings_sent_++;
  }
}

uint64_t Swarm::next_ping_due_ns() const {
  const double interval_ns = 1e9 / share_.pings_per_s;
  return ping_start_ns_ + static_cast<uint64_t>(static_cast<double>(pings_sent_) * interval_ns);
}

void Swarm::send_ping(Member& member, uint64_t due_ns) {
  if (member.phase != Phase::kOpen || member.pings_left == 0) return;
  member.pings_left--;
  std::string frame;
  ws::append_masked_frame(frame, ws::Opcode::kText, make_ping(due_ns), 0);
  send(member.socket.fd(), frame.data(), frame.size(), MSG_NOSIGNAL);
}

}  // namespace carillon::bench
