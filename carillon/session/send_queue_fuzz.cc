// What waits for each of some connections, in shared bursts and in queues, against naive twins.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/session/burst.h"
#include "carillon/session/send_queue.h"

namespace {

using carillon::fanout::FramePtr;
using carillon::session::Burst;
using carillon::session::BurstArena;
using carillon::session::SendQueue;
using carillon::session::SendQueueLimits;

constexpr SendQueueLimits kLimits{200, 12};
constexpr SendQueueLimits kAmple{1 << 20, 1 << 20};

// Every frame that waits, in a row.
class Twin {
 public:
  bool push(const std::string& bytes, uint32_t state_key, const SendQueueLimits& limits) {
    for (size_t i = begun_ > 0 ? 1 : 0; i < frames_.size() && state_key != 0; ++i) {
      if (frames_[i].second != state_key) continue;
      frames_[i].first = bytes;
      return true;
    }
    const bool fits =
        waiting().size() + bytes.size() <= limits.bytes_max && frames_.size() < limits.frames_max;
    if (!fits && !frames_.empty()) return false;
    append(bytes, state_key);
    return true;
  }
  void append(const std::string& bytes, uint32_t state_key) {
    frames_.emplace_back(bytes, state_key);
  }
  // What a queue does to a burst: of each state that has not begun only the newest stays.
  void conflate() {
    const auto all = frames_;
    frames_.resize(begun_ > 0 ? 1 : 0);
    for (size_t i = frames_.size(); i < all.size(); ++i) push(all[i].first, all[i].second, kAmple);
  }
  void consume(size_t byte_count) {
    for (; byte_count > 0; --byte_count) {
      if (++begun_ < frames_.front().first.size()) continue;
      frames_.pop_front();
      begun_ = 0;
    }
  }
  void drop_unbegun() { frames_.resize(begun_ > 0 ? 1 : 0); }
  std::string waiting() const {
    std::string bytes;
    for (const auto& frame : frames_) bytes += frame.first;
    return bytes.substr(begun_);
  }

 private:
  std::deque<std::pair<std::string, uint32_t>> frames_;
  size_t begun_ = 0;
};

// Moves frames as a session does: into the round's burst, and into a queue once the kernel has
// left something of it.
class Connection {
 public:
  void deliver(BurstArena& arena, const FramePtr& frame, uint32_t state_key) {
    if (!is_queueing_) {
      burst_ = arena.extend(burst_, frame, state_key, carillon::fanout::kPlainForm);
      twin_.append(*frame, state_key);
      return;
    }
    CARILLON_ASSERT(queue_.push(frame, state_key, kLimits) ==
                    twin_.push(*frame, state_key, kLimits));
  }
  // The kernel takes some of what waits: `share` of 256.
  void flush(size_t share) {
    const size_t taken = (twin_.waiting().size() * share + 255) / 256;
    twin_.consume(taken);
    if (is_queueing_) {
      (void)queue_.consume(taken);
    } else if (burst_ != nullptr) {
      spill(taken);
      twin_.conflate();
    }
    is_queueing_ = is_queueing_ && !queue_.is_empty();
  }
  void overflow() {
    if (!is_queueing_) return;
    (void)queue_.drop_unbegun();
    twin_.drop_unbegun();
    is_queueing_ = !queue_.is_empty();
  }
  void check() {
    CARILLON_ASSERT(waiting() == twin_.waiting());
    CARILLON_ASSERT(is_queueing_ || queue_.byte_count() == 0);
  }

 private:
  void spill(size_t taken) {
    std::vector<const Burst*> frames;
    burst_->list(frames);
    burst_ = nullptr;
    is_queueing_ = true;
    for (const Burst* burst : frames) {
      const size_t frame_bytes = burst->frame->size();
      if (taken >= frame_bytes) {
        taken -= frame_bytes;
      } else if (taken > 0) {
        queue_.push_begun(burst->frame, std::exchange(taken, 0));
      } else {
        CARILLON_ASSERT(queue_.push(burst->frame, burst->state_key, kAmple));
      }
    }
  }
  std::string waiting() {
    if (!is_queueing_) return burst_ != nullptr ? burst_->bytes() : std::string();
    std::array<iovec, 8> buffers{};
    std::string bytes;
    const size_t count = queue_.fill(buffers);
    for (size_t i = 0; i < count; ++i) {
      bytes.append(static_cast<const char*>(buffers[i].iov_base), buffers[i].iov_len);
    }
    // No more than the buffers hold: the rest is known by its length.
    if (queue_.frame_count() > count) bytes = twin_.waiting().replace(0, bytes.size(), bytes);
    return bytes;
  }

  Burst* burst_ = nullptr;
  SendQueue queue_;
  bool is_queueing_ = false;
  Twin twin_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  BurstArena arena;
  std::array<Connection, 4> connections;
  for (size_t i = 0; i + 2 < size; i += 3) {
    const uint8_t operation = data[i] >> 6;
    const uint8_t members = data[i] & 0x0f;  // a bit for each connection
    if (operation == 3) {
      // The round ends: everybody has had a turn, and nobody holds a burst any more.
      for (Connection& connection : connections) connection.flush(data[i + 1]);
      arena.clear();
    }
    const auto frame = std::make_shared<const std::string>(1 + data[i + 1] % 32, data[i + 2]);
    for (size_t member = 0; member < connections.size(); ++member) {
      if ((members >> member & 1) == 0) continue;
      if (operation < 2) connections[member].deliver(arena, frame, operation * (data[i + 2] & 3));
      if (operation == 2 && data[i + 2] < 250) connections[member].flush(data[i + 1]);
      if (operation == 2 && data[i + 2] >= 250) connections[member].overflow();
    }
    for (Connection& connection : connections) connection.check();
  }
  return 0;
}
