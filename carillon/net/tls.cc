#include "carillon/net/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace carillon::net {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

// The newest reason that OpenSSL keeps, and none of the older ones.
std::string take_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = reason != nullptr ? reason : "unknown reason";
  ERR_clear_error();
  return text;
}

Error tls_error(const std::string& what) {
  return {"tls", what + ": " + take_reason()};
}

int fd_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

// OpenSSL's own socket BIO writes with write(2), which kills a process that does not ignore
// SIGPIPE; a library must not ask that of its users.
int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(fd_of(bio), bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int read_socket(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(fd_of(bio), into, static_cast<size_t>(size), 0);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

long control_socket(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* socket_method() {
  static const std::unique_ptr<BIO_METHOD, Free> method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "carillon socket");
    CARILLON_ASSERT(made != nullptr);
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return std::unique_ptr<BIO_METHOD, Free>(made);
  }();
  return method.get();
}

bool is_ip_address(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

Result<void, Error> trust(SSL_CTX* context, const TlsOptions& options) {
  SSL_CTX_set_verify(context, options.verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.verify_peer) return {};
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      return Err(tls_error("cannot read the machine's certificate authorities"));
    }
  } else if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
    return Err(tls_error("cannot read certificate authorities from '" + options.ca_file + "'"));
  }
  return {};
}

Result<void, Error> show_certificate(SSL_CTX* context, const TlsOptions& options) {
  if (options.certificate_file.empty()) return {};
  const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
    return Err(tls_error("cannot read a certificate from '" + options.certificate_file + "'"));
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Err(tls_error("cannot read the certificate's key from '" + key + "'"));
  }
  return {};
}

}  // namespace

struct TlsContext::Native {
  std::unique_ptr<SSL_CTX, Free> context;
  bool verify_host;
};

struct TlsSession::Native {
  std::unique_ptr<SSL, Free> ssl;
};

TlsContext::TlsContext(std::unique_ptr<Native> native) : native_(std::move(native)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>, Error> TlsContext::make(const TlsOptions& options) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return Err(tls_error("cannot set TLS up"));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  if (auto done = trust(context.get(), options); !done) return Err(done.error());
  if (auto done = show_certificate(context.get(), options); !done) return Err(done.error());
  auto native =
      std::make_unique<Native>(std::move(context), options.verify_peer && options.verify_host);
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(native)));
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, std::unique_ptr<Native> native)
    : context_(std::move(context)), native_(std::move(native)) {}
TlsSession::~TlsSession() = default;

Result<std::unique_ptr<TlsSession>, Error> TlsSession::make(
    std::shared_ptr<const TlsContext> context, int fd, std::string_view host) {
  ERR_clear_error();
  std::unique_ptr<SSL, Free> ssl(SSL_new(context->native_->context.get()));
  BIO* bio = ssl == nullptr ? nullptr : BIO_new(socket_method());
  if (bio == nullptr) return Err(tls_error("cannot set TLS up"));
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_connect_state(ssl.get());

  const std::string name(host);
  const bool is_address = is_ip_address(name);
  bool is_set =
      is_address || name.empty() || SSL_set_tlsext_host_name(ssl.get(), name.c_str()) == 1;
  if (is_set && context->native_->verify_host) {
    is_set = is_address
                 ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str()) == 1
                 : !name.empty() && SSL_set1_host(ssl.get(), name.c_str()) == 1;
  }
  if (!is_set) return Err(Error{"tls", "a certificate cannot be for the host '" + name + "'"});
  auto native = std::make_unique<Native>(std::move(ssl));
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(context), std::move(native)));
}

IoResult TlsSession::handshake() {
  ERR_clear_error();
  const IoResult result = result_of(SSL_do_handshake(native_->ssl.get()), 0);
  is_open_ = is_open_ || result.kind == IoResult::Kind::kDone;
  return result;
}

IoResult TlsSession::read(MutableByteView into) {
  ERR_clear_error();
  size_t count = 0;
  const int returned = SSL_read_ex(native_->ssl.get(), into.data(), into.size(), &count);
  return result_of(returned, count);
}

IoResult TlsSession::write(ByteView bytes) {
  if (bytes.empty()) return {};
  ERR_clear_error();
  size_t count = 0;
  const int returned = SSL_write_ex(native_->ssl.get(), bytes.data(), bytes.size(), &count);
  return result_of(returned, count);
}

bool TlsSession::has_buffered_input() const {
  return SSL_pending(native_->ssl.get()) > 0;
}

void TlsSession::shut_down() {
  ERR_clear_error();
  if (is_open_ && failure_.empty()) {
    (void)SSL_shutdown(native_->ssl.get());  // the socket closes whether it was sent or not
  }
  ERR_clear_error();
}

IoResult TlsSession::result_of(int returned, size_t byte_count) {
  const int reason = errno;
  if (returned > 0) return {IoResult::Kind::kDone, byte_count};
  const int error = SSL_get_error(native_->ssl.get(), returned);
  if (error == SSL_ERROR_WANT_READ) return {IoResult::Kind::kWantRead};
  if (error == SSL_ERROR_WANT_WRITE) return {IoResult::Kind::kWantWrite};
  if (error == SSL_ERROR_ZERO_RETURN) return {IoResult::Kind::kClosed};
  failure_ = failure_of(error, reason);
  // Most peers close the connection without TLS's own goodbye.
  const bool is_closed = failure_.empty();
  ERR_clear_error();
  return {is_closed ? IoResult::Kind::kClosed : IoResult::Kind::kFailed};
}

std::string TlsSession::failure_of(int error, int reason) const {
  const SSL* ssl = native_->ssl.get();
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return is_open_ ? "" : "the connection was closed during the TLS handshake";
  }
  const long verdict = SSL_get_verify_result(ssl);
  if (!is_open_ && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && verdict != X509_V_OK) {
    return std::string("its certificate is not accepted: ") +
           X509_verify_cert_error_string(verdict);
  }
  if (error == SSL_ERROR_SYSCALL) return std::strerror(reason);
  return "TLS: " + take_reason();
}

}  // namespace carillon::net
