#include "carillon/net/stream.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace carillon::net {

Result<Stream, Error> Stream::secure(Fd socket,
                                     std::shared_ptr<const TlsContext> context,
                                     std::string_view host) {
  Stream stream(std::move(socket));
  CARILLON_TRY(stream.tls_, TlsSession::make(std::move(context), stream.fd(), host));
  return stream;
}

IoResult Stream::handshake() {
  return tls_ != nullptr ? tls_->handshake() : IoResult{};
}

IoResult Stream::read(MutableByteView into) {
  if (tls_ != nullptr) return tls_->read(into);
  const ssize_t count = ::recv(fd(), into.data(), into.size(), 0);
  if (count > 0) return {IoResult::Kind::kDone, static_cast<size_t>(count)};
  if (count == 0) return {IoResult::Kind::kClosed};
  if (errno == EAGAIN || errno == EINTR) return {IoResult::Kind::kWantRead};
  reason_ = errno;
  return {IoResult::Kind::kFailed};
}

IoResult Stream::write(ByteView bytes) {
  if (tls_ != nullptr) return tls_->write(bytes);
  const ssize_t count = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return {IoResult::Kind::kDone, static_cast<size_t>(count)};
  if (errno == EAGAIN || errno == EINTR) return {IoResult::Kind::kWantWrite};
  reason_ = errno;
  return {IoResult::Kind::kFailed};
}

void Stream::shut_down() {
  if (tls_ != nullptr) tls_->shut_down();
  ::shutdown(fd(), SHUT_WR);
}

std::string Stream::failure() const {
  return tls_ != nullptr ? tls_->failure() : std::strerror(reason_);
}

}  // namespace carillon::net
