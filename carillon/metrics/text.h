// The small pieces of Prometheus's text format 0.0.4. Pure.
#pragma once

#include <string>
#include <string_view>

#include "carillon/metrics/registry.h"

namespace carillon::metrics {

// [a-zA-Z_:][a-zA-Z0-9_:]*
bool is_metric_name(std::string_view name);

// `key="value",key="value"`, sorted by key so that one set of labels has one spelling.
std::string render_labels(Labels labels);

// Backslash and newline escaped.
std::string escape_help(std::string_view help);

// The shortest text that reads back as the same double; +Inf, -Inf and NaN as the format has them.
void append_number(std::string& out, double value);

}  // namespace carillon::metrics
