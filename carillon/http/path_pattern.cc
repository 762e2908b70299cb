#include "carillon/http/path_pattern.h"

#include <algorithm>
#include <optional>

#include "carillon/http/uri.h"

namespace carillon::http {
namespace {

Err<Error> bad_pattern(std::string_view text, std::string_view why) {
  return Err(
      Error{"bad_path_pattern", "path pattern \"" + std::string(text) + "\": " + std::string(why)});
}

bool is_name(std::string_view name) noexcept {
  const auto is_name_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), is_name_char);
}

bool is_literal_char(char c) noexcept {
  constexpr std::string_view kRefused = "%?#{}";
  return c > 0x20 && c < 0x7f && kRefused.find(c) == std::string_view::npos;
}

// Takes the next segment off `path`, which begins with '/'; the slash of the next one stays.
std::string_view take_segment(std::string_view& path) noexcept {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// One segment decoded; empty when it may stand for nothing.
std::optional<std::string> decode_segment(std::string_view segment) {
  auto decoded = percent_decode(segment);
  constexpr std::string_view kRefused("/\0", 2);
  if (!decoded || decoded->find_first_of(kRefused) != std::string::npos) return std::nullopt;
  return decoded;
}

}  // namespace

Result<PathPattern, Error> PathPattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return bad_pattern(text, "begin it with '/'");
  PathPattern pattern;
  pattern.text_ = text;
  std::string_view rest = text;
  while (!rest.empty() && rest != "/") {
    const std::string_view segment = take_segment(rest);
    if (segment.empty()) return bad_pattern(text, "leave no segment empty");
    if (std::all_of(segment.begin(), segment.end(), is_literal_char)) {
      pattern.segments_.push_back({std::string(segment)});
      continue;
    }
    if (segment.front() != '{' || segment.back() != '}') {
      return bad_pattern(text, "a segment is {name} or printable ASCII without % ? # { }");
    }
    const std::string_view name = segment.substr(1, segment.size() - 2);
    if (!is_name(name)) return bad_pattern(text, "a name is a-z followed by a-z, 0-9 and _");
    const auto& names = pattern.names_;
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return bad_pattern(text, "use each name once");
    }
    pattern.names_.emplace_back(name);
    pattern.segments_.push_back({});
  }
  return pattern;
}

bool PathPattern::match(std::string_view path, std::vector<std::string>& params) const {
  params.clear();
  if (!path.starts_with('/')) return false;
  for (const Segment& expected : segments_) {
    if (path.empty()) return false;
    const std::string_view segment = take_segment(path);
    if (segment.empty()) return false;
    if (segment == expected.literal) continue;
    const bool is_param = expected.literal.empty();
    if (!is_param && segment.find('%') == std::string_view::npos) return false;
    auto decoded = decode_segment(segment);
    if (!decoded || (!is_param && *decoded != expected.literal)) return false;
    if (is_param) params.push_back(std::move(*decoded));
  }
  return path.empty() || path == "/";
}

}  // namespace carillon::http
