#include "carillon/redis/connection.h"

#include <algorithm>
#include <utility>

#include "carillon/base/assert.h"
#include "carillon/resp/command_writer.h"

namespace carillon::redis {
namespace {

// Reads of one turn, so that one busy Redis does not keep the loop's other work waiting.
constexpr int kReadsPerTurnMax = 16;
constexpr size_t kKeptOutputBytesMax = 256 * 1024;

Cause cause_of_error(const Error& error) {
  if (error.code == "name_unknown") return Cause::kNameUnknown;
  if (error.code == "connect_timeout") return Cause::kTimeout;
  return Cause::kUnreachable;
}

// A peer that is no Redis may send back what it was sent.
Trouble without(const Secret& password, Trouble trouble) {
  if (!password.empty() && trouble.what.find(password.reveal()) != std::string::npos) {
    trouble.what = "the answer to AUTH is an error that quotes the password";
  }
  return trouble;
}

}  // namespace

Connection::Connection(net::EventLoop& loop,
                       net::Resolver& resolver,
                       ConnectionOptions options,
                       ConnectionEvents events)
    : loop_(loop),
      options_(std::move(options)),
      events_(std::move(events)),
      connector_(loop, resolver),
      deadline_(loop, [this] { on_deadline(); }),
      parser_(options_.reply_limits) {}

Connection::~Connection() {
  CARILLON_DCHECK(state_ == State::kIdle || state_ == State::kClosed);
}

void Connection::start() {
  CARILLON_DCHECK(state_ == State::kIdle);
  state_ = State::kConnecting;
  connector_.connect(options_.target, options_.connect_timeout_ms,
                     [this](Result<net::Fd, Error> socket) { on_connected(std::move(socket)); });
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  connector_.cancel();
  deadline_.cancel();
  if (!stream_) return;
  loop_.poller().forget(stream_->fd());
  stream_->shut_down();
  stream_.reset();
}

void Connection::on_connected(Result<net::Fd, Error> socket) {
  if (!socket) return end({cause_of_error(socket.error()), socket.error().what});
  auto stream = make_stream(std::move(*socket));
  if (!stream) return end({Cause::kTls, stream.error().what});
  stream_ = std::move(*stream);
  state_ = State::kHandshake;
  deadline_.schedule_in(options_.connect_timeout_ms);
  loop_.poller().watch(stream_->fd(), *this, net::kReadable);
  continue_handshake();
}

void Connection::on_deadline() {
  const bool is_handshake = state_ == State::kHandshake;
  end({Cause::kTimeout, options_.target.to_string() + " does not answer " +
                            (is_handshake ? "in TLS, which it may not speak, " : "") + "within " +
                            std::to_string(options_.connect_timeout_ms) + " ms"});
}

Result<net::Stream, Error> Connection::make_stream(net::Fd socket) {
  if (options_.tls == nullptr) return net::Stream(std::move(socket));
  return net::Stream::secure(std::move(socket), options_.tls, options_.target.host);
}

void Connection::continue_handshake() {
  const net::IoResult result = stream_->handshake();
  switch (result.kind) {
    case net::IoResult::Kind::kDone:
      watch_writable(false);
      return greet();
    case net::IoResult::Kind::kWantRead:
      return watch_writable(false);
    case net::IoResult::Kind::kWantWrite:
      return watch_writable(true);
    case net::IoResult::Kind::kClosed:
    case net::IoResult::Kind::kFailed:
      return end(io_trouble(result.kind));
  }
}

void Connection::greet() {
  state_ = State::kGreeting;
  const Credentials& credentials = options_.credentials;
  const auto add = [this](Greeting part, std::initializer_list<std::string_view> args) {
    greeting_.push_back(part);
    resp::append_command(output_, args);
  };
  if (!credentials.username.empty()) {
    add(Greeting::kAuth, {"AUTH", credentials.username, credentials.password.reveal()});
  } else if (!credentials.password.empty()) {
    add(Greeting::kAuth, {"AUTH", credentials.password.reveal()});
  }
  if (options_.database != 0) {
    add(Greeting::kSelect, {"SELECT", std::to_string(options_.database)});
  }
  if (!options_.client_name.empty()) {
    add(Greeting::kSetName, {"CLIENT", "SETNAME", options_.client_name});
  }
  if (options_.must_be_master) add(Greeting::kRole, {"ROLE"});
  add(Greeting::kPing, {"PING"});
  write();
}

std::optional<Trouble> Connection::judge(Greeting part, const resp::Reply& reply) const {
  if (!reply.is_error()) {
    if (part != Greeting::kRole || !reply.is_array() || reply.elements.empty()) return {};
    if (reply.elements[0].text == "master") return {};
    return Trouble{Cause::kNoMaster, options_.target.to_string() +
                                         " is not a master (its role is " +
                                         trouble_of(reply.elements[0].text).what + ")"};
  }
  Trouble trouble = without(options_.credentials.password, trouble_of(reply.text));
  switch (part) {
    case Greeting::kAuth:
      if (trouble.cause == Cause::kOther) trouble.cause = Cause::kPasswordWrong;
      return trouble;
    case Greeting::kSelect:
      return trouble;
    case Greeting::kSetName:
    case Greeting::kRole:
      // Older servers and strict ACLs refuse these, which is no harm.
      if (!ends_connection(trouble.cause)) return {};
      return trouble;
    case Greeting::kPing:
      if (trouble.cause == Cause::kNoPermission) return {};  // it lives, and we are let in
      return trouble;
  }
  return {};
}

void Connection::on_greeting_reply(const resp::Reply& reply) {
  const Greeting part = greeting_[greeted_count_++];
  if (const auto trouble = judge(part, reply)) {
    return end({trouble->cause, options_.target.to_string() + ": " + trouble->what});
  }
  if (greeted_count_ < greeting_.size()) return;
  state_ = State::kOpen;
  taken_bytes_ = 0;
  deadline_.cancel();
  events_.on_open();
}

void Connection::on_ready(uint8_t readiness) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kHandshake) return continue_handshake();
  // A write that TLS could not finish may have waited for what can be read now.
  if (readiness & (net::kReadable | net::kBroken)) read();
  if (state_ != State::kClosed && waiting_bytes() > 0) write();
}

