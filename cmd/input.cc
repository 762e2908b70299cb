#include "cmd/input.h"

#include <fmt/core.h>

#include "carillon/config/value.h"
#include "carillon/json/reader.h"

namespace carillon::cmd {
namespace {

constexpr size_t kInputBytesMax = 1U << 20;

std::string_view problem_of(json::ParseError error) {
  switch (error) {
    case json::ParseError::kSyntax:
      return "is not JSON; quote it for the shell: '{\"key\":\"value\"}'";
    case json::ParseError::kTooDeep:
      return "is nested too deeply";
    case json::ParseError::kDuplicateKey:
      return "has a key twice; keep one";
    case json::ParseError::kInvalidUtf8:
      return "is not UTF-8";
    case json::ParseError::kNumber:
      return "has a number that JSON cannot hold";
    case json::ParseError::kTooLarge:
      return "is larger than 1 MiB";
  }
  return {};
}

}  // namespace

Result<std::string, Error> read_all(std::FILE* file) {
  std::string text(kInputBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (text.size() <= kInputBytesMax) return text;
  return Err(Error{"too_long", "standard input: is larger than 1 MiB"});
}

Result<std::string, Error> argument_or_input(const std::string& argument,
                                             std::FILE* input,
                                             bool is_interactive) {
  const bool is_read = argument == "-" || (argument.empty() && !is_interactive);
  if (!is_read) return argument;
  CARILLON_TRY(const std::string text, read_all(input));
  return std::string(config::trim(text));
}

Result<json::Value, Error> parse_json_argument(std::string_view text, std::string_view what) {
  auto value = json::parse(config::trim(text).empty() ? "null" : text);
  if (value) return *std::move(value);
  return Err(Error{"bad_json", fmt::format("{}: {}", what, problem_of(value.error()))});
}

}  // namespace carillon::cmd
