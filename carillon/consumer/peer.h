// A consumer's way to its connection, and the handle that reaches it from anywhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/auth/identity.h"
#include "carillon/base/bytes.h"
#include "carillon/base/unique_function.h"
#include "carillon/fanout/prepared_event.h"
#include "carillon/http/request.h"
#include "carillon/net/blocking_pool.h"
#include "carillon/ws/close_code.h"

namespace carillon::publish {
class Publisher;
}

namespace carillon::consumer {

class Endpoint;
class Peer;

// Names a session of this process for as long as it lives, and no other after it.
struct SessionId {
  uint32_t slot = 0;
  uint32_t generation = 0;
  bool operator==(const SessionId&) const = default;
};

// Runs work on the loop of a session that may be gone by then.
class PeerPort {
 public:
  virtual ~PeerPort() = default;
  // Any thread. `work` is dropped, unrun, when the session has ended.
  virtual void post(SessionId id, UniqueFunction<void(Peer&)> work) = 0;
};

// A value: copy it, keep it, use it on any thread. Once its connection has ended, calls do nothing.
class PeerHandle {
 public:
  PeerHandle() = default;
  PeerHandle(std::shared_ptr<PeerPort> port, SessionId id) : port_(std::move(port)), id_(id) {}

  void send(std::string text) const;
  void close(ws::CloseCode code, std::string reason = {}) const;
  void post(UniqueFunction<void(Peer&)> work) const;
  SessionId id() const noexcept { return id_; }

 private:
  std::shared_ptr<PeerPort> port_;
  SessionId id_;
};

// One connection, on its loop. Implemented by the session; consumers use Consumer's methods.
class Peer {
 public:
  virtual const auth::Identity& user() const = 0;
  virtual const Endpoint& endpoint() const = 0;
  // The path's parameters, in the order of the endpoint's pattern.
  virtual const std::vector<std::string>& params() const = 0;
  // The handshake's request; null once connect() has returned.
  virtual const http::Request* request() const = 0;

  // Completes the handshake; until then events wait and nothing can be sent.
  virtual void accept() = 0;
  // Refuses it, in the shape of an HTTP API's error.
  virtual void deny(int status, std::string_view detail, std::string_view code) = 0;
  virtual void send(std::string_view text) = 0;
  virtual void send_bytes(ByteView bytes) = 0;
  // A frame that many share. `state_key` as in PreparedEvent.
  virtual void send_frame(const fanout::FramePtr& frame, uint32_t state_key) = 0;
  // An event as the endpoint's members get it, in the form that the connection negotiated.
  virtual void send_event(const fanout::PreparedEventPtr& event) = 0;
  // The reason is the code's slug unless one is given.
  virtual void close(ws::CloseCode code, std::string_view reason = {}) = 0;

  // False when the name is not valid or the connection is in 100 groups already.
  virtual bool group_add(std::string_view group) = 0;
  virtual void group_discard(std::string_view group) = 0;
  // The newest state events of `group`.
  virtual std::vector<fanout::PreparedEventPtr> state_of(std::string_view group) = 0;

  virtual PeerHandle handle() = 0;
  // The name of the channel, in the channel layer, that leads to this connection alone: what any
  // process sends there arrives as an event of a group does.
  virtual std::string reply_channel() const = 0;
  virtual publish::Publisher& publisher() = 0;
  virtual net::BlockingPool& blocking_pool() = 0;

 protected:
  ~Peer() = default;
};

}  // namespace carillon::consumer
