// Commands to bytes: an array of bulk strings, which is all that Redis needs. Pure.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace carillon::resp {

// Appends one command; its arguments may hold any byte. `args` is not empty.
void append_command(std::string& out, std::span<const std::string_view> args);
void append_command(std::string& out, std::initializer_list<std::string_view> args);

// How many bytes append_command() appends.
size_t command_bytes(std::span<const std::string_view> args);

}  // namespace carillon::resp
