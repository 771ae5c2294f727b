#include "terminal/screen.h"

#include <utf8proc.h>

namespace dragoman {
namespace {

/// Calls with(bytes, columns) for each character until it says false.
template <class With>
void for_each_character(std::string_view text, With with) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = 0;
    const utf8proc_ssize_t read = utf8proc_iterate(bytes + at, utf8proc_ssize_t(text.size() - at), &point);
    const std::size_t count = read > 0 ? std::size_t(read) : 1;
    if (!with(text.substr(at, count), read > 0 ? utf8proc_charwidth(point) : 1)) return;
    at += count;
  }
}

}  // namespace

int columns_of(std::string_view text) {
  int columns = 0;
  for_each_character(text, [&](std::string_view, int width) {
    columns += width;
    return true;
  });
  return columns;
}

std::string fitted(std::string_view text, int columns) {
  if (columns_of(text) <= columns) return std::string(text) + std::string(std::size_t(columns - columns_of(text)), ' ');
  std::string result;
  int used = 0;
  for_each_character(text, [&](std::string_view character, int width) {
    if (used + width > columns - 1) return false;
    result += character;
    used += width;
    return true;
  });
  return result + "…" + std::string(std::size_t(columns - 1 - used), ' ');
}

}  // namespace dragoman
