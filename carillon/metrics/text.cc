#include "carillon/metrics/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "carillon/base/assert.h"

namespace carillon::metrics {
namespace {

void append_escaped(std::string& out, std::string_view text, bool is_quoted) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (is_quoted && c == '"')) out += '\\';
    out += c;
  }
}

}  // namespace

bool is_metric_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':';
  });
}

std::string render_labels(Labels labels) {
  std::ranges::sort(labels);
  std::string out;
  for (const auto& [key, value] : labels) {
    CARILLON_ASSERT(is_metric_name(key));
    if (!out.empty()) out += ',';
    out += key;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  return out;
}

std::string escape_help(std::string_view help) {
  std::string out;
  append_escaped(out, help, false);
  return out;
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

}  // namespace carillon::metrics
