#include "carillon/resp/reply_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace carillon::resp {
namespace {

// What an announced length may reserve before its bytes or elements have come.
constexpr size_t kReservedBytesMax = 16 * 1024;
constexpr size_t kReservedElementsMax = 64;

std::optional<int64_t> parse_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Reply make_text(Reply::Kind kind, std::string text) {
  Reply reply;
  reply.kind = kind;
  reply.text = std::move(text);
  return reply;
}

Reply make_integer(int64_t integer) {
  Reply reply;
  reply.kind = Reply::Kind::kInteger;
  reply.integer = integer;
  return reply;
}

}  // namespace

std::string_view text_of(ReplyError error) {
  switch (error) {
    case ReplyError::kUnknownType:
      return "a reply begins with an unknown character";
    case ReplyError::kBadNumber:
      return "a number or a length in a reply is not one";
    case ReplyError::kBadLineEnd:
      return "a line or a bulk string in a reply does not end with CR LF";
    case ReplyError::kLineTooLong:
      return "a line in a reply is longer than allowed";
    case ReplyError::kBulkTooLong:
      return "a bulk string in a reply is longer than allowed";
    case ReplyError::kReplyTooLong:
      return "a reply is longer than allowed";
    case ReplyError::kTooManyElements:
      return "a reply has more elements than allowed";
    case ReplyError::kTooDeep:
      return "a reply has arrays nested deeper than allowed";
  }
  return "";
}

Result<void, ReplyError> ReplyParser::feed(std::string_view bytes, std::vector<Reply>& out) {
  while (!bytes.empty()) {
    Step step;
    switch (state_) {
      case State::kType:
        step = take_type(bytes);
        break;
      case State::kLine:
        step = take_line(bytes);
        break;
      case State::kLineFeed:
        step = take_line_feed(bytes, out);
        break;
      case State::kBulk:
        step = take_bulk(bytes);
        break;
      case State::kBulkReturn:
      case State::kBulkLineFeed:
        step = take_bulk_end(bytes, out);
        break;
    }
    if (!step) return step;
  }
  return {};
}

ReplyParser::Step ReplyParser::take_type(std::string_view& bytes) {
  type_ = bytes.front();
  bytes.remove_prefix(1);
  if (std::string_view("+-:$*").find(type_) == std::string_view::npos) {
    return Err(ReplyError::kUnknownType);
  }
  text_.clear();
  state_ = State::kLine;
  return {};
}

ReplyParser::Step ReplyParser::take_line(std::string_view& bytes) {
  const size_t end = bytes.find_first_of("\r\n");
  const std::string_view part = bytes.substr(0, end);
  if (part.size() > limits_.line_bytes_max - text_.size()) return Err(ReplyError::kLineTooLong);
  text_ += part;
  bytes.remove_prefix(part.size());
  if (bytes.empty()) return {};
  if (bytes.front() == '\n') return Err(ReplyError::kBadLineEnd);
  bytes.remove_prefix(1);
  state_ = State::kLineFeed;
  return {};
}

ReplyParser::Step ReplyParser::take_line_feed(std::string_view& bytes, std::vector<Reply>& out) {
  if (bytes.front() != '\n') return Err(ReplyError::kBadLineEnd);
  bytes.remove_prefix(1);
  state_ = State::kType;
  return end_line(out);
}

ReplyParser::Step ReplyParser::end_line(std::vector<Reply>& out) {
  if (Step step = count_bytes(text_.size()); !step) return step;
  if (type_ == '+' || type_ == '-') {
    complete(make_text(type_ == '+' ? Reply::Kind::kStatus : Reply::Kind::kError,
                       std::exchange(text_, {})),
             out);
    return {};
  }
  const auto number = parse_number(text_);
  if (!number) return Err(ReplyError::kBadNumber);
  if (type_ == '$') return begin_bulk(*number, out);
  if (type_ == '*') return begin_array(*number, out);
  complete(make_integer(*number), out);
  return {};
}

ReplyParser::Step ReplyParser::begin_bulk(int64_t length, std::vector<Reply>& out) {
  if (length < -1) return Err(ReplyError::kBadNumber);
  if (length == -1) {
    complete({}, out);
    return {};
  }
  bulk_missing_ = static_cast<size_t>(length);
  if (bulk_missing_ > limits_.bulk_bytes_max) return Err(ReplyError::kBulkTooLong);
  text_.clear();
  text_.reserve(std::min(bulk_missing_, kReservedBytesMax));
  state_ = bulk_missing_ == 0 ? State::kBulkReturn : State::kBulk;
  return count_bytes(bulk_missing_);
}

ReplyParser::Step ReplyParser::take_bulk(std::string_view& bytes) {
  const std::string_view part = bytes.substr(0, bulk_missing_);
  text_ += part;
  bytes.remove_prefix(part.size());
  bulk_missing_ -= part.size();
  if (bulk_missing_ == 0) state_ = State::kBulkReturn;
  return {};
}

ReplyParser::Step ReplyParser::take_bulk_end(std::string_view& bytes, std::vector<Reply>& out) {
  const bool is_return = state_ == State::kBulkReturn;
  if (bytes.front() != (is_return ? '\r' : '\n')) return Err(ReplyError::kBadLineEnd);
  bytes.remove_prefix(1);
  state_ = is_return ? State::kBulkLineFeed : State::kType;
  if (!is_return) complete(make_text(Reply::Kind::kBulk, std::exchange(text_, {})), out);
  return {};
}

ReplyParser::Step ReplyParser::begin_array(int64_t count, std::vector<Reply>& out) {
  if (count < -1) return Err(ReplyError::kBadNumber);
  if (count == -1) {
    complete({}, out);
    return {};
  }
  const auto element_count = static_cast<size_t>(count);
  if (open_.size() >= limits_.depth_max) return Err(ReplyError::kTooDeep);
  if (element_count > limits_.element_count_max - element_count_) {
    return Err(ReplyError::kTooManyElements);
  }
  element_count_ += element_count;
  Reply array;
  array.kind = Reply::Kind::kArray;
  if (element_count == 0) {
    complete(std::move(array), out);
    return {};
  }
  array.elements.reserve(std::min(element_count, kReservedElementsMax));
  open_.push_back({std::move(array), element_count});
  return {};
}

ReplyParser::Step ReplyParser::count_bytes(size_t byte_count) {
  if (byte_count > limits_.reply_bytes_max - reply_bytes_) return Err(ReplyError::kReplyTooLong);
  reply_bytes_ += byte_count;
  return {};
}

void ReplyParser::complete(Reply reply, std::vector<Reply>& out) {
  while (!open_.empty()) {
    OpenArray& array = open_.back();
    array.reply.elements.push_back(std::move(reply));
    if (--array.missing_count > 0) return;
    reply = std::move(array.reply);
    open_.pop_back();
  }
  out.push_back(std::move(reply));
  element_count_ = 0;
  reply_bytes_ = 0;
}

}  // namespace carillon::resp
