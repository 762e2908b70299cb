// Path patterns such as "/ws/mentor/{id}/".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"

namespace carillon::http {

// Immutable once parsed. Each segment is literal or one parameter; the trailing slash is optional
// in the pattern and in the path.
class PathPattern {
 public:
  // Refuses what does not begin with '/', empty segments, braces that are not a whole segment,
  // names other than [a-z][a-z0-9_]*, repeated names, and literals with '%', '?', '#', spaces or
  // control characters (a literal is written decoded).
  static Result<PathPattern, Error> parse(std::string_view text);

  // `path` is percent-encoded, as in Request::path; each segment is decoded once. A parameter is
  // one non-empty segment. No segment holds '/' or NUL after decoding: such a path matches
  // nothing. On true, `params` holds the values in the order of names(); on false, anything.
  bool match(std::string_view path, std::vector<std::string>& params) const;

  const std::vector<std::string>& names() const noexcept { return names_; }
  const std::string& text() const noexcept { return text_; }

 private:
  struct Segment {
    std::string literal;  // empty: a parameter
  };

  std::string text_;
  std::vector<Segment> segments_;
  std::vector<std::string> names_;
};

}  // namespace carillon::http
