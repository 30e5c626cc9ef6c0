// A value or the reason there is none: the model library reports errors by value and never throws
// across its interface.
#pragma once

#include <heed/heed.h>

#include <string>
#include <utility>
#include <variant>

namespace heed {

struct Error {
  heed_status status;  ///< HEED_BAD_FILE, HEED_WRONG_VALUE, ... ; never HEED_OK
  std::string message; ///< where, what and what was expected; no trailing newline
};

template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return std::get<0>(state); }
  const T &operator*() const { return std::get<0>(state); }
  T *operator->() { return &std::get<0>(state); }
  const T *operator->() const { return &std::get<0>(state); }
  const Error &error() const { return std::get<1>(state); }

private:
  std::variant<T, Error> state;
};

/// Success carries nothing.
using Status = Result<std::monostate>;
inline Status success() { return std::monostate{}; }

} // namespace heed
