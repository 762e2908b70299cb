#include "carillon/json/value.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "carillon/base/assert.h"
#include "carillon/json/number.h"

namespace carillon::json {
namespace {

template <class I>
std::optional<I> parse_integer(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  I number = 0;
  const char* const last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, number);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

}  // namespace

// Not inline: the variant is whole only once Member is, and GCC 12 warns of uninitialised members
// wherever it inlines a variant's move.
Value::Value() noexcept = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value::Value(bool flag, std::in_place_t) : state_(std::in_place_type<bool>, flag) {}
Value::Value(std::string text) : state_(std::in_place_type<std::string>, std::move(text)) {}
Value::Value(std::string_view text) : state_(std::in_place_type<std::string>, text) {}
Value::Value(const char* text) : state_(std::in_place_type<std::string>, text) {}

Value::Value(double number) {
  if (std::isfinite(number)) state_ = Number{shortest_text(number)};
}

Value Value::array() {
  return array(Array());
}

Value Value::array(Array elements) {
  Value value;
  value.state_ = std::move(elements);
  return value;
}

Value Value::object() {
  return object(Object());
}

Value Value::object(Object members) {
  Value value;
  value.state_ = std::move(members);
  return value;
}

Value Value::number_from_text(std::string text) {
  CARILLON_DCHECK(is_number_text(text));
  Value value;
  value.state_ = Number{std::move(text)};
  return value;
}

std::optional<bool> Value::as_bool() const noexcept {
  const bool* flag = std::get_if<bool>(&state_);
  return flag == nullptr ? std::nullopt : std::optional(*flag);
}

std::optional<int64_t> Value::as_int64() const noexcept {
  return parse_integer<int64_t>(number_text());
}

std::optional<uint64_t> Value::as_uint64() const noexcept {
  return parse_integer<uint64_t>(number_text());
}

std::optional<double> Value::as_double() const noexcept {
  const std::string* text = number_text();
  return text == nullptr ? std::nullopt : nearest_double(*text);
}

const std::string* Value::number_text() const noexcept {
  const Number* number = std::get_if<Number>(&state_);
  return number == nullptr ? nullptr : &number->text;
}

const std::string* Value::as_string() const noexcept {
  return std::get_if<std::string>(&state_);
}

Value::Array* Value::as_array() noexcept {
  return std::get_if<Array>(&state_);
}

const Value::Array* Value::as_array() const noexcept {
  return std::get_if<Array>(&state_);
}

Value::Object* Value::as_object() noexcept {
  return std::get_if<Object>(&state_);
}

const Value::Object* Value::as_object() const noexcept {
  return std::get_if<Object>(&state_);
}

const Value* Value::find(std::string_view key) const noexcept {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  for (const Member& member : *members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

void Value::set(std::string key, Value value) {
  Object* members = as_object();
  CARILLON_ASSERT(members != nullptr);
  for (Member& member : *members) {
    if (member.key != key) continue;
    member.value = std::move(value);
    return;
  }
  members->push_back({std::move(key), std::move(value)});
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Kind::kNumber:
      return *a.number_text() == *b.number_text();
    case Kind::kString:
      return *a.as_string() == *b.as_string();
    case Kind::kArray:
      return *a.as_array() == *b.as_array();
    case Kind::kObject:
      return std::equal(a.as_object()->begin(), a.as_object()->end(), b.as_object()->begin(),
                        b.as_object()->end(),
                        [](const Value::Member& left, const Value::Member& right) {
                          return left.key == right.key && left.value == right.value;
                        });
  }
  return false;
}

}  // namespace carillon::json
