// A value or the reason why there is none. Shaped like std::expected, so that it can become it.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "carillon/base/assert.h"

namespace carillon {

// The failing half of a Result, made by `return Err(reason)`.
template <class E>
struct Err {
  explicit Err(E reason) : error(std::move(reason)) {}
  E error;
};
template <class E>
Err(E) -> Err<E>;

// Holds either a T or an E. Reading the half that is not there is a programmer's error and aborts.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class G>
    requires std::is_constructible_v<E, G>
  Result(Err<G> err) : state_(std::in_place_index<1>, std::move(err.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return checked(), *std::get_if<0>(&state_); }
  const T& value() const& { return checked(), *std::get_if<0>(&state_); }
  T&& value() && { return checked(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const E& error() const& {
    CARILLON_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  void checked() const { CARILLON_ASSERT(has_value()); }
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result() = default;
  template <class G>
    requires std::is_constructible_v<E, G>
  Result(Err<G> err) : state_(std::in_place_index<1>, std::move(err.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  const E& error() const& {
    CARILLON_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<std::monostate, E> state_;
};

}  // namespace carillon

#define CARILLON_CONCAT_INNER(a, b) a##b
#define CARILLON_CONCAT(a, b) CARILLON_CONCAT_INNER(a, b)

// CARILLON_TRY(auto claims, verify(token)): binds the value, or returns the error from here.
#define CARILLON_TRY(declaration, expression) \
  CARILLON_TRY_INNER(CARILLON_CONCAT(result_, __LINE__), declaration, expression)
#define CARILLON_TRY_INNER(result, declaration, expression)       \
  auto result = (expression);                                     \
  if (!result) return ::carillon::Err(std::move(result.error())); \
  declaration = std::move(*result)
