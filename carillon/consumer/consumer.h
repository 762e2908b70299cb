// What an application writes: one object for each connection, as in Channels.
#pragma once

#include <string_view>

#include "carillon/consumer/scope.h"
#include "carillon/json/value.h"
#include "carillon/layer/event.h"

namespace carillon::consumer {

// Made when a handshake has passed its checks, destroyed when the connection has ended. Every call
// comes on the connection's loop, never two at once, and must not block: see Scope::defer. An
// exception that leaves a handler is logged and closes the connection with 1011.
//
//   class Chat : public Consumer {
//     void connect() override { group_add("chat"); accept(); }
//     void receive(std::string_view text) override { group_send("chat", "chat.message", text); }
//   };
class Consumer {
 public:
  virtual ~Consumer() = default;

  // The handshake is good: join groups, then accept(), deny(), or do either later. The default
  // joins the endpoint's groups and accepts.
  virtual void connect();
  // A text message, valid UTF-8. The view ends with the call.
  virtual void receive(std::string_view text) { (void)text; }
  // A binary message, on endpoints that allow them.
  virtual void receive_bytes(ByteView bytes) { (void)bytes; }
  // An event of a group that this connection is in. The default sends it on, as one JSON text
  // frame that all members share.
  virtual void event(const fanout::PreparedEventPtr& event) { peer_->send_event(event); }
  // The connection has ended. `code` is the peer's, or the one it was closed with, or 1006.
  virtual void disconnect(uint16_t code) { (void)code; }

  // By the session, before connect().
  void bind(Peer& peer) noexcept { peer_ = &peer; }

 protected:
  Scope scope() const { return Scope(*peer_); }
  Peer& peer() const { return *peer_; }

  void accept() { peer_->accept(); }
  void deny(int status, std::string_view detail) { peer_->deny(status, detail, {}); }
  void send(std::string_view text) { peer_->send(text); }
  void send_bytes(ByteView bytes) { peer_->send_bytes(bytes); }
  void send_json(const json::Value& value);
  void close(ws::CloseCode code = ws::CloseCode::kNormal, std::string_view reason = {}) {
    peer_->close(code, reason);
  }
  // Those of the endpoint's configuration; false, after deny(404), when a parameter of the path
  // makes a name that is not valid.
  bool join_endpoint_groups();
  bool group_add(std::string_view group) { return peer_->group_add(group); }
  void group_discard(std::string_view group) { peer_->group_discard(group); }
  // {type, message}: to every member of `group`, this connection too if it is one.
  void group_send(std::string_view group, std::string_view type, std::string_view message);
  // Any event. False when it is not a valid one, or the group's name is not.
  bool group_send(std::string_view group, json::Value event);
  // To one named channel, as channel_layer.send().
  bool send_to_channel(std::string_view channel, json::Value event);
  // What to give along as the channel for answers: Channels' self.channel_name.
  std::string reply_channel() const { return peer_->reply_channel(); }

 private:
  Peer* peer_ = nullptr;
};

}  // namespace carillon::consumer
