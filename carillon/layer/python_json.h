// JSON as Python's json module writes and reads it by default, where that differs from ours.
#pragma once

#include <string>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/json/reader.h"
#include "carillon/json/value.h"

namespace carillon::layer {

// json.dumps: `, ` and `: ` between things, everything beyond ASCII escaped, numbers as Python
// prints them.
void append_python_json(std::string& out, const json::Value& value);
void append_python_json_string(std::string& out, std::string_view text);
// Without the braces.
void append_python_json_members(std::string& out, const json::Value::Object& members);

// json.loads, as far as it agrees with RFC 8259, and NaN and Infinity, which become null.
Result<json::Value, json::ParseError> parse_python_json(std::string_view text,
                                                        const json::ParseLimits& limits);

}  // namespace carillon::layer
