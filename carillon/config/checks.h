// Whether one text of a setting is well formed; each says what is wrong and what to give, or
// nothing.
#pragma once

#include <string>
#include <string_view>

namespace carillon::config {

std::string check_bind(std::string_view text);
std::string check_optional_bind(std::string_view text);  // may be empty
// A pattern of ALLOWED_HOSTS: a name, an address, ".example.com" or "*", without port or scheme.
std::string check_host_pattern(std::string_view text);
// SCHEME://HOST[:PORT], as a browser sends it.
std::string check_origin(std::string_view text);
std::string check_layer(std::string_view text);
std::string check_host_and_port(std::string_view text);
std::string check_channel_capacity(std::string_view text);  // GLOB=NUMBER
std::string check_endpoint_name(std::string_view text);
std::string check_endpoint_path(std::string_view text);
std::string check_event_type(std::string_view text);
// A channel that any process may read; may be empty.
std::string check_channel_name(std::string_view text);

}  // namespace carillon::config
