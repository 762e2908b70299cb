// Bytes to and from a connected socket, in clear or through TLS: one face for both.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/net/socket.h"
#include "carillon/net/tls.h"

namespace carillon::net {

// Owns a socket that does not block. Whoever holds it watches fd() with the poller: for reading all
// the time, for writing after kWantWrite.
class Stream {
 public:
  // In clear.
  explicit Stream(Fd socket) : socket_(std::move(socket)) {}
  // Through TLS; `host` as in TlsSession.
  static Result<Stream, Error> secure(Fd socket,
                                      std::shared_ptr<const TlsContext> context,
                                      std::string_view host);
  Stream(Stream&&) = default;
  Stream& operator=(Stream&&) = default;

  // Before anything else, and again while it wants. Without TLS it is done at once.
  IoResult handshake();
  IoResult read(MutableByteView into);
  // Any part of `bytes`; after a kWant… again with at least the same bytes.
  IoResult write(ByteView bytes);
  // Bytes wait that the poller does not see: read on before waiting.
  bool has_buffered_input() const { return tls_ != nullptr && tls_->has_buffered_input(); }
  // Tells the peer that nothing follows, as far as the socket takes it.
  void shut_down();

  int fd() const noexcept { return socket_.get(); }
  // Why the last call was kFailed: one line.
  std::string failure() const;

 private:
  Fd socket_;
  std::unique_ptr<TlsSession> tls_;  // null: in clear
  int reason_ = 0;                   // errno of a kFailed in clear
};

}  // namespace carillon::net
