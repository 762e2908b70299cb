// A JSON document as an owning tree that keeps the order of members and the text of numbers.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace carillon::json {

enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

// One node with all that lies under it: null unless told otherwise.
//
// A plain value: copied deeply, moved cheaply, no thread affinity. Numbers keep the text they came
// with, so 1.0 stays 1.0 and 18446744073709551615 stays exact. Strings are UTF-8; the parser makes
// sure of it, other makers must.
class Value {
 public:
  using Array = std::vector<Value>;
  struct Member;  // {std::string key; Value value;}
  using Object = std::vector<Member>;

  Value() noexcept;
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  template <std::same_as<bool> B>  // exact, so that no pointer becomes a boolean
  Value(B flag);
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  Value(I number);
  // As Python prints it: 1.0, 0.1, 1e+16. Null when not finite, which JSON cannot say.
  Value(double number);
  Value(std::string text);
  Value(std::string_view text);
  Value(const char* text);
  Value(std::nullptr_t) = delete;  // Value() is null

  static Value array();
  static Value array(Array elements);
  static Value object();
  static Value object(Object members);
  // The caller vouches for RFC 8259 §6's grammar: the text is printed as it is.
  static Value number_from_text(std::string text);

  Kind kind() const noexcept { return static_cast<Kind>(state_.index()); }
  bool is_null() const noexcept { return kind() == Kind::kNull; }
  bool is_bool() const noexcept { return kind() == Kind::kBool; }
  bool is_number() const noexcept { return kind() == Kind::kNumber; }
  bool is_string() const noexcept { return kind() == Kind::kString; }
  bool is_array() const noexcept { return kind() == Kind::kArray; }
  bool is_object() const noexcept { return kind() == Kind::kObject; }

  // Empty when of another kind, and when the number is not written as an integer (1.0, 1e3) or
  // does not fit.
  std::optional<bool> as_bool() const noexcept;
  std::optional<int64_t> as_int64() const noexcept;
  std::optional<uint64_t> as_uint64() const noexcept;
  // The nearest double; empty when that is not finite.
  std::optional<double> as_double() const noexcept;

  // Null when of another kind. Good until this value is assigned to, moved from or destroyed.
  const std::string* number_text() const noexcept;
  const std::string* as_string() const noexcept;
  Array* as_array() noexcept;
  const Array* as_array() const noexcept;
  Object* as_object() noexcept;
  const Object* as_object() const noexcept;

  // The member's value; null when there is none and when this is not an object. Linear.
  const Value* find(std::string_view key) const noexcept;
  // Replaces the member where it stands, or appends it. Only on an object.
  void set(std::string key, Value value);

  // Same kind, same text of numbers, same order of members.
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Number {
    std::string text;
  };

  Value(bool flag, std::in_place_t);

  // In the order of Kind.
  std::variant<std::monostate, bool, Number, std::string, Array, Object> state_;
};

struct Value::Member {
  std::string key;
  Value value;
};

template <std::same_as<bool> B>
Value::Value(B flag) : Value(flag, std::in_place) {}

template <std::integral I>
  requires(!std::same_as<I, bool>)
Value::Value(I number) : Value(number_from_text(std::to_string(number))) {}

}  // namespace carillon::json
