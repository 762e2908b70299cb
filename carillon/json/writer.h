// Value to text: compact, members in order, UTF-8 as it is, only RFC 8259's mandatory escapes.
#pragma once

#include <string>
#include <string_view>

#include "carillon/json/value.h"

namespace carillon::json {

// Appends `value`; what was parsed parses again to an equal value.
void append_json(std::string& out, const Value& value);
std::string to_json(const Value& value);

// Appends `text` with its quotes. It must be UTF-8: its bytes are not checked.
void append_json_string(std::string& out, std::string_view text);

}  // namespace carillon::json
