// Values to msgpack, byte for byte as Python's msgpack writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/json/value.h"

namespace carillon::msgpack {

// Appends `value`: integers in their shortest form, other numbers as float64, strings as str, the
// members of objects in their order. An integer beyond 64 bits, which msgpack cannot say, becomes
// the nearest float64.
void append_msgpack(std::string& out, const json::Value& value);
std::string to_msgpack(const json::Value& value);

// The members alone, without the map's header, so that one encoding can stand in several maps: the
// map is a header that counts all entries, then these bytes, then further entries.
void append_members(std::string& out, const json::Value::Object& members);

// The pieces. Counts and lengths are below 2^32.
void append_nil(std::string& out);
void append_bool(std::string& out, bool flag);
void append_unsigned(std::string& out, uint64_t number);
void append_signed(std::string& out, int64_t number);
void append_float(std::string& out, double number);
void append_str(std::string& out, std::string_view text);
void append_bin(std::string& out, ByteView bytes);
void append_array_header(std::string& out, size_t count);
void append_map_header(std::string& out, size_t count);

}  // namespace carillon::msgpack
