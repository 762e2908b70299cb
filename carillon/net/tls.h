// TLS for outgoing connections, over a socket that does not block. OpenSSL stays behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"

namespace carillon::net {

// Files are PEM. The defaults check the peer against the machine's authorities.
struct TlsOptions {
  bool verify_peer = true;       // false: encrypted, but to whom is anyone's guess
  bool verify_host = true;       // the certificate must be for the name or address connected to
  std::string ca_file;           // the only authorities trusted; empty: the machine's
  std::string certificate_file;  // shown to a peer that asks for one
  std::string key_file;          // empty: it is in `certificate_file`

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

// How a read, a write or a handshake went.
struct IoResult {
  enum class Kind : uint8_t { kDone, kWantRead, kWantWrite, kClosed, kFailed };
  Kind kind = Kind::kDone;
  size_t byte_count = 0;  // of kDone
};

// What connections to one place share: options made into keys and authorities. Immutable; any
// thread.
class TlsContext {
 public:
  // Reads the files. TLS 1.2 or newer.
  static Result<std::shared_ptr<const TlsContext>, Error> make(const TlsOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsSession;
  struct Native;
  explicit TlsContext(std::unique_ptr<Native> native);
  const std::unique_ptr<Native> native_;
};

// One connection's TLS, as its client. Holds no buffer while nothing is under way.
class TlsSession {
 public:
  // `fd` is borrowed for life and does not block. `host` is the name or the address that was
  // connected to: what the certificate is checked against, and what is asked for (SNI).
  static Result<std::unique_ptr<TlsSession>, Error> make(std::shared_ptr<const TlsContext> context,
                                                         int fd,
                                                         std::string_view host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Again when the socket is ready for what it wants, until kDone.
  IoResult handshake();
  IoResult read(MutableByteView into);
  // Any part of `bytes`; after kWant… again with at least the same bytes.
  IoResult write(ByteView bytes);
  // Decrypted bytes wait, of which the poller knows nothing.
  bool has_buffered_input() const;
  // Says goodbye if the socket takes it; the peer's is not awaited.
  void shut_down();
  // Why the last call was kFailed: one line.
  const std::string& failure() const noexcept { return failure_; }

 private:
  struct Native;
  TlsSession(std::shared_ptr<const TlsContext> context, std::unique_ptr<Native> native);
  IoResult result_of(int returned, size_t byte_count);
  // Of a failed call; empty: the peer just closed.
  std::string failure_of(int error, int reason) const;

  const std::shared_ptr<const TlsContext> context_;
  const std::unique_ptr<Native> native_;
  bool is_open_ = false;  // the handshake is done
  std::string failure_;
};

}  // namespace carillon::net
