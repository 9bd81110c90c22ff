// Calls what reads the text of one Service. What it throws against expectation (a JSON library
// asked for the wrong type, memory refused) holds that Service and ends nothing else. Internal to
// the translator.
#pragma once

#include "controller/translate/spec.h"

#include <exception>
#include <expected>
#include <type_traits>

namespace ropewalk::controller {

template <class T>
struct Guarded {
  using Type = std::expected<T, Problem>;
};
template <class T>
struct Guarded<std::expected<T, Problem>> {
  using Type = std::expected<T, Problem>;
};

template <class Read>
typename Guarded<std::invoke_result_t<Read>>::Type guarded(Read&& read) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Read>>) {
      read();
      return {};
    } else {
      return read();
    }
  } catch (const std::exception& error) {
    return std::unexpected(
        Problem{kInvalidAnnotation,
                std::string("the ropewalk.dev/ annotations cannot be read: ") + error.what()});
  }
}

}  // namespace ropewalk::controller
