// What was captured of channels_redis: tests/fixtures/channels_redis_vectors.json.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "carillon/base/base64.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::layer::test {

// A section, or what lies in it: null when the file has no such thing, which fails the test.
inline const json::Value& vectors(std::string_view section) {
  static const json::Value all = [] {
    std::ifstream file(CARILLON_FIXTURES "/channels_redis_vectors.json");
    auto value = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    EXPECT_TRUE(value) << "the fixture cannot be read";
    return value ? *std::move(value) : json::Value();
  }();
  static const json::Value none;
  const json::Value* found = all.find(section);
  EXPECT_NE(found, nullptr) << section;
  return found == nullptr ? none : *found;
}

inline const json::Value& member(const json::Value& object, std::string_view key) {
  static const json::Value none;
  const json::Value* found = object.find(key);
  EXPECT_NE(found, nullptr) << key << " in " << json::to_json(object);
  return found == nullptr ? none : *found;
}

inline std::string text(const json::Value& object, std::string_view key) {
  const std::string* found = member(object, key).as_string();
  EXPECT_NE(found, nullptr) << key;
  return found == nullptr ? std::string() : *found;
}

inline size_t count(const json::Value& object, std::string_view key) {
  return member(object, key).as_uint64().value_or(0);
}

inline bool flag(const json::Value& object, std::string_view key) {
  return member(object, key).as_bool().value_or(false);
}

inline const json::Value::Array& list(const json::Value& value) {
  static const json::Value::Array none;
  EXPECT_TRUE(value.is_array() && !value.as_array()->empty());
  return value.is_array() ? *value.as_array() : none;
}

inline const json::Value::Object& members(const json::Value& value) {
  static const json::Value::Object none;
  EXPECT_TRUE(value.is_object() && !value.as_object()->empty());
  return value.is_object() ? *value.as_object() : none;
}

inline std::string from_hex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

inline std::string bytes(const json::Value& object, std::string_view key) {
  return from_hex(text(object, key));
}

// The bytes behind {"$bin": hex} and the like; null for anything else.
inline const std::string* marked(const json::Value& value, std::string_view mark) {
  const json::Value* found = value.find(mark);
  return found == nullptr ? nullptr : found->as_string();
}

// What the reader makes of a captured value: bytes as base64, floats as Python prints them.
inline json::Value as_read(const json::Value& value) {
  if (const std::string* hex = marked(value, "$bin")) {
    return json::Value(base64_encode(as_bytes(from_hex(*hex))));
  }
  if (marked(value, "$f64") != nullptr) {
    return json::Value::number_from_text(text(value, "repr"));
  }
  if (const json::Value::Array* elements = value.as_array()) {
    json::Value::Array read;
    for (const json::Value& element : *elements) read.push_back(as_read(element));
    return json::Value::array(std::move(read));
  }
  if (const json::Value::Object* all = value.as_object()) {
    json::Value::Object read;
    for (const auto& [key, each] : *all) read.push_back({key, as_read(each)});
    return json::Value::object(std::move(read));
  }
  return value;
}

}  // namespace carillon::layer::test
