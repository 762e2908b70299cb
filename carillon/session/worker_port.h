// The way to the sessions of one worker from any other thread.
#pragma once

#include <memory>

#include "carillon/net/event_loop.h"
#include "carillon/session/session_table.h"
#include "carillon/session/ws_session.h"

namespace carillon::session {

class WorkerPort final : public consumer::PeerPort {
 public:
  // The loop is kept alive, so that a handle may outlive the server; `sessions` is looked at only
  // by work that the loop runs.
  WorkerPort(std::shared_ptr<net::EventLoop> loop, SessionTable<WsSession>& sessions)
      : loop_(std::move(loop)), sessions_(sessions) {}

  void post(consumer::SessionId id, UniqueFunction<void(consumer::Peer&)> work) override {
    // Bounded by what each caller has under way: one answer a message, one close a connection.
    loop_->post([this, id, work = std::move(work)]() mutable {
      if (WsSession* session = sessions_.find(id)) session->run(work);
    });
  }

 private:
  std::shared_ptr<net::EventLoop> loop_;
  SessionTable<WsSession>& sessions_;
};

}  // namespace carillon::session
