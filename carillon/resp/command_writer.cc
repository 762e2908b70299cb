#include "carillon/resp/command_writer.h"

#include <charconv>

#include "carillon/base/assert.h"

namespace carillon::resp {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kDigitsMax = 20;  // of 2^64 - 1

void append_header(std::string& out, char type, size_t number) {
  char digits[kDigitsMax];
  const auto [end, error] = std::to_chars(digits, digits + kDigitsMax, number);
  out += type;
  out.append(digits, end);
  out += kLineEnd;
}

size_t header_bytes(size_t number) {
  size_t digit_count = 1;
  for (; number >= 10; number /= 10) ++digit_count;
  return 1 + digit_count + kLineEnd.size();
}

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> args) {
  CARILLON_DCHECK(!args.empty());
  append_header(out, '*', args.size());
  for (const std::string_view arg : args) {
    append_header(out, '$', arg.size());
    out += arg;
    out += kLineEnd;
  }
}

void append_command(std::string& out, std::initializer_list<std::string_view> args) {
  append_command(out, std::span(args.begin(), args.size()));
}

size_t command_bytes(std::span<const std::string_view> args) {
  size_t byte_count = header_bytes(args.size());
  for (const std::string_view arg : args) {
    byte_count += header_bytes(arg.size()) + arg.size() + kLineEnd.size();
  }
  return byte_count;
}

}  // namespace carillon::resp
