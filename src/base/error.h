#pragma once
// Throwing errors that read well.

#include <fmt/format.h>

#include <utility>

#include "dragoman/error.h"

namespace dragoman {

/// Throws Error with a formatted text: fail("{} line {}: {} columns, expected {}", path, line, found, expected).
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

/// Throws Error unless `condition` holds. For conditions that users control; assert() is for our own mistakes.
template <class... Args>
void require(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace dragoman
