// Replies in any pieces are the same replies; and what was read, written again, reads the same.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/resp/command_writer.h"
#include "carillon/resp/reply_parser.h"

namespace {

using namespace carillon::resp;

constexpr ReplyLimits kLimits{.line_bytes_max = 32,
                              .bulk_bytes_max = 64,
                              .reply_bytes_max = 128,
                              .element_count_max = 16,
                              .depth_max = 3};

struct Outcome {
  std::vector<Reply> replies;
  std::optional<ReplyError> error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome parse_in_steps(std::string_view bytes, size_t step, const ReplyLimits& limits) {
  ReplyParser parser(limits);
  Outcome outcome;
  for (; !bytes.empty() && !outcome.error; bytes.remove_prefix(std::min(step, bytes.size()))) {
    const auto fed = parser.feed(bytes.substr(0, step), outcome.replies);
    if (!fed) outcome.error = fed.error();
  }
  return outcome;
}

void append_text(std::string& out, char type, std::string_view text) {
  out += type;
  out += text;
  out += "\r\n";
}

void append_reply(std::string& out, const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kNull:
      return append_text(out, '$', "-1");
    case Reply::Kind::kStatus:
      return append_text(out, '+', reply.text);
    case Reply::Kind::kError:
      return append_text(out, '-', reply.text);
    case Reply::Kind::kInteger:
      return append_text(out, ':', std::to_string(reply.integer));
    case Reply::Kind::kBulk:
      append_text(out, '$', std::to_string(reply.text.size()));
      out += reply.text;
      out += "\r\n";
      return;
    case Reply::Kind::kArray:
      append_text(out, '*', std::to_string(reply.elements.size()));
      for (const Reply& element : reply.elements) append_reply(out, element);
      return;
  }
}

void check_bounds(const Reply& reply, size_t depth, size_t& element_count) {
  CARILLON_ASSERT(reply.text.size() <= kLimits.bulk_bytes_max);
  if (!reply.is_array()) return;
  CARILLON_ASSERT(depth < kLimits.depth_max);
  element_count += reply.elements.size();
  CARILLON_ASSERT(element_count <= kLimits.element_count_max);
  for (const Reply& element : reply.elements) check_bounds(element, depth + 1, element_count);
}

void check_command(std::string_view bytes, size_t step) {
  std::vector<std::string_view> args;
  for (; args.empty() || !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    args.push_back(bytes.substr(0, step));
  }
  std::string out;
  append_command(out, args);
  CARILLON_ASSERT(out.size() == command_bytes(args));
  const Outcome outcome = parse_in_steps(out, step, {});
  CARILLON_ASSERT(!outcome.error && outcome.replies.size() == 1);
  CARILLON_ASSERT(outcome.replies[0].elements.size() == args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    CARILLON_ASSERT(outcome.replies[0].elements[i].text == args[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = parse_in_steps(bytes, SIZE_MAX, kLimits);
  CARILLON_ASSERT(parse_in_steps(bytes, 1, kLimits) == whole);
  CARILLON_ASSERT(parse_in_steps(bytes, step, kLimits) == whole);
  CARILLON_ASSERT(!whole.error || !text_of(*whole.error).empty());

  std::string written;
  for (const Reply& reply : whole.replies) {
    size_t element_count = 0;
    check_bounds(reply, 0, element_count);
    append_reply(written, reply);
  }
  CARILLON_ASSERT(parse_in_steps(written, step, {}).replies == whole.replies);
  check_command(bytes, step);
  return 0;
}
