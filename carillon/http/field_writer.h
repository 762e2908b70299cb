// Header fields to bytes, for requests and responses alike.
#pragma once

#include <string>
#include <string_view>

namespace carillon::http {

// Appends "name: value" and a line end. Control characters become spaces, so that neither can end
// the line or the head.
void append_field(std::string& out, std::string_view name, std::string_view value);

}  // namespace carillon::http
