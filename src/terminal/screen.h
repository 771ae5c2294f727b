#pragma once
// What the conversation writes to.

#include <ostream>
#include <string>
#include <string_view>

namespace dragoman {

/// A place for text that may be a terminal, whose colours and width are known, or a pipe, where only plain text goes.
struct Screen {
  std::ostream& out;
  bool is_terminal = false;
  bool has_colours = false;  ///< 256 of them
  int width = 80;            ///< columns

  /// The text in a quiet colour, for what is not the translation itself.
  std::string quiet(std::string_view text) const { return painted("\033[38;5;245m", text); }
  std::string strong(std::string_view text) const { return painted("\033[1m", text); }
  std::string painted(std::string_view style, std::string_view text) const {
    return has_colours ? std::string(style) + std::string(text) + "\033[0m" : std::string(text);
  }
};

/// Columns that a text takes on a terminal: wide characters take two, combining ones none.
int columns_of(std::string_view text);

/// The text filled up with spaces to `columns`, or cut to them with an ellipsis.
std::string fitted(std::string_view text, int columns);

}  // namespace dragoman
