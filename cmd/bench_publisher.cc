#include "cmd/bench_publisher.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>

#include "cmd/bench_event.h"

namespace carillon::bench {
namespace {

Err<Error> lost_connection(const std::string& why) {
  return Err(Error{"publish_failed", "the publishing connection failed: " + why});
}

std::string make_request(const Run& run) {
  http::ClientRequest request;
  request.method = http::Method::kPost;
  request.target = "/api/realtime/groups/" + run.options.group + "/";
  request.host = run.publish_target.host;
  request.headers.emplace_back("Content-Type", "application/json");
  if (!run.credentials.publish_authorization.empty())
    request.headers.emplace_back("Authorization", run.credentials.publish_authorization);
  request.body = make_event(run.options.body_bytes);
  std::string bytes;
  http::append_request(bytes, request);
  return bytes;
}

}  // namespace

Result<Publisher, Error> Publisher::connect(const Run& run) {
  CARILLON_TRY(Socket socket, connect_and_wait(run.publish_target, run.options.timeout_s));
  std::string request = make_request(run);
  const auto event_at = static_cast<uint32_t>(request.find("\r\n\r\n") + 4);
  return Publisher(std::move(socket), std::move(request), event_at, run.options.timeout_s);
}

Result<void, Error> Publisher::publish(uint32_t first, uint32_t count, uint64_t sent_ns) {
  for (uint32_t i = 0; i < count; i++) {
    write_stamp(request_.data() + event_at_, {first + i, sent_ns});
    unsent_ += request_;
  }
  sent_ += count;
  return write_some();
}

Result<void, Error> Publisher::wait_for_answers() {
  const uint64_t patience_ns = uint64_t{patience_s_} * 1'000'000'000;
  uint64_t deadline = now_ns() + patience_ns;
  while (answered_ < sent_) {
    const auto left = static_cast<int64_t>(deadline - now_ns());
    if (left <= 0) return lost_connection("no answer in time");
    const uint64_t answered = answered_;
    if (auto pumped = pump(left); !pumped) return pumped;
    if (answered_ > answered) deadline = now_ns() + patience_ns;
  }
  return {};
}

Result<void, Error> Publisher::pump_until(uint64_t deadline_ns) {
  for (uint64_t now = now_ns(); now < deadline_ns; now = now_ns())
    if (auto pumped = pump(static_cast<int64_t>(deadline_ns - now)); !pumped) return pumped;
  return {};
}

Result<void, Error> Publisher::pump(int64_t wait_ns) {
  const timespec wait{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
  const short events = static_cast<short>(POLLIN | (unsent_.empty() ? 0 : POLLOUT));
  pollfd entry{socket_.fd(), events, 0};
  if (ppoll(&entry, 1, &wait, nullptr) <= 0) return {};
  if (!unsent_.empty() && (entry.revents & POLLOUT))
    if (auto written = write_some(); !written) return written;
  if (entry.revents & (POLLIN | POLLHUP | POLLERR)) return read_some();
  return {};
}

Result<void, Error> Publisher::write_some() {
  const ssize_t size = send(socket_.fd(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (size < 0 && errno != EAGAIN) return lost_connection(strerror(errno));
  if (size > 0) unsent_.erase(0, static_cast<size_t>(size));
  return {};
}

Result<void, Error> Publisher::read_some() {
  char buffer[16'384];
  const ssize_t size = recv(socket_.fd(), buffer, sizeof buffer, 0);
  if (size < 0 && errno == EAGAIN) return {};
  if (size <= 0) return lost_connection(size == 0 ? "closed by the server" : strerror(errno));
  unread_.append(buffer, static_cast<size_t>(size));
  while (true) {
    CARILLON_TRY(const bool is_whole, take_answer());
    if (!is_whole) return {};
    answered_++;
  }
}

Result<bool, Error> Publisher::take_answer() {
  head_.clear();
  size_t scanned = 0;
  const auto parsed = http::parse_response_head(unread_, http::Limits{}, head_, scanned);
  if (!parsed) return lost_connection("not HTTP: " + std::string(http::explain(parsed.error())));
  if (!*parsed) return false;
  const size_t bytes = head_.head_bytes + head_.content_length.value_or(0);
  if (unread_.size() < bytes) return false;
  if (head_.status / 100 != 2) {
    const std::string body = unread_.substr(head_.head_bytes, bytes - head_.head_bytes);
    return Err(Error{"publish_refused",
                     "publishing was answered " + std::to_string(head_.status) + " " + body});
  }
  unread_.erase(0, bytes);
  return true;
}

}  // namespace carillon::bench
