#include "carillon/consumer/peer.h"

#include <utility>

namespace carillon::consumer {

void PeerHandle::post(UniqueFunction<void(Peer&)> work) const {
  if (port_ != nullptr) port_->post(id_, std::move(work));
}

void PeerHandle::send(std::string text) const {
  post([text = std::move(text)](Peer& peer) { peer.send(text); });
}

void PeerHandle::close(ws::CloseCode code, std::string reason) const {
  post([code, reason = std::move(reason)](Peer& peer) { peer.close(code, reason); });
}

}  // namespace carillon::consumer