void Connection::read() {
  const MutableByteView buffer = loop_.read_buffer();
  for (int count = 0; count < kReadsPerTurnMax || stream_->has_buffered_input(); ++count) {
    const net::IoResult result = stream_->read(buffer);
    if (result.kind == net::IoResult::Kind::kWantRead) return;
    if (result.kind == net::IoResult::Kind::kWantWrite) return watch_writable(true);
    if (result.kind != net::IoResult::Kind::kDone) return end(io_trouble(result.kind));
    last_read_ms_ = loop_.now_ms();
    const auto fed = parser_.feed(as_text(buffer.first(result.byte_count)), replies_);
    take_replies();
    if (state_ == State::kClosed) return;
    if (!fed) {
      return end({Cause::kNotRedis,
                  options_.target.to_string() +
                      " does not speak as Redis does: " + std::string(resp::text_of(fed.error()))});
    }
    // Less than there was room for: the socket is empty, and another call would only say so.
    if (options_.tls == nullptr && result.byte_count < buffer.size()) return;
  }
}

void Connection::take_replies() {
  // Swapped out: a callback may end this connection, and then what is left is nobody's.
  std::vector<resp::Reply> replies = std::exchange(replies_, {});
  for (resp::Reply& reply : replies) {
    if (state_ == State::kGreeting) {
      on_greeting_reply(reply);
    } else if (state_ == State::kOpen) {
      events_.on_reply(std::move(reply));
    }
    if (state_ == State::kClosed) return;
  }
  replies.clear();
  if (replies_.empty()) replies_ = std::move(replies);  // for its capacity
}

void Connection::flush() {
  if (state_ == State::kOpen && !is_writable_watched_) write();
}

void Connection::write() {
  while (waiting_bytes() > 0) {
    const net::IoResult result = stream_->write(as_bytes(output_).subspan(written_));
    if (result.kind == net::IoResult::Kind::kWantRead) break;
    if (result.kind == net::IoResult::Kind::kWantWrite) return watch_writable(true);
    if (result.kind != net::IoResult::Kind::kDone) return end_later(io_trouble(result.kind));
    written_ += result.byte_count;
    taken_bytes_ += result.byte_count;
  }
  watch_writable(false);
  if (waiting_bytes() > 0) return;
  output_.clear();
  written_ = 0;
  if (output_.capacity() > kKeptOutputBytesMax) output_.shrink_to_fit();
}

void Connection::watch_writable(bool is_wanted) {
  if (is_wanted == is_writable_watched_) return;
  is_writable_watched_ = is_wanted;
  const auto interest = is_wanted ? net::kReadable | net::kWritable : net::kReadable;
  loop_.poller().change(stream_->fd(), *this, static_cast<uint8_t>(interest));
}

Trouble Connection::io_trouble(net::IoResult::Kind kind) const {
  const bool is_tls = options_.tls != nullptr && state_ != State::kOpen;
  const bool is_closed = kind == net::IoResult::Kind::kClosed;
  return {is_tls ? Cause::kTls : Cause::kEnded,
          options_.target.to_string() +
              (is_closed ? " closed the connection" : ": " + stream_->failure())};
}

void Connection::end(const Trouble& trouble) {
  if (state_ == State::kClosed) return;
  close();
  events_.on_end(trouble);
}

// Writing happens inside the calls of the owner, who is not to be called back from there. And what
// the server said before it closed, which tells why, is still to be read.
void Connection::end_later(Trouble trouble) {
  written_ = output_.size();
  loop_.post([this, trouble = std::move(trouble)] {
    if (state_ != State::kClosed) read();
    end(trouble);
  });
}

}  // namespace carillon::redis
